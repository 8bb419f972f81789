"""What a passage costs, or that nothing is due: the words of the notice for the holder, and a mark in the record.

A fee bars nobody. Who is refused owes nothing, so that nothing is said where a rule before this one denies.
"""

from typing import Final

from menshen_rulebook import facts
from menshen_rulebook.case import Case
from menshen_rulebook.clauses import Fee
from menshen_rulebook.decision import Reason
from menshen_rulebook.rules.rule import Rule, Span
from menshen_rulebook.vocabulary import FactState, Outcome

_NAME: Final = "fees"


def _evaluate(case: Case) -> None:
    if not case.point.fees or any(reason.outcome is Outcome.DENY for reason in case.reasons):
        return
    for fee in case.point.fees:
        if any(case.concerns(fee.where, one) and facts.hold(fee.only_if, one, case) for one in case.subjects):
            _state(case, fee)


def _state(case: Case, fee: Fee) -> None:
    waiver = fee.waived_by
    if waiver is not None and any(facts.find(waiver, one, case) is FactState.PRESENT for one in case.subjects):
        case.reasons.append(Reason("FEE_WAIVED", _NAME, Outcome.GRANT, (("fee", fee.fee_id), ("fact", waiver.fact))))
        return
    tariff = (("tariff_zh", fee.tariff.zh), ("tariff_en", fee.tariff.en))
    case.note(_NAME, Outcome.GRANT_WITH_REMINDER, "FEE_DUE", (("fee", fee.fee_id), *tariff))


def _boundaries(span: Span) -> list[int]:
    found: list[int] = []
    for fee in span.point.fees:
        for test in (fee.waived_by, *(condition.test for condition in fee.only_if)):
            if test is not None:
                found += facts.boundaries(test, span.subject)
    return found


RULE: Final = Rule(
    _NAME,
    frozenset(
        {
            "live.stale_sources",
            "live.threat_levels",
            "policy.fees",
            "presentation.measured",
            "subject.category",
            "subject.facts",
            "subject.groups",
            "subject.vehicle",
        }
    ),
    _evaluate,
    _boundaries,
)
