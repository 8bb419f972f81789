"""Weekly schedules with holidays and make-up workdays, in a site's fixed offset from UTC."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from menshen_rulebook.vocabulary import DayKind

DAY_MS: Final = 86_400_000
_EPOCH_ORDINAL: Final = date(1970, 1, 1).toordinal()
_HORIZON_DAYS: Final = 15


@dataclass(frozen=True, slots=True)
class Interval:
    """Open in [opens_ms, closes_ms) of local time of day, on these days.

    One that closes earlier than it opens closes on the next day, whatever kind of day that is.
    """

    days: tuple[DayKind, ...]
    opens_ms: int = 0
    closes_ms: int = DAY_MS


@dataclass(frozen=True, slots=True)
class Schedule:
    """Weekly intervals. With `follows_calendar` a holiday has only intervals that name HOLIDAY; a make-up workday has
    those that name MAKE_UP_WORKDAY, or Monday's where none does. Without it every day is its weekday.
    """

    schedule_id: str
    intervals: tuple[Interval, ...] = ()
    follows_calendar: bool = True


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """A date (`2026-10-01`) that is a HOLIDAY or a MAKE_UP_WORKDAY."""

    date: str
    kind: DayKind


class OpenTimes:
    """A schedule joined with a site's calendar and offset, ready to be asked."""

    __slots__ = ("_by_kind", "_calendar", "_offset_ms", "_past_midnight")

    def __init__(self, schedule: Schedule, calendar: dict[int, DayKind], utc_offset_minutes: int) -> None:
        by_kind: dict[DayKind, tuple[tuple[int, int], ...]] = {
            kind: tuple(sorted((i.opens_ms, _closing_ms(i)) for i in schedule.intervals if kind in i.days))
            for kind in DayKind
        }
        by_kind[DayKind.MAKE_UP_WORKDAY] = by_kind[DayKind.MAKE_UP_WORKDAY] or by_kind[DayKind.MON]
        self._by_kind = tuple(by_kind[kind] for kind in DayKind)
        self._past_midnight = any(_closing_ms(interval) > DAY_MS for interval in schedule.intervals)
        self._calendar = calendar if schedule.follows_calendar else {}
        self._offset_ms = utc_offset_minutes * 60_000

    def _day(self, day: int) -> tuple[tuple[int, int], ...]:
        kind = self._calendar.get(day)
        # Day 0 of the epoch was a Thursday.
        return self._by_kind[(day + 3) % 7 + 1 if kind is None else kind]

    def is_open(self, now_ms: int) -> bool:
        """Whether the schedule is open at this instant."""
        day, time_ms = divmod(now_ms + self._offset_ms, DAY_MS)
        # Ascending by opening: whatever comes after the first interval that has not closed opens later still.
        for opens_ms, closes_ms in self._day(day):
            if time_ms < closes_ms:
                if opens_ms <= time_ms:
                    return True
                break
        return self._past_midnight and any(time_ms + DAY_MS < closes_ms for _, closes_ms in self._day(day - 1))

    def next_opening_ms(self, now_ms: int) -> int | None:
        """The first instant after now at which it opens, within 15 days; None when there is none."""
        for instant in self.boundaries(now_ms + 1, now_ms + _HORIZON_DAYS * DAY_MS):
            if self.is_open(instant) and not self.is_open(instant - 1):
                return instant
        return None

    def boundaries(self, from_ms: int, to_ms: int) -> list[int]:
        """The instants in [from_ms, to_ms) at which it may open or close, ascending."""
        first = (from_ms + self._offset_ms) // DAY_MS
        last = (to_ms + self._offset_ms) // DAY_MS
        found = {
            day * DAY_MS + edge - self._offset_ms
            for day in range(first - 1, last + 1)
            for interval in self._day(day)
            for edge in interval
        }
        return sorted(instant for instant in found if from_ms <= instant < to_ms)


def _closing_ms(interval: Interval) -> int:
    return interval.closes_ms + (DAY_MS if interval.closes_ms < interval.opens_ms else 0)


def epoch_day(text: str) -> int | None:
    """Days since 1970-01-01 of an ISO date; None when the text is none."""
    try:
        return date.fromisoformat(text).toordinal() - _EPOCH_ORDINAL
    except ValueError:
        return None


def local_text(at_ms: int, utc_offset_minutes: int) -> str:
    """An instant as local `2026-03-02 08:00`, or empty where no calendar reaches."""
    day, time_ms = divmod(at_ms + utc_offset_minutes * 60_000, DAY_MS)
    ordinal = day + _EPOCH_ORDINAL
    if not 1 <= ordinal <= date.max.toordinal():
        return ""
    minutes = time_ms // 60_000
    return f"{date.fromordinal(ordinal).isoformat()} {minutes // 60:02d}:{minutes % 60:02d}"
