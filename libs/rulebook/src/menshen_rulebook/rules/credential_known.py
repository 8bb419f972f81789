"""Whatever is presented must belong to a subject of the decision: of each kind presented, one value at least.

Plates are compared by their own rule; a plate alone is known by the vehicle that carries it.
"""

from typing import Final

from menshen_rulebook import plates
from menshen_rulebook.case import Case
from menshen_rulebook.rules.rule import Rule
from menshen_rulebook.vocabulary import IdentifierType, Outcome, SubjectKind

_NAME: Final = "credential_known"


def _evaluate(case: Case) -> None:
    identifiers, matched = case.presentation.identifiers, case.matched
    if len(identifiers) == len(matched) == 1 and matched[0][1] and matched[0][0].kind:
        return
    if not case.subjects and not case.point.is_pedestrian and plates.is_unplated(case.presentation):
        # Nobody can be known by a plate that is not there: the guard looks.
        case.note(_NAME, max(case.point.policy.vehicles.unplated, Outcome.MANUAL_REVIEW), "VEHICLE_UNPLATED")
    elif not identifiers:
        case.note(_NAME, Outcome.DENY, "CREDENTIAL_MISSING")
    elif not _is_known(case):
        case.note(_NAME, Outcome.DENY, "CREDENTIAL_UNKNOWN")


def _is_known(case: Case) -> bool:
    if not case.subjects:
        return False
    known = set()
    for subject, credentials in case.matched:
        if subject.kind is SubjectKind.UNSPECIFIED:
            return False
        kinds = [i[0] for credential in credentials for i in credential.identifiers]
        plate = plates.compared(subject.vehicle.plate) if subject.vehicle is not None else ""
        shown = [i[1] for i in case.presentation.identifiers if i[0] is IdentifierType.PLATE]
        if plate and any(plates.compared(value) == plate for value in shown):
            kinds.append(IdentifierType.PLATE)
        if not kinds:
            return False
        known.update(kinds)
    return all(
        identifier[0] in known or identifier[0] is IdentifierType.PLATE for identifier in case.presentation.identifiers
    )


RULE: Final = Rule(
    _NAME,
    frozenset(
        {
            "policy.vehicles",
            "presentation.identifiers",
            "presentation.measured",
            "subject.credentials",
            "subject.kind",
            "subject.vehicle",
        }
    ),
    _evaluate,
)
