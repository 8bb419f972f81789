"""The sources of facts, and how long each may be silent."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from menshen_rulebook.mapping import Faults


@dataclass(frozen=True, slots=True)
class FactSource:
    """A source of facts, stale once it has reported nothing about anybody for longer than `silent_after_ms`."""

    source_id: str
    silent_after_ms: int


def stale_sources(sources: Iterable[FactSource], reported_at_ms: Mapping[str, int], now_ms: int) -> frozenset[str]:
    """Those past their bound, which is inclusive; one that never reported is."""
    return frozenset(
        source.source_id
        for source in sources
        if now_ms - reported_at_ms.get(source.source_id, 0) > source.silent_after_ms
    )


def check_sources(sources: Iterable[FactSource], faults: Faults) -> None:
    """Note what a plan may not say of its sources though its form is right."""
    for place, source in enumerate(sources):
        if not source.silent_after_ms:
            faults.add(f"sources[{place}].silent_after", "大于零的时长", "a duration above zero")
