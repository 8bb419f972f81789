"""An operator's order that secures an access point bars the entries of its door until it ends. Exits are not barred.

Whoever may pass a lockdown may not pass an order, unless the policy says so: the operator stands there and knows more.
An order to hold open changes no decision: who presents is judged, and recorded, as ever.
"""

from typing import Final

from menshen_rulebook.case import Case
from menshen_rulebook.rules.lockdown import passes
from menshen_rulebook.rules.rule import Rule, Span
from menshen_rulebook.schedule import local_text
from menshen_rulebook.vocabulary import Outcome

_NAME: Final = "orders"


def _evaluate(case: Case) -> None:
    """The guard on the holds, which the lockdown rule sets, covers the orders too: they have one version."""
    point = case.point
    if point.leads_out or not case.live.orders:
        return
    order = case.secured_by(point)
    if order is None:
        return
    until = local_text(order.until_ms, point.utc_offset_minutes)
    arguments = (("order", order.order_id), ("origin", order.origin), ("until", until))
    override = point.policy.lockdown_override
    if override.also_orders and case.subjects and all(passes(override, subject) for subject in case.subjects):
        case.note(_NAME, Outcome.GRANT_WITH_REMINDER, "SECURED_OVERRIDDEN", arguments)
    else:
        case.note(_NAME, Outcome.DENY, "SECURED_BY_OPERATOR", arguments)


def _boundaries(span: Span) -> list[int]:
    """The ends of all orders: one elsewhere changes where people are sent."""
    return [order.until_ms for order in span.live.orders]


RULE: Final = Rule(
    _NAME,
    frozenset({"live.holds_version", "live.orders", "policy.lockdown_override", "subject.category", "subject.groups"}),
    _evaluate,
    _boundaries,
)
