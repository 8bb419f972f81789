"""Sources of facts: how far each has reported, and which decisions take for stale."""

from collections.abc import Sequence
from dataclasses import dataclass

from menshen_rulebook.plan import SitePlan


@dataclass(frozen=True, slots=True)
class HeardSource:
    """A source of facts as identity told of it. `complete_to_ms` is 0 for one that was never heard."""

    source: str
    complete_to_ms: int
    is_stale: bool = False


def stale_by(plan: SitePlan, heard: Sequence[HeardSource], now_ms: int) -> frozenset[str]:
    """The sources of the plan that were not heard within their bound; inclusive, like the age of a fact.

    A source without a bound is never stale.
    """
    known = {one.source: one.complete_to_ms for one in heard}
    return frozenset(
        source.source_id
        for source in plan.fact_sources
        if now_ms - known.get(source.source_id, 0) > source.stale_after_ms
    )


def next_staleness_ms(plan: SitePlan, heard: Sequence[HeardSource], now_ms: int) -> int | None:
    """When the next source becomes stale unless it is heard; None when none will."""
    known = {one.source: one.complete_to_ms for one in heard}
    coming = (known.get(source.source_id, 0) + source.stale_after_ms + 1 for source in plan.fact_sources)
    return min((at for at in coming if at > now_ms), default=None)
