"""Anti-passback: nobody enters an area again without having left it, nor leaves one without having entered it.

SOFT reminds, HARD refuses, TIMED refuses within the timeout; a timeout ends the violation under every mode. An unknown
place is no violation. An open reservation at another access point counts as being in its area.

A single access point may have a rule of its own: not twice in a row within a time, whatever the areas say.
"""

from typing import Final

from menshen_rulebook.case import Case
from menshen_rulebook.clauses import PointRule
from menshen_rulebook.decision import PresenceIs
from menshen_rulebook.points import AreaTerms
from menshen_rulebook.presentation import Presence
from menshen_rulebook.rules.rule import Rule, Span
from menshen_rulebook.subject import Subject
from menshen_rulebook.vocabulary import AntiPassbackMode, Outcome

_NAME: Final = "anti_passback"
_IDLE: Final = (AntiPassbackMode.NONE, AntiPassbackMode.UNSPECIFIED)


def _evaluate(case: Case) -> None:
    entered, left, again = case.point.entered, case.point.left, case.point.again
    if entered.mode in _IDLE and left.mode in _IDLE and again is None:
        return
    for subject in case.subjects:
        presence = case.presence(subject)
        case.guards.append(PresenceIs(subject.subject_id, presence.version if presence else 0))
        if again is not None and subject.category not in again.exempt_categories:
            _check_again(case, again, presence)
        if _is_held(entered, subject):
            _check_entry(case, entered, subject, presence)
        if _is_held(left, subject):
            _check_exit(case, left, presence)


def _is_held(terms: AreaTerms, subject: Subject) -> bool:
    return terms.mode not in _IDLE and subject.category not in terms.exempt_categories


def _check_entry(case: Case, terms: AreaTerms, subject: Subject, presence: Presence | None) -> None:
    inside = presence is not None and presence.area_id in terms.within
    moves_within = case.point.left.area_id in terms.within
    if presence is not None and inside and not moves_within:
        _violate(case, terms, presence.at_ms, "ANTI_PASSBACK_IN")
    elif _has_reservation(case, terms, subject):
        _violate(case, terms, case.now_ms, "ANTI_PASSBACK_IN")


def _check_exit(case: Case, terms: AreaTerms, presence: Presence | None) -> None:
    if presence is None or presence.area_id is None:
        return
    if presence.area_id not in terms.within and presence.area_id not in case.point.entered.within:
        _violate(case, terms, presence.at_ms, "ANTI_PASSBACK_OUT")


def _check_again(case: Case, rule: PointRule, presence: Presence | None) -> None:
    here = case.point.access_point.access_point_id
    if presence is None or presence.access_point_id != here or presence.area_id is None:
        return
    if case.now_ms - presence.at_ms < rule.timeout_ms:
        _note(case, rule.anti_passback, "ANTI_PASSBACK_AGAIN", ("access_point", here))


def _has_reservation(case: Case, terms: AreaTerms, subject: Subject) -> bool:
    if not case.live.reservations:
        return False
    here = case.point.access_point.access_point_id
    return any(
        kept.subject_id == subject.subject_id
        and kept.area_id in terms.within
        and kept.access_point_id != here
        and case.now_ms < kept.expires_at_ms
        for kept in case.live.reservations
    )


def _violate(case: Case, terms: AreaTerms, since_ms: int, code: str) -> None:
    if terms.timeout_ms is not None and case.now_ms - since_ms >= terms.timeout_ms:
        return
    _note(case, terms.mode, code, ("area", terms.area_id))


def _note(case: Case, mode: AntiPassbackMode, code: str, where: tuple[str, str]) -> None:
    outcome = Outcome.GRANT_WITH_REMINDER if mode is AntiPassbackMode.SOFT else Outcome.DENY
    case.note(_NAME, outcome, code, (where, ("mode", mode.name)))


def _boundaries(span: Span) -> list[int]:
    ends = [kept.expires_at_ms for kept in span.live.reservations]
    for terms in (span.point.entered, span.point.left):
        if terms.timeout_ms is not None:
            ends += [presence.at_ms + terms.timeout_ms for presence in span.live.presences]
    if span.point.again is not None:
        ends += [presence.at_ms + span.point.again.timeout_ms for presence in span.live.presences]
    return ends


RULE: Final = Rule(
    _NAME,
    frozenset(
        {"live.presences", "live.reservations", "plan.areas", "policy.areas", "policy.points", "subject.category"}
    ),
    _evaluate,
    _boundaries,
)
