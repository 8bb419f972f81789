"""Who may call safety."""

from menshen_servicekit.authorization import Allow, AuthorizationTable, SiteRule
from menshen_servicekit.identity import Role

_ALARMS = "/menshen.safety.v1.AlarmService/"
_RELEASES = "/menshen.safety.v1.ReleaseService/"
_STAFF = (Allow(Role.OPERATOR), Allow(Role.GUARD))
_OPERATORS = (Allow(Role.OPERATOR),)

TABLE = AuthorizationTable(
    {
        _ALARMS + "RaiseAlarm": (Allow(Role.AGENT), Allow(Role.SERVICE, "access", SiteRule.ANY), *_OPERATORS),
        _ALARMS + "AcknowledgeAlarm": _STAFF,
        _ALARMS + "AssignAlarm": _STAFF,
        _ALARMS + "CloseAlarm": _STAFF,
        _ALARMS + "ListAlarms": _STAFF,
        _ALARMS + "WatchAlarms": _STAFF,
        _RELEASES + "PutZone": _OPERATORS,
        _RELEASES + "ListZones": _STAFF,
        _RELEASES + "RaiseRelease": _STAFF,
        _RELEASES + "ResetRelease": _OPERATORS,
        _RELEASES + "HoldZones": (Allow(Role.AGENT),),
        _RELEASES + "ListReleaseDoors": _STAFF,
    }
)
