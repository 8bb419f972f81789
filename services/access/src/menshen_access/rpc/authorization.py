"""Who may call what of access."""

from menshen_servicekit.authorization import Allow, AuthorizationTable, SiteRule
from menshen_servicekit.identity import Role

_AGENT = Allow(Role.AGENT)
_GUARD = Allow(Role.GUARD)
_OPERATOR = Allow(Role.OPERATOR)
_SAFETY = Allow(Role.SERVICE, "safety", SiteRule.ANY)
_PORTAL = Allow(Role.SERVICE, "portal", SiteRule.ANY)
_MESSAGES = Allow(Role.SERVICE, "messages", SiteRule.ANY)
_ACCESS = "/menshen.access.v1.AccessService/"
_ADMINISTRATION = "/menshen.access.v1.AdministrationService/"
_ARCHIVE = "/menshen.access.v1.ArchiveService/"
_EVENTS = "/menshen.access.v1.EventService/"
_OWN_RECORDS = "/menshen.access.v1.OwnRecordsService/"
_RETENTION = "/menshen.access.v1.RetentionService/"
_REPORTS = "/menshen.access.v1.ReportService/"
_GUARDING = "/menshen.access.v1.GuardingService/"
_GUARDED_CHANGES = "/menshen.access.v1.GuardedChangeService/"
_FORESIGHT = "/menshen.access.v1.ForesightService/"
_SHADOWS = "/menshen.access.v1.ShadowService/"
_REPLAY = "/menshen.access.v1.ReplayService/"
_REVIEWS = "/menshen.access.v1.ReviewService/"

TABLE = AuthorizationTable(
    {
        **{_ACCESS + name: (_AGENT,) for name in ("Authorize", "UploadEvents", "SyncEdge")},
        _ACCESS + "Decide": (_AGENT, _OPERATOR),
        **{
            _ADMINISTRATION + name: (_OPERATOR,)
            for name in (
                "PutPlan",
                "AssignAccessLevel",
                "RevokeAccessLevel",
                "ListAssignments",
                "ValidatePolicy",
                "ActivatePolicy",
                "DraftPolicy",
                "CheckPolicy",
                "ApprovePolicy",
                "RejectPolicy",
                "SchedulePolicy",
                "WithdrawPolicy",
                "GetPolicy",
                "CloseAccessPoint",
                "ReopenAccessPoint",
                "ApproveClosure",
                "ListPolicies",
            )
        },
        _ADMINISTRATION + "WatchNotices": (_OPERATOR, _MESSAGES),
        _ADMINISTRATION + "AcknowledgeNotices": (_OPERATOR, _MESSAGES),
        _ADMINISTRATION + "GetPlan": (_OPERATOR, _GUARD, _SAFETY),
        _ADMINISTRATION + "RaiseHold": (_OPERATOR, _GUARD, _SAFETY),
        _ADMINISTRATION + "ReleaseHold": (_OPERATOR, _SAFETY),
        _ADMINISTRATION + "ListClosures": (_OPERATOR, _GUARD),
        _ADMINISTRATION + "ListHolds": (_OPERATOR, _GUARD, _SAFETY),
        _ADMINISTRATION + "SetThreatLevel": (_OPERATOR, _SAFETY),
        _ADMINISTRATION + "ListThreatLevels": (_OPERATOR, _GUARD, _SAFETY),
        _ADMINISTRATION + "OperateAccessPoint": (_OPERATOR, _GUARD),
        _ADMINISTRATION + "ListOrders": (_OPERATOR, _GUARD),
        _ADMINISTRATION + "ForgivePresence": (_OPERATOR, _SAFETY),
        _ADMINISTRATION + "GetOccupancy": (_OPERATOR, _GUARD, _SAFETY),
        _ADMINISTRATION + "GetProjection": (_OPERATOR,),
        _EVENTS + "ListEvents": (_OPERATOR,),
        _EVENTS + "WatchEvents": (_OPERATOR, _SAFETY),
        _EVENTS + "ExplainEvent": (_OPERATOR,),
        _EVENTS + "ListMuster": (_OPERATOR,),
        _EVENTS + "VerifyChain": (_OPERATOR,),
        _OWN_RECORDS + "ListOwnEvents": (_PORTAL,),
        _ARCHIVE + "ExportHistory": (_OPERATOR,),
        **{
            _RETENTION + name: (_OPERATOR,)
            for name in ("PlaceLegalHold", "EndLegalHold", "ListLegalHolds", "ListRetentionRuns")
        },
        **{
            _REPORTS + name: (_OPERATOR,)
            for name in (
                "CountPassages",
                "CountRefusals",
                "ListOverstays",
                "ListWithoutPassage",
                "ListUnusedCredentials",
                "CountMuster",
            )
        },
        _GUARDING + "ListTrips": (_OPERATOR,),
        _GUARDING + "RollBackPolicy": (_OPERATOR,),
        _GUARDED_CHANGES + "ApprovePlan": (_OPERATOR,),
        _GUARDED_CHANGES + "ApproveRevocation": (_OPERATOR,),
        _GUARDED_CHANGES + "ApproveRemoval": (_OPERATOR,),
        **{
            _FORESIGHT + name: (_OPERATOR,)
            for name in ("WhoCanPass", "WhereCanPass", "ReviewAccess", "ComparePolicy", "Forecast")
        },
        **{
            _SHADOWS + name: (_OPERATOR,)
            for name in ("StartShadow", "StopShadow", "ListShadows", "ListShadowDifferences")
        },
        **{_REPLAY + name: (_OPERATOR,) for name in ("ReplayHistory", "ReplayPresentations")},
        **{
            _REVIEWS + name: (_GUARD, _OPERATOR)
            for name in ("ListReviews", "WatchReviews", "TakeReview", "ResolveReview")
        },
    }
)
