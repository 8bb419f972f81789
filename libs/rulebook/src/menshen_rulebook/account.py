"""A decision with what every rule said of it."""

from dataclasses import dataclass
from typing import Final

from menshen_rulebook.case import Case
from menshen_rulebook.decide import conclude, foreign
from menshen_rulebook.decision import Decision, Reason
from menshen_rulebook.plan import SitePlan
from menshen_rulebook.presentation import LiveState, Presentation
from menshen_rulebook.rules import RULES
from menshen_rulebook.subject import Subject
from menshen_rulebook.vocabulary import Outcome

_WORST_PASSED: Final = Outcome.GRANT_WITH_REMINDER


@dataclass(frozen=True, slots=True)
class RuleAccount:
    """What one rule said. `private_reasons` (duress) are for the record and the control room only."""

    rule: str
    reasons: tuple[Reason, ...] = ()
    private_reasons: tuple[Reason, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether the rule lets the presentation by, with a reminder at most; what is private does not tell."""
        return all(reason.outcome <= _WORST_PASSED for reason in self.reasons)


def account(
    presentation: Presentation,
    subjects: tuple[Subject, ...],
    access_point_id: str,
    plan: SitePlan,
    live: LiveState,
    now_ms: int,
) -> tuple[Decision, tuple[RuleAccount, ...]]:
    """What `decide` answers to the same arguments, and every rule in rule order with the reasons given under it.

    At an access point that the plan does not know no rule judges: the only account is that of the refusal.
    """
    point = plan.point(access_point_id, now_ms)
    if point is None:
        decision = foreign(plan, now_ms)
        return decision, tuple(RuleAccount(reason.rule, (reason,)) for reason in decision.reasons)
    case, accounts = Case(presentation, subjects, point, live, now_ms), []
    for rule in RULES:
        public, private = len(case.reasons), len(case.private_reasons)
        rule.evaluate(case)
        accounts.append(RuleAccount(rule.name, tuple(case.reasons[public:]), tuple(case.private_reasons[private:])))
    return conclude(case), tuple(accounts)
