"""Of the doors of an interlock at most one is open."""

from typing import Final

from menshen_rulebook.case import Case
from menshen_rulebook.rules.rule import Rule
from menshen_rulebook.vocabulary import Outcome

_NAME: Final = "interlock"


def _evaluate(case: Case) -> None:
    doors = case.live.open_interlock_doors
    if doors:
        case.note(_NAME, Outcome.DENY, "INTERLOCK_OPEN", (("door", doors[0]),))


RULE: Final = Rule(_NAME, frozenset({"live.open_interlock_doors"}), _evaluate)
