"""The last word at exits: nobody is locked in, whatever the rules found."""

from typing import Final

from menshen_rulebook.points import Point
from menshen_rulebook.vocabulary import Outcome

_DENY: Final = Outcome.DENY


def clamp(outcome: Outcome, point: Point) -> Outcome:
    """The outcome that may be given at this access point.

    On a way out a person is never denied: the policy chooses between a grant with an alert and a review that opens by
    itself. A vehicle leaving is reviewed at worst. Entries keep what the rules said; UNSPECIFIED counts as DENY.
    """
    if outcome and outcome is not _DENY:
        return outcome
    if not point.leads_out:
        return _DENY
    if not point.is_pedestrian or point.policy.reviews.exit_denial is Outcome.MANUAL_REVIEW:
        return Outcome.MANUAL_REVIEW
    return Outcome.GRANT_WITH_REMINDER


def opens_by_itself_at_ms(point: Point, now_ms: int) -> int | None:
    """When a review at this access point opens the way by itself; None: never, outside pedestrian ways out."""
    if point.leads_out and point.is_pedestrian:
        return now_ms + point.policy.reviews.auto_open_ms
    return None
