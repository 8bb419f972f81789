"""The plate seen must be the plate of the vehicle that was recognised; the guard gets both."""

from typing import Final

from menshen_rulebook import plates
from menshen_rulebook.case import Case
from menshen_rulebook.rules.rule import Rule
from menshen_rulebook.vocabulary import Outcome

_NAME: Final = "plate"


def _evaluate(case: Case) -> None:
    for subject in case.subjects:
        if subject.vehicle is not None and subject.vehicle.plate:
            _compare(case, subject.vehicle.plate)


def _compare(case: Case, plate: str) -> None:
    registered = plates.compared(plate)
    others = [value for value in plates.seen(case.presentation) if plates.compared(value) != registered]
    if not others:
        return
    outcome = max(case.point.policy.vehicles.plate_mismatch, Outcome.GRANT_WITH_REMINDER)
    if all(map(plates.is_none, others)):
        case.note(_NAME, outcome, "PLATE_ABSENT", (("registered", plate),))
    else:
        other = next(value for value in others if not plates.is_none(value))
        case.note(_NAME, outcome, "PLATE_MISMATCH", (("seen", other), ("registered", plate)))


RULE: Final = Rule(
    _NAME,
    frozenset({"policy.vehicles", "presentation.identifiers", "presentation.measured", "subject.vehicle"}),
    _evaluate,
)
