"""Without a policy in force, or with an access point that is not fully described, nothing opens inwards."""

from typing import Final

from menshen_rulebook.case import Case
from menshen_rulebook.rules.rule import Rule, Span
from menshen_rulebook.vocabulary import Outcome

_NAME: Final = "policy_in_force"


def _evaluate(case: Case) -> None:
    point = case.point
    if not point.policy_in_force:
        case.note(_NAME, Outcome.DENY, "NO_POLICY_IN_FORCE")
    if case.presentation.site != point.site or case.presentation.access_point_id != point.access_point.access_point_id:
        case.note(_NAME, Outcome.DENY, "ACCESS_POINT_FOREIGN")
    described = point.access_point
    if not (described.direction and described.access_point_class and described.requires and described.person_rule):
        case.note(_NAME, Outcome.DENY, "ACCESS_POINT_UNDEFINED")


def _boundaries(span: Span) -> tuple[int, ...]:
    return (span.point.now_within.from_ms, span.point.now_within.to_ms)


RULE: Final = Rule(
    _NAME,
    frozenset({"plan.access_points", "plan.policies", "presentation.access_point_id", "presentation.site"}),
    _evaluate,
    _boundaries,
)
