"""What a test on a fact finds. The order of facts never matters."""

from collections.abc import Iterable
from typing import Final

from menshen_rulebook import permits
from menshen_rulebook.case import Case
from menshen_rulebook.clauses import Condition, FactTest
from menshen_rulebook.subject import Fact, FactValue, Subject
from menshen_rulebook.vocabulary import FactState

_PRESENT: Final = FactState.PRESENT

# Of several facts of one type the most favourable finding holds.
_RANK: Final = (
    FactState.PRESENT,
    FactState.SOURCE_STALE,
    FactState.TOO_OLD,
    FactState.NOT_IN_FORCE,
    FactState.REJECTED,
    FactState.UNKNOWN,
    FactState.ABSENT,
)


def find(test: FactTest, subject: Subject, case: Case) -> FactState:
    """The finding. A test that is not satisfied while its source is stale finds SOURCE_STALE."""
    if not case.presentation.measured and not test.newest:
        for fact in subject.facts:
            if fact.type == test.fact and _judge(test, fact, case.now_ms) is _PRESENT:
                return _PRESENT
    states = [_measured(test, value) for name, value in case.presentation.measured if name == test.fact]
    facts = [fact for fact in subject.facts if fact.type == test.fact]
    if test.newest:
        states = states or _newest(test, facts, case.now_ms)
        state = max(states, key=_RANK.index, default=FactState.ABSENT)
    else:
        states += [_judge(test, fact, case.now_ms) for fact in facts]
        states += [_measured(test, value) for value in _inherent(test.fact, subject, case.now_ms)]
        state = most_favourable(states)
    if state is not _PRESENT and _is_stale(test, facts, case.live.stale_sources):
        return FactState.SOURCE_STALE
    return state


def most_favourable(states: Iterable[FactState]) -> FactState:
    """Of several findings the one that counts; ABSENT of none."""
    return min(states, key=_RANK.index, default=FactState.ABSENT)


def hold(conditions: Iterable[Condition], subject: Subject, case: Case) -> bool:
    """Whether every condition holds."""
    for condition in conditions:
        if (find(condition.test, subject, case) is FactState.PRESENT) is not condition.present:
            return False
    return True


def boundaries(test: FactTest, subject: Subject) -> list[int]:
    """The instants at which the finding may change."""
    found: list[int] = []
    for fact in subject.facts:
        if fact.type == test.fact:
            found += [fact.valid_from_ms, fact.valid_to_ms]
            if test.max_age_ms is not None:
                found.append(fact.reported_at_ms + test.max_age_ms + 1)
    if subject.vehicle is not None and test.fact == "permit.state":
        found += permits.boundaries(subject.vehicle)
    return found


def _is_stale(test: FactTest, facts: list[Fact], stale_sources: frozenset[str]) -> bool:
    if not stale_sources:
        return False
    return test.source in stale_sources or any(fact.source in stale_sources for fact in facts)


def _newest(test: FactTest, facts: list[Fact], now_ms: int) -> list[FactState]:
    begun = [fact for fact in facts if fact.valid_from_ms <= now_ms] or facts
    last_ms = max((fact.reported_at_ms for fact in begun), default=0)
    return [_judge(test, fact, now_ms) for fact in begun if fact.reported_at_ms == last_ms]


def _judge(test: FactTest, fact: Fact, now_ms: int) -> FactState:
    if not fact.valid_from_ms <= now_ms < fact.valid_to_ms:
        return FactState.NOT_IN_FORCE
    state = _measured(test, fact.value)
    if test.max_age_ms is not None and state is _PRESENT and now_ms - fact.reported_at_ms > test.max_age_ms:
        return FactState.TOO_OLD
    return state


def _measured(test: FactTest, value: FactValue) -> FactState:
    if value is None:
        return FactState.UNKNOWN
    if test.accept and value not in test.accept and _text(value) not in [_text(item) for item in test.accept]:
        return FactState.REJECTED
    return _PRESENT if _within(test, value) else FactState.REJECTED


def _within(test: FactTest, value: FactValue) -> bool:
    if test.at_least is None and test.at_most is None and test.below is None:
        return True
    try:
        number = float(value or 0)
    except (ValueError, OverflowError):
        return False
    # A not-a-number compares false both ways and is not within.
    return (
        (test.at_least is None or number >= test.at_least)
        and (test.at_most is None or number <= test.at_most)
        and (test.below is None or number < test.below)
    )


def _text(value: FactValue) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _inherent(name: str, subject: Subject, now_ms: int) -> tuple[str, ...]:
    if name == "subject.category":
        return (subject.category,)
    if subject.vehicle is not None and name == "vehicle.class":
        return (subject.vehicle.vehicle_class.name,)
    if subject.vehicle is not None and name == "permit.state":
        return (permits.standing(subject.vehicle, now_ms).word,)
    return ()
