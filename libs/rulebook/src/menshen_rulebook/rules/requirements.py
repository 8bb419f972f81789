"""What the policy requires of facts, each finding with its own ruling."""

from typing import Final

from menshen_rulebook import facts
from menshen_rulebook.case import Arguments, Case
from menshen_rulebook.clauses import Requirement, Rulings
from menshen_rulebook.rules.rule import Rule, Span
from menshen_rulebook.subject import Subject
from menshen_rulebook.vocabulary import FactState, Outcome

_NAME: Final = "requirements"
_GRANT: Final = Outcome.GRANT
_PRESENT: Final = FactState.PRESENT
_CODES: Final = {
    FactState.PRESENT: "FACT_BANNED",
    FactState.ABSENT: "FACT_ABSENT",
    FactState.UNKNOWN: "FACT_UNKNOWN",
    FactState.SOURCE_STALE: "FACT_SOURCE_STALE",
    FactState.REJECTED: "FACT_REJECTED",
    FactState.TOO_OLD: "FACT_TOO_OLD",
    FactState.NOT_IN_FORCE: "FACT_NOT_IN_FORCE",
}


def _evaluate(case: Case) -> None:
    for requirement in case.point.requirements:
        for subject in case.subjects:
            if case.concerns(requirement.where, subject) and (
                not requirement.only_if or facts.hold(requirement.only_if, subject, case)
            ):
                _judge(case, requirement, subject)
                if requirement.shared:
                    break


def _judge(case: Case, requirement: Requirement, subject: Subject) -> None:
    state = _finding(case, requirement, subject)
    outcome = ruling(requirement.rulings, state)
    if outcome <= _GRANT or case.waives(subject, _NAME):
        return
    arguments: Arguments = (
        ("requirement", requirement.requirement_id),
        ("fact", requirement.test.fact),
        ("finding", state.name),
    )
    if requirement.redirect_ids:
        arguments += case.redirect(requirement.redirect_ids)
    own = requirement.code and state not in (FactState.UNKNOWN, FactState.SOURCE_STALE)
    if own:
        case.note(_NAME, outcome, requirement.code, arguments, requirement.texts)
    else:
        case.note(_NAME, outcome, _CODES[state], arguments)


def _finding(case: Case, requirement: Requirement, subject: Subject) -> FactState:
    if not requirement.shared:
        return facts.find(requirement.test, subject, case)
    return facts.most_favourable([facts.find(requirement.test, one, case) for one in case.subjects])


def ruling(rulings: Rulings, state: FactState) -> Outcome:
    """What a finding brings."""
    if state is _PRESENT:
        return rulings.present
    chosen = {
        FactState.UNKNOWN: rulings.unknown,
        FactState.SOURCE_STALE: rulings.stale,
        FactState.REJECTED: rulings.rejected,
        FactState.TOO_OLD: rulings.too_old,
        FactState.NOT_IN_FORCE: rulings.not_in_force,
    }.get(state)
    return rulings.absent if chosen is None else chosen


def _boundaries(span: Span) -> list[int]:
    found: list[int] = []
    for requirement in span.point.requirements:
        for test in (requirement.test, *(condition.test for condition in requirement.only_if)):
            found += facts.boundaries(test, span.subject)
        for name in requirement.redirect_ids:
            if name in span.point.neighbours:
                found += span.point.neighbours[name].open_boundaries(span.from_ms, span.to_ms)
    return found


RULE: Final = Rule(
    _NAME,
    frozenset(
        {
            "live.stale_sources",
            "live.threat_levels",
            "policy.requirements",
            "presentation.measured",
            "subject.category",
            "subject.facts",
            "subject.groups",
            "subject.vehicle",
        }
    ),
    _evaluate,
    _boundaries,
)
