"""Sources of facts as their reports show them."""

from collections.abc import Iterable
from dataclasses import dataclass

from menshen_access.domain.subject_records import FeedChange


@dataclass(frozen=True, slots=True)
class HeardSource:
    """When a source last reported, 0 for never, and whether it was found past its bound."""

    source: str
    reported_at_ms: int
    stale: bool


def last_reports(changes: Iterable[FeedChange]) -> dict[str, int]:
    """The latest report of each source among the facts of these changes."""
    last: dict[str, int] = {}
    for change in changes:
        for fact in change.subject.facts if change.subject is not None else ():
            if fact.source:
                last[fact.source] = max(last.get(fact.source, 0), fact.reported_at_ms)
    return last
