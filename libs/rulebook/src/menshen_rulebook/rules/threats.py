"""A threat level narrows who enters, where the policy says so. It speaks at no way out.

What else it asks of those who enter, a PIN or a code, is asked by the rules of those.
"""

from typing import Final

from menshen_rulebook.case import Case
from menshen_rulebook.rules.rule import Rule
from menshen_rulebook.vocabulary import Outcome

_NAME: Final = "threats"


def _evaluate(case: Case) -> None:
    if case.threat_level and case.is_kept_out(case.point):
        case.note(_NAME, Outcome.DENY, "THREAT_LEVEL", (("level", str(case.threat_level)),))


RULE: Final = Rule(
    _NAME,
    frozenset({"live.threat_levels", "plan.areas", "policy.threats", "subject.category", "subject.groups"}),
    _evaluate,
)
