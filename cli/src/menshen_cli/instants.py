"""Instants as a person at this terminal reads them: in the terminal's own zone, or a site's, which is named."""

from datetime import UTC, datetime, timedelta, timezone

from menshen_cli.local.language import LocalError


def date_and_time(at_ms: int) -> str:
    """Epoch milliseconds as `2026-03-02 07:31:05.120 +0800`."""
    local = datetime.fromtimestamp(at_ms / 1000, UTC).astimezone()
    return f"{local:%Y-%m-%d %H:%M:%S}.{at_ms % 1000:03d} {local:%z}"


def site_time(at_ms: int, utc_offset_minutes: int) -> str:
    """Epoch milliseconds as `2026-03-02 07:31:05` of a site's clock; `zone_name` names it."""
    local = datetime.fromtimestamp(at_ms / 1000, timezone(timedelta(minutes=utc_offset_minutes)))
    return f"{local:%Y-%m-%d %H:%M:%S}"


def zone_name(utc_offset_minutes: int) -> str:
    """`UTC+08:00`."""
    sign, minutes = "-" if utc_offset_minutes < 0 else "+", abs(utc_offset_minutes)
    return f"UTC{sign}{minutes // 60:02d}:{minutes % 60:02d}"


def time_of_day(at_ms: int) -> str:
    """Epoch milliseconds as `07:31:05`, for what is near."""
    return f"{datetime.fromtimestamp(at_ms / 1000, UTC).astimezone():%H:%M:%S}"


def epoch_ms(text: str) -> int:
    """`2026-03-02T08:00` as epoch milliseconds, in the terminal's zone unless it names one; LocalError for none."""
    try:
        return int(datetime.fromisoformat(text).astimezone().timestamp() * 1000)
    except (ValueError, OverflowError):
        raise LocalError(
            f"{text!r} is no instant such as 2026-03-02T08:00", f"{text!r} 不是形如 2026-03-02T08:00 的时刻"
        ) from None
