"""The decision function."""

from typing import Final

from menshen_rulebook.case import Case
from menshen_rulebook.clamp import clamp, opens_by_itself_at_ms
from menshen_rulebook.decision import (
    Confirm,
    Decision,
    Effect,
    Guard,
    MoveNow,
    OpenReview,
    RaiseAlarm,
    Reason,
    Reserve,
    VersionIs,
)
from menshen_rulebook.places import path_of
from menshen_rulebook.plan import SitePlan
from menshen_rulebook.points import Point
from menshen_rulebook.policy import LANGUAGE
from menshen_rulebook.presentation import LiveState, Presentation
from menshen_rulebook.rules import RULES, code, driver, persons
from menshen_rulebook.rules.rule import Span
from menshen_rulebook.subject import Subject
from menshen_rulebook.vocabulary import AlarmKind, Outcome

_EVALUATIONS: Final = tuple(rule.evaluate for rule in RULES)
_GRANT: Final = Outcome.GRANT
_DENY: Final = Outcome.DENY
_REVIEW: Final = Outcome.MANUAL_REVIEW
_COMPLETABLE: Final = frozenset({code.RULE.name, driver.RULE.name, persons.RULE.name})


def decide(
    presentation: Presentation,
    subjects: tuple[Subject, ...],
    access_point_id: str,
    plan: SitePlan,
    live: LiveState,
    now_ms: int,
) -> Decision:
    """Judge one presentation by every rule.

    `subjects` are those its identifiers were found to belong to, each once; empty when nobody was found. A commit
    holds only while every guard does; effects are applied with it. Under an emergency release there are no guards:
    the way is open. Deterministic, and total for well-typed input: it never raises.
    """
    point = plan.point(access_point_id, now_ms)
    if point is None:
        return foreign(plan, now_ms)
    case = Case(presentation, subjects, point, live, now_ms)
    for evaluate in _EVALUATIONS:
        evaluate(case)
    return conclude(case)


def conclude(case: Case) -> Decision:
    """The answer to a case that every rule has judged."""
    point = case.point
    if case.released:
        return _answer(case, _GRANT, _GRANT, (), tuple(case.effects))
    unclamped = _GRANT
    if case.reasons:
        unclamped = max([reason.outcome for reason in case.reasons])
        # Stable: rule order stays among equals.
        case.reasons.sort(key=_severity)
    outcome = clamp(unclamped, point)
    guards: list[Guard] = [point.plan_is, point.now_within]
    guards += [VersionIs(subject.subject_id, subject.version) for subject in case.subjects]
    guards += case.guards
    return _answer(case, outcome, unclamped, tuple(guards), _effects(case, outcome, unclamped))


def _severity(reason: Reason) -> int:
    return -reason.outcome


def _effects(case: Case, outcome: Outcome, unclamped: Outcome) -> tuple[Effect, ...]:
    effects: list[Effect] = [*case.effects]
    if outcome is _DENY:
        return tuple(effects)
    if unclamped is _DENY:
        effects.append(case.point.exit_alert)
    passages = [_passage(case, subject) for subject in case.subjects]
    if outcome is _REVIEW:
        opens_at_ms = opens_by_itself_at_ms(case.point, case.now_ms)
        return (*effects, OpenReview(opens_at_ms, (*case.on_grant, *passages)))
    return (*effects, *case.on_grant, *passages)


def _passage(case: Case, subject: Subject) -> Reserve | MoveNow:
    point = case.point
    access_point = point.access_point
    if access_point.senses_passage:
        return Reserve(
            subject.subject_id,
            path_of(point.to_path, subject),
            access_point.access_point_id,
            case.now_ms + access_point.grant_ms,
        )
    return MoveNow(
        subject.subject_id,
        path_of(point.to_path, subject),
        access_point.access_point_id,
        case.presentation.at_ms,
        case.presentation.event_id,
    )


def _answer(
    case: Case, outcome: Outcome, unclamped: Outcome, guards: tuple[Guard, ...], effects: tuple[Effect, ...]
) -> Decision:
    policy = case.point.policy
    return Decision(
        outcome,
        tuple(case.reasons),
        tuple(case.private_reasons),
        guards,
        effects,
        unclamped,
        case.point.plan_version,
        policy.version,
        policy.language,
        case.now_ms,
        _awaits_second_until_ms(case, outcome),
    )


def _awaits_second_until_ms(case: Case, outcome: Outcome) -> int:
    """Only a party that nothing but more people or codes can complete waits: anything else would refuse those too."""
    if not case.awaits_until_ms or outcome is not _DENY:
        return 0
    is_alone = all(reason.rule in _COMPLETABLE for reason in case.reasons if reason.outcome is _DENY)
    return case.awaits_until_ms if is_alone else 0


def foreign(plan: SitePlan, now_ms: int) -> Decision:
    """The answer at an access point that the plan does not know: no rule can judge there."""
    reason = Reason("ACCESS_POINT_FOREIGN", "policy_in_force", _DENY)
    return Decision(_DENY, (reason,), (), (), (), _DENY, plan.version, 0, LANGUAGE, now_ms)


def system_fault(access_point_id: str, plan: SitePlan | None, now_ms: int) -> Decision:
    """The answer when a caller met unexpected trouble: DENY / SYSTEM_FAULT, clamped at ways out.

    Without a plan, or for an access point it does not know, nothing says that this is a way out: DENY.
    """
    reason = Reason("SYSTEM_FAULT", "system", _DENY)
    point = plan.point(access_point_id, now_ms) if plan is not None else None
    if plan is None or point is None:
        version = plan.version if plan is not None else 0
        return Decision(_DENY, (reason,), (), (), (), _DENY, version, 0, LANGUAGE, now_ms)
    outcome = clamp(_DENY, point)
    effects: tuple[Effect, ...] = (RaiseAlarm(AlarmKind.SYSTEM_FAULT, private=False),)
    if outcome is Outcome.MANUAL_REVIEW:
        effects += (OpenReview(opens_by_itself_at_ms(point, now_ms)),)
    policy = point.policy
    return Decision(outcome, (reason,), (), (), effects, _DENY, plan.version, policy.version, policy.language, now_ms)


def taken(decision: Decision, at_ms: int, event_id: str) -> tuple[Confirm, ...]:
    """The effects of a passage that was taken on this decision, also when a review passed it."""
    effects: list[Effect] = [*decision.effects]
    for effect in decision.effects:
        if isinstance(effect, OpenReview):
            effects += effect.then
    return tuple(
        Confirm(effect.subject_id, effect.area_path, effect.access_point_id, at_ms, event_id)
        for effect in effects
        if isinstance(effect, Reserve)
    )


def time_boundaries(
    subject: Subject, access_point_id: str, plan: SitePlan, live: LiveState, from_ms: int, to_ms: int
) -> tuple[int, ...]:
    """The instants in (from_ms, to_ms) at which the answer to this subject may change while nothing else does.

    Between two of them every decision is the same but for its own times, so that who-can-pass asks once each.
    """
    found: set[int] = set(plan.index.policy_boundaries())
    for start_ms in sorted({from_ms, *(at for at in found if from_ms < at < to_ms)}):
        point: Point | None = plan.point(access_point_id, start_ms)
        if point is not None:
            span = Span(subject, point, live, from_ms, to_ms)
            for rule in RULES:
                found.update(rule.boundaries(span))
    return tuple(sorted(at for at in found if from_ms < at < to_ms))
