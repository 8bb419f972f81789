"""Times as people write them in files."""

from datetime import date, datetime, time, timedelta, tzinfo

EXPECTED_ZH = "ISO 8601 日期或时间,或毫秒时间戳"
EXPECTED_EN = "an ISO 8601 date or time, or epoch milliseconds"


def instant_ms(text: str, zone: tzinfo, *, is_end: bool = False) -> int | None:
    """Epoch milliseconds of a date (its start, or as an end the start of the next day), a time, or a number.

    "" is 0: no bound. A time without an offset is the university's. None when it is none of these.
    """
    if not text:
        return 0
    if text.isascii() and text.isdecimal():
        return int(text) if len(text) <= 15 else None
    try:
        if len(text) == 10:
            day = date.fromisoformat(text) + timedelta(days=1 if is_end else 0)
            moment = datetime.combine(day, time.min, zone)
        else:
            moment = datetime.fromisoformat(text)
            moment = moment if moment.tzinfo else moment.replace(tzinfo=zone)
        at_ms = round(moment.timestamp() * 1000)
    except (ValueError, OverflowError):
        return None
    return at_ms if at_ms > 0 else None
