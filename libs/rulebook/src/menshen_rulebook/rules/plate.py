"""The plate seen must be the plate of the vehicle that was recognised; the guard gets both."""

from typing import Final

from menshen_rulebook.case import Case
from menshen_rulebook.rules.rule import Rule
from menshen_rulebook.vocabulary import IdentifierType, Outcome

_NAME: Final = "plate"


def _evaluate(case: Case) -> None:
    for subject in case.subjects:
        if subject.vehicle is not None and subject.vehicle.plate:
            _compare(case, subject.vehicle.plate)


def _compare(case: Case, plate: str) -> None:
    presentation = case.presentation
    seen = [str(value) for name, value in presentation.measured if name == "plate" and value]
    seen += [value for kind, value in presentation.identifiers if kind is IdentifierType.PLATE]
    other = [value for value in seen if value != plate]
    if other:
        outcome = max(case.point.policy.vehicles.plate_mismatch, Outcome.GRANT_WITH_REMINDER)
        case.note(_NAME, outcome, "PLATE_MISMATCH", (("seen", other[0]), ("registered", plate)))


RULE: Final = Rule(
    _NAME,
    frozenset({"policy.vehicles", "presentation.identifiers", "presentation.measured", "subject.vehicle"}),
    _evaluate,
)
