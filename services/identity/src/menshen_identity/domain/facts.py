"""Facts: typed, dated attributes of a cardholder, with their source."""

from dataclasses import dataclass

from menshen_identity.domain.words import Fault, code_fault, line_fault, present, window_fault

MAX_AHEAD_MS = 300_000
"""A report may be dated this far ahead of our clock; one further ahead would lock out every later report."""


@dataclass(frozen=True, slots=True)
class Fact:
    """Holds in [valid_from_ms, valid_to_ms), zero for an open end; `reported_at_ms` is when the source said so."""

    type: str
    value: str
    source: str
    valid_from_ms: int
    valid_to_ms: int
    reported_at_ms: int


def fact_faults(fact: Fact, now_ms: int) -> tuple[Fault, ...]:
    """Every field that is wrong in a report."""
    is_dated = 0 < fact.reported_at_ms <= now_ms + MAX_AHEAD_MS
    return present(
        (
            code_fault("type", fact.type),
            line_fault("value", fact.value, 200),
            code_fault("source", fact.source),
            window_fault("valid_to_ms", fact.valid_from_ms, fact.valid_to_ms),
            None
            if is_dated
            else Fault("reported_at_ms", "不晚于当前时间的上报时间", "the time of the report, not in the future"),
        )
    )
