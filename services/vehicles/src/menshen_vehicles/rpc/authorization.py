"""Who may call what. Everything not named here is PERMISSION_DENIED."""

from menshen_servicekit.authorization import Allow, AuthorizationTable
from menshen_servicekit.identity import Role

_PREFIX = "/menshen.vehicles.v1.VehicleService/"
_OFFICE = (Allow(Role.OPERATOR),)

TABLE = AuthorizationTable(
    {
        _PREFIX + method: allows
        for method, allows in {
            "PutVehicle": _OFFICE,
            "GetVehicle": _OFFICE,
            "ListVehicles": _OFFICE,
            "GrantPermit": _OFFICE,
            "ChangePermitState": _OFFICE,
            "SuspendVehicle": _OFFICE,
            "LiftSuspension": _OFFICE,
            "RecordTest": _OFFICE,
            "AnnounceVehicle": _OFFICE,
            "CancelVehicleVisit": _OFFICE,
            "BindTag": _OFFICE,
            "ReleaseTag": _OFFICE,
            "ReportTagLost": _OFFICE,
            "ImportVehicles": _OFFICE,
            "WatchVehicles": (Allow(Role.SERVICE, "access"),),
        }.items()
    }
)
