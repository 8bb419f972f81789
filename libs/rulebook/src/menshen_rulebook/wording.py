"""The sentences a policy brings of its own, for those who were told a reason's code and arguments without its texts."""

from collections.abc import Mapping

from menshen_rulebook.decision import ReasonTexts
from menshen_rulebook.plan import SitePlan
from menshen_rulebook.policy import Policy


def own_texts(
    plan: SitePlan, policy_version: int, access_point_id: str, code: str, arguments: Mapping[str, str], now_ms: int
) -> ReasonTexts | None:
    """The texts the reason had when it was given at `now_ms`, or None where it has those of `reasons.TEXTS`.

    None as well for a policy version the plan does not hold.
    """
    policy = next((policy for policy in plan.policies if policy.version == policy_version), None)
    if policy is None:
        return None
    if code == "ACCESS_POINT_CLOSED":
        closures = [c for c in (*policy.closures, *plan.closures) if c.access_point_id == access_point_id]
        return next((c.texts for c in closures if c.from_ms <= now_ms < c.to_ms), None)
    return _of_clause(policy, code, arguments)


def _of_clause(policy: Policy, code: str, arguments: Mapping[str, str]) -> ReasonTexts | None:
    for requirement in policy.requirements:
        if requirement.code == code and requirement.requirement_id == arguments.get("requirement"):
            return requirement.texts
    return next((reminder.texts for reminder in policy.reminders if reminder.code == code), None)
