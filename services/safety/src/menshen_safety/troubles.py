"""Everything safety refuses, in both languages."""

from menshen_servicekit.status import DomainError, Trouble

from menshen_safety.domain.zones import ResetBar

ZONE_UNKNOWN = "ZONE_UNKNOWN"


def alarm_unknown() -> DomainError:
    return DomainError(Trouble.NOT_FOUND, "ALARM_UNKNOWN", "没有这条警报", "no such alarm")


def alarm_closed() -> DomainError:
    return DomainError(Trouble.CONFLICT, "ALARM_CLOSED", "警报已关闭", "the alarm is closed")


def zone_unknown() -> DomainError:
    return DomainError(Trouble.NOT_FOUND, ZONE_UNKNOWN, "没有这个消防区", "no such zone")


def reset_barred(bar: ResetBar) -> DomainError:
    zh, en = _BARS[bar]
    return DomainError(Trouble.CONFLICT, bar.value, zh, en)


_BARS = {
    ResetBar.PANEL_IN_ALARM: ("消防主机仍在报警，不能复位", "the fire panel is still in alarm"),
    ResetBar.NOT_RELEASED: ("该消防区没有释放", "the zone is not released"),
}
