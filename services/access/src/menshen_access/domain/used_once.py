"""When it may be forgotten that something was used: once nothing could present it any more.

A used credential or visit is remembered past the end of its validity by a margin that covers clocks that are wrong,
entries a policy allows after a visit, and events that agents upload late; an opening past its day by the same. What no
record bounds is remembered for good. Who lets a code be valid anew after that issues it anew.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Final

from menshen_rulebook.points import OPENING
from menshen_rulebook.types import FOREVER_MS, Subject

DAY_MS: Final = 86_400_000
MARGIN_MS: Final = 30 * DAY_MS


def is_forgettable(used_id: str, holders: Iterable[Subject], now_ms: int) -> bool:
    """Whether the use may be forgotten. `holders` are all records, old ones too, of those who were let in with it."""
    end_ms = _end_of_day_ms(used_id) if used_id.startswith(OPENING) else _end_of_validity_ms(used_id, holders)
    return end_ms + MARGIN_MS <= now_ms


def _end_of_day_ms(opening_id: str) -> int:
    """A day after the day named, by any clock of the world; never for a name without a day."""
    try:
        day = date.fromisoformat(opening_id.rpartition(":")[2])
    except ValueError:
        return FOREVER_MS
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000) + 2 * DAY_MS


def _end_of_validity_ms(used_id: str, holders: Iterable[Subject]) -> int:
    """The latest end any record gives it; never where none knows it."""
    ends = [end_ms for subject in holders for end_ms in _ends_ms(subject, used_id)]
    return max(ends) if ends else FOREVER_MS


def _ends_ms(subject: Subject, used_id: str) -> Iterable[int]:
    yield from (one.valid_to_ms for one in subject.credentials if one.credential_id == used_id)
    yield from (one.to_ms for one in subject.visits if one.visit_id == used_id)
