"""Explaining a recorded decision: made again rule by rule, compared, and made as it would be today."""

from dataclasses import dataclass
from typing import Any

from menshen_rulebook.account import RuleAccount, account
from menshen_rulebook.plan import SitePlan
from menshen_rulebook.types import Decision, Subject

from menshen_access.domain.circumstances import Circumstances
from menshen_access.domain.events import EventPayload
from menshen_access.domain.judging import (
    Arguments,
    Difference,
    Inputs,
    Verdict,
    arguments_of,
    differences,
    fault_again,
    live_state_of,
    presentation_of,
    reason_rows,
    reason_rows_of,
)


@dataclass(frozen=True, slots=True)
class Rerun:
    """A decision made again; `differences` are in words. `missing` names inputs; `accounts` is empty where it could not
    be made again.
    """

    verdict: Verdict
    differences: tuple[Difference, ...] = ()
    missing: tuple[str, ...] = ()
    accounts: tuple[RuleAccount, ...] = ()


@dataclass(frozen=True, slots=True)
class Today:
    """The answer the same presentation would get now, with everybody where they were then."""

    decision: Decision
    would_differ: bool


def rerun(event: EventPayload, inputs: Inputs) -> Rerun:
    """Make a CENTRE or EDGE decision again and compare."""
    if inputs.is_deleted:
        return Rerun(Verdict.DATA_DELETED)
    fault = fault_again(event, inputs)
    if fault is not None:
        return _compared(event, fault, ())
    found = arguments_of(event, inputs)
    if not isinstance(found, Arguments):
        return Rerun(Verdict.INPUT_MISSING, missing=found)
    return _compared(event, *account(*found))


def today(
    event: EventPayload, plan: SitePlan, subjects: tuple[Subject, ...], circumstances: Circumstances, now_ms: int
) -> Today | None:
    """The answer at `now_ms`; None for an event that does not hold what was presented and the live values."""
    if "live" not in event.identity or "pin_verdict" not in event.identity:
        return None
    live = live_state_of(event.identity["live"], circumstances)
    decision, _ = account(presentation_of(event), subjects, event.core["access_point"], plan, live, now_ms)
    known = (event.core["outcome"], reason_rows(event.core["reasons"]))
    return Today(decision, known != (int(decision.outcome), reason_rows_of(decision.reasons)))


def _compared(event: EventPayload, again: Decision, accounts: tuple[RuleAccount, ...]) -> Rerun:
    found = tuple(Difference(one.part, _text(one.recorded), _text(one.again)) for one in differences(event, again))
    return Rerun(Verdict.DIFFERS if found else Verdict.REPRODUCED, found, (), accounts)


def _text(part: Any) -> str:
    return ", ".join(f"{code} ({rule})" for code, rule, _ in part) if isinstance(part, list) else str(part)
