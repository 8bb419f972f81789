"""An emergency release opens: it stands above every other rule."""

from typing import Final

from menshen_rulebook.case import Case
from menshen_rulebook.decision import Reason
from menshen_rulebook.rules.rule import Rule
from menshen_rulebook.vocabulary import Outcome

_NAME: Final = "emergency_release"


def _evaluate(case: Case) -> None:
    if case.live.released:
        case.released = True
        case.reasons.append(Reason("EMERGENCY_RELEASE", _NAME, Outcome.GRANT))


RULE: Final = Rule(_NAME, frozenset({"live.released"}), _evaluate)
