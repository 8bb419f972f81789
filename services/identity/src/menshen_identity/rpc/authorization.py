"""Who may call what. Everything not named here is PERMISSION_DENIED."""

from menshen_servicekit.authorization import Allow, AuthorizationTable
from menshen_servicekit.identity import Role

_PREFIX = "/menshen.identity.v1.IdentityService/"
_OFFICE = (Allow(Role.OPERATOR),)

TABLE = AuthorizationTable(
    {
        _PREFIX + method: allows
        for method, allows in {
            "PutOrganisation": _OFFICE,
            "ListOrganisations": _OFFICE,
            "CreateCardholder": _OFFICE,
            "UpdateCardholder": _OFFICE,
            "GetCardholder": (*_OFFICE, Allow(Role.GUARD)),
            "ListCardholders": _OFFICE,
            "IssueCredential": _OFFICE,
            "IssueCode": _OFFICE,
            "ChangeCredentialState": _OFFICE,
            "RetireCredential": (Allow(Role.SERVICE, "access"),),
            "FindCredential": _OFFICE,
            "SetPin": _OFFICE,
            "ReportFact": _OFFICE,
            "ReportSource": _OFFICE,
            "AddListEntry": _OFFICE,
            "EndListEntry": _OFFICE,
            "CreateVisit": _OFFICE,
            "CancelVisit": _OFFICE,
            "ListVisits": _OFFICE,
            "ImportCardholders": _OFFICE,
            "WatchSubjects": (Allow(Role.SERVICE, "access"),),
            "WatchSources": (Allow(Role.SERVICE, "access"),),
        }.items()
    }
)
