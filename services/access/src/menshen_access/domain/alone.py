"""A decision that a gate made alone: how the gate stood, as its event keeps it, and the decision made again.

An edge holds neither places nor counts nor wrong PINs in a row: `live` has what it was given.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from menshen_rulebook.account import RuleAccount, account
from menshen_rulebook.alone import FAULT, STOPPED, Alone, fault, stopped, withheld
from menshen_rulebook.decide import decide
from menshen_rulebook.plan import SitePlan
from menshen_rulebook.types import Decision, LiveState, Presentation, Reason, Subject

_CODES_WITHOUT_RULES: Final = (FAULT, STOPPED)


def alone_row(alone: Alone) -> dict[str, Any]:
    """age_ms, stale_after_ms, and released and wired_exit where they are so."""
    row: dict[str, Any] = {"age_ms": alone.age_ms, "stale_after_ms": alone.stale_after_ms}
    row.update({name: True for name, said in (("released", alone.released), ("wired_exit", alone.wired_exit)) if said})
    return row


def alone_of(core: Mapping[str, Any]) -> Alone | None:
    """None for an event that does not say how its gate stood."""
    row = core.get("alone")
    if row is None:
        return None
    return Alone(row["age_ms"], row["stale_after_ms"], row.get("wired_exit", False), row.get("released", False))


def without_rules(core: Mapping[str, Any], plan: SitePlan | None) -> Decision | None:
    """A decision that no rule had a part in, made again; None for every other, and for one whose plan is not there."""
    codes, now_ms = [row[0] for row in core["reasons"]], core["decided_at_ms"]
    if codes == [STOPPED]:
        return stopped(now_ms)
    alone = alone_of(core) if plan is None else Alone()
    if codes != [FAULT] or alone is None or (plan is None and core["plan_version"]):
        return None
    return fault(core["access_point"], plan, alone, now_ms)


def decided_alone(
    shown: Presentation,
    subjects: tuple[Subject, ...],
    plan: SitePlan | None,
    alone: Alone,
    live: LiveState,
    now_ms: int,
) -> Decision:
    """The decision of such a gate made again."""
    point = shown.access_point_id
    instead = withheld(point, plan, alone, now_ms)
    if plan is None or instead is not None:
        return instead or fault(point, plan, alone, now_ms)
    return decide(shown, subjects, point, plan, replace(live, released=alone.released), now_ms)


def accounted_alone(
    shown: Presentation,
    subjects: tuple[Subject, ...],
    plan: SitePlan | None,
    alone: Alone,
    live: LiveState,
    now_ms: int,
) -> tuple[Decision, tuple[RuleAccount, ...]]:
    """As `decided_alone`, with what every rule said: one account where the gate did not go by them."""
    point = shown.access_point_id
    instead = withheld(point, plan, alone, now_ms)
    if plan is None or instead is not None:
        decision = instead or fault(point, plan, alone, now_ms)
        return decision, tuple(RuleAccount(reason.rule, (reason,)) for reason in decision.reasons)
    return account(shown, subjects, point, plan, replace(live, released=alone.released), now_ms)


def as_reported(decision: Decision) -> Decision:
    """As much of a decision as a report of it tells: neither rules nor what the clamp changed."""
    outcome = decision.outcome
    reasons = tuple(Reason(reason.code, "", outcome, reason.arguments) for reason in decision.reasons)
    return replace(decision, unclamped=outcome, reasons=reasons)
