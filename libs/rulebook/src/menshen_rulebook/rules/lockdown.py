"""A lockdown hold bars entries into what it covers, except for those the policy lets through. Exits are not barred.

A hold on an access point covers every access point of its door, as the door has one lock.
"""

from functools import lru_cache
from typing import Final

from menshen_rulebook.case import Case
from menshen_rulebook.clauses import Override
from menshen_rulebook.decision import HoldsUnchanged
from menshen_rulebook.rules.rule import Rule
from menshen_rulebook.subject import Subject
from menshen_rulebook.vocabulary import Outcome

_NAME: Final = "lockdown"
_holds_unchanged: Final = lru_cache(maxsize=256)(HoldsUnchanged)


def _evaluate(case: Case) -> None:
    live, point = case.live, case.point
    if point.leads_out and not point.heeds_circumstances:
        return
    case.guards.append(_holds_unchanged(live.holds_version))
    if point.leads_out:
        return
    if not live.holds:
        return
    holds = [hold for hold in live.holds if (hold.scope, hold.target_id) in point.hold_targets]
    if not holds:
        return
    arguments = (("hold", holds[0].hold_id), ("origin", holds[0].origin))
    if case.subjects and all(passes(point.policy.lockdown_override, subject) for subject in case.subjects):
        case.note(_NAME, Outcome.GRANT_WITH_REMINDER, "LOCKDOWN_OVERRIDDEN", arguments)
    else:
        case.note(_NAME, Outcome.DENY, "LOCKDOWN", arguments)


def passes(override: Override, subject: Subject) -> bool:
    """Whether the policy lets the subject through a lockdown."""
    return subject.category in override.categories or not override.groups.isdisjoint(subject.groups)


RULE: Final = Rule(
    _NAME,
    frozenset({"live.holds", "live.holds_version", "policy.lockdown_override", "subject.category", "subject.groups"}),
    _evaluate,
)
