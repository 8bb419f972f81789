"""What subjects belong to: a category, and units. A unit is a group."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Final, NamedTuple

from menshen_rulebook.records import RecordMalformedError, RecordSchemaUnknownError, unpack

from menshen_access.domain.events import DECISIONS
from menshen_access.domain.history import Entry
from menshen_access.domain.told_versions import is_before_restore

MOST_DAYS_AT_ONCE: Final = 140


class Membership(NamedTuple):
    """Of one subject, or of several together; each word once, ascending."""

    categories: tuple[str, ...] = ()
    units: tuple[str, ...] = ()


UNKNOWN = Membership()

Version = tuple[str, int]
"""(subject id, version of its record)."""


def membership_of(record: bytes) -> Membership:
    """What a packed record says; UNKNOWN for a removed subject, and for bytes that are no record."""
    try:
        subject = unpack(record)
    except (RecordMalformedError, RecordSchemaUnknownError):
        return UNKNOWN
    return Membership(_words([subject.category]), _words(subject.groups))


def _words(said: Iterable[str]) -> tuple[str, ...]:
    """A history stores no control characters."""
    return tuple(sorted({word for word in said if word and word.isprintable()}))


def together(memberships: Sequence[Membership]) -> Membership:
    """What several subjects belong to."""
    if len(memberships) == 1:
        return memberships[0]
    categories = {word for one in memberships for word in one.categories}
    units = {word for one in memberships for word in one.units}
    return Membership(tuple(sorted(categories)), tuple(sorted(units)))


def versions_of(entry: Entry, epoch: int) -> tuple[Version, ...]:
    """The records that a decision was made on; none for any other event, or where it does not say.

    None either for a decision of before the restore that began the epoch: its versions may have been given anew.
    """
    if entry.event.kind not in DECISIONS or is_before_restore(entry.event, epoch):
        return ()
    versions = entry.event.identity.get("subject_versions", ())
    if not isinstance(versions, list) or len(versions) != len(entry.subject_ids):
        return ()
    pairs = zip(entry.subject_ids, versions, strict=True)
    return tuple((name, version) for name, version in pairs if isinstance(version, int) and 0 <= version < 1 << 63)


def windows(first: date, last: date) -> list[tuple[date, date]]:
    """The days from the last to the first, in windows of 1, 1, 2, 4, … days: as long as all before, up to a bound.

    A statement locks every partition it may read, and a server as installed has not room for years of them.
    """
    found: list[tuple[date, date]] = []
    end, days = last, 1
    while end >= first:
        start = max(first, end - timedelta(days=days - 1))
        found.append((start, end))
        days = min((last - start).days + 1, MOST_DAYS_AT_ONCE)
        end = start - timedelta(days=1)
    return found
