"""Who may call what, written down apart from the services' own tables."""

OPERATORS = frozenset({"operator of all sites", "operator of the site"})
STAFF = OPERATORS | {"guard of the site"}
AGENT = frozenset({"agent of the site"})
ACCESS, SAFETY, PORTAL = (frozenset({f"service {name}"}) for name in ("access", "safety", "portal"))

_ALLOWED: dict[str, dict[str, frozenset[str]]] = {
    "identity.v1.IdentityService": {
        **dict.fromkeys(("PutOrganisation", "ListOrganisations", "CreateCardholder", "UpdateCardholder"), OPERATORS),
        **dict.fromkeys(("ListCardholders", "IssueCredential", "ChangeCredentialState", "FindCredential"), OPERATORS),
        **dict.fromkeys(
            ("SetPin", "ReportFact", "ReportSource", "AddListEntry", "EndListEntry", "ImportCardholders"), OPERATORS
        ),
        **dict.fromkeys(("CreateVisit", "CancelVisit", "ListVisits"), OPERATORS),
        "IssueCode": OPERATORS,
        "GetCardholder": STAFF,
        **dict.fromkeys(("WatchSubjects", "WatchSources", "RetireCredential"), ACCESS),
    },
    "vehicles.v1.VehicleService": {
        **dict.fromkeys(("PutVehicle", "ListVehicles", "GrantPermit", "ChangePermitState"), OPERATORS),
        **dict.fromkeys(("SuspendVehicle", "LiftSuspension", "RecordTest"), OPERATORS),
        **dict.fromkeys(("AnnounceVehicle", "CancelVehicleVisit"), OPERATORS),
        **dict.fromkeys(("BindTag", "ReleaseTag", "ReportTagLost", "ImportVehicles", "GetVehicle"), OPERATORS),
        "WatchVehicles": ACCESS,
    },
    "safety.v1.AlarmService": {
        "RaiseAlarm": OPERATORS | AGENT | ACCESS,
        **dict.fromkeys(("AcknowledgeAlarm", "AssignAlarm", "CloseAlarm", "ListAlarms", "WatchAlarms"), STAFF),
    },
    "safety.v1.ReleaseService": {
        **dict.fromkeys(("PutZone", "ResetRelease"), OPERATORS),
        **dict.fromkeys(("ListZones", "RaiseRelease", "ListReleaseDoors"), STAFF),
        "HoldZones": AGENT,
    },
    "access.v1.AccessService": {
        **dict.fromkeys(("Authorize", "UploadEvents", "SyncEdge"), AGENT),
        "Decide": AGENT | OPERATORS,
    },
    "access.v1.AdministrationService": {
        **dict.fromkeys(("PutPlan", "AssignAccessLevel", "RevokeAccessLevel", "ListAssignments"), OPERATORS),
        **dict.fromkeys(("ValidatePolicy", "ActivatePolicy", "ListPolicies", "GetProjection"), OPERATORS),
        **dict.fromkeys(("DraftPolicy", "CheckPolicy", "ApprovePolicy", "RejectPolicy", "SchedulePolicy"), OPERATORS),
        **dict.fromkeys(("WithdrawPolicy", "GetPolicy", "WatchNotices", "AcknowledgeNotices"), OPERATORS),
        **dict.fromkeys(("CloseAccessPoint", "ReopenAccessPoint", "ApproveClosure"), OPERATORS),
        "ListClosures": STAFF,
        **dict.fromkeys(("OperateAccessPoint", "ListOrders"), STAFF),
        **dict.fromkeys(("GetPlan", "RaiseHold", "ListHolds", "ListThreatLevels", "GetOccupancy"), STAFF | SAFETY),
        **dict.fromkeys(("ReleaseHold", "SetThreatLevel", "ForgivePresence"), OPERATORS | SAFETY),
    },
    "access.v1.EventService": {
        **dict.fromkeys(("ListEvents", "ExplainEvent", "ListMuster", "VerifyChain"), OPERATORS),
        "WatchEvents": OPERATORS | SAFETY,
    },
    "access.v1.OwnRecordsService": {"ListOwnEvents": PORTAL},
    "access.v1.ArchiveService": {"ExportHistory": OPERATORS},
    "access.v1.RetentionService": {
        **dict.fromkeys(("PlaceLegalHold", "EndLegalHold", "ListLegalHolds", "ListRetentionRuns"), OPERATORS),
    },
    "access.v1.ReportService": {
        **dict.fromkeys(("CountPassages", "CountRefusals", "ListOverstays"), OPERATORS),
        **dict.fromkeys(("ListWithoutPassage", "ListUnusedCredentials", "CountMuster"), OPERATORS),
    },
    "access.v1.GuardingService": dict.fromkeys(("ListTrips", "RollBackPolicy"), OPERATORS),
    "access.v1.GuardedChangeService": dict.fromkeys(("ApprovePlan", "ApproveRevocation", "ApproveRemoval"), OPERATORS),
    "access.v1.ForesightService": dict.fromkeys(
        ("WhoCanPass", "WhereCanPass", "ReviewAccess", "ComparePolicy", "Forecast"), OPERATORS
    ),
    "access.v1.ShadowService": dict.fromkeys(
        ("StartShadow", "StopShadow", "ListShadows", "ListShadowDifferences"), OPERATORS
    ),
    "access.v1.ReplayService": dict.fromkeys(("ReplayHistory", "ReplayPresentations"), OPERATORS),
    "access.v1.ReviewService": {
        **dict.fromkeys(("ListReviews", "WatchReviews", "TakeReview", "ResolveReview"), STAFF),
    },
    "device.v1.DeviceService": {
        **dict.fromkeys(("GetStatus", "WatchDoors", "WatchLanes", "OperateDoor"), STAFF),
        "ResetRelease": OPERATORS,
    },
}
ALLOWED = {
    f"/menshen.{service}/{method}": callers
    for service, methods in _ALLOWED.items()
    for method, callers in methods.items()
}
