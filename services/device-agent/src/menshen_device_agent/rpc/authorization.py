"""Who may call a device agent."""

from menshen_servicekit.authorization import Allow, AuthorizationTable
from menshen_servicekit.identity import Role

_DEVICE = "/menshen.device.v1.DeviceService/"
_WATCHERS = (Allow(Role.OPERATOR), Allow(Role.GUARD))
_OPERATORS = (Allow(Role.OPERATOR),)

TABLE = AuthorizationTable(
    {
        _DEVICE + "GetStatus": _WATCHERS,
        _DEVICE + "WatchDoors": _WATCHERS,
        _DEVICE + "WatchLanes": _WATCHERS,
        _DEVICE + "OperateDoor": (Allow(Role.OPERATOR), Allow(Role.GUARD)),
        _DEVICE + "ResetRelease": _OPERATORS,
    }
)
