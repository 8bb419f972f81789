"""Sources of facts, and how far each has reported."""

from dataclasses import dataclass

from menshen_identity.domain.facts import MAX_AHEAD_MS
from menshen_identity.domain.words import Fault, code_fault, present


@dataclass(frozen=True, slots=True)
class FactSource:
    """Everything the source knew up to `complete_to_ms` was reported, also when nothing had changed."""

    source: str
    complete_to_ms: int


def source_faults(given: FactSource, now_ms: int) -> tuple[Fault, ...]:
    """Every field that is wrong. A word from the future would hide an outage until then."""
    is_dated = 0 < given.complete_to_ms <= now_ms + MAX_AHEAD_MS
    return present(
        (
            code_fault("source", given.source),
            None
            if is_dated
            else Fault("complete_to_ms", "不晚于当前时间的时刻", "an instant that is not in the future"),
        )
    )
