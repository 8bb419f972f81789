"""The analysis as a whole."""

from collections.abc import Collection, Sequence

from menshen_rulebook.analysis.finding import Finding, Findings
from menshen_rulebook.analysis.leaving import check_leaving
from menshen_rulebook.analysis.passing import Passing, check_plan_terms
from menshen_rulebook.analysis.reaching import check_clauses, check_reach
from menshen_rulebook.analysis.supplied import Supply, check_bounds, check_facts
from menshen_rulebook.analysis.times import check_closures, check_schedules, check_sequence, policies_to_come
from menshen_rulebook.analysis.unlocking import Unlocking
from menshen_rulebook.analysis.vehicles import check_plan_parking, check_vehicles
from menshen_rulebook.plan import SitePlan
from menshen_rulebook.policy import Policy


def analyse(
    plan: SitePlan, supply: Supply | None = None, now_ms: int | None = None, drafts: Collection[int] = ()
) -> tuple[Finding, ...]:
    """Every finding about a plan and its policies, errors first; it never raises for what the readers accept.

    Without a `supply` nothing is said about facts. Policies that hold no time from `now_ms` on are history and left
    alone. `drafts` are the places in `plan.policies` of those being checked: each is told when it begins in the past.
    """
    found = Findings()
    check_leaving(plan, found)
    check_schedules(plan, found)
    check_plan_terms(plan, found)
    check_plan_parking(plan, found)
    check_sequence(plan, drafts, now_ms, found)
    to_come = policies_to_come(plan, now_ms)
    for place, policy in enumerate(plan.policies):
        if place in drafts or any(policy is one for one in to_come):
            prefix = f"policies[{place}]."
            _check_policy(policy, prefix, supply, found)
            check_reach(plan, policy, prefix, found)
            check_bounds(plan, policy, prefix, found)
            check_vehicles(plan, policy, prefix, found)
            Passing(plan, policy, prefix, found).check()
            Unlocking(plan, policy, prefix, found).check()
    return found.all()


def analyse_policies(
    policies: Sequence[Policy], supply: Supply | None = None, now_ms: int | None = None
) -> tuple[Finding, ...]:
    """What can be found in the policies of one site by themselves, without its plan; paths as `analyse` gives them."""
    found = Findings()
    bare = SitePlan(policies[0].site if policies else "", 0, policies=tuple(policies))
    check_sequence(bare, range(len(policies)), now_ms, found)
    for place, policy in enumerate(policies):
        _check_policy(policy, f"policies[{place}].", supply, found)
    return found.all()


def _check_policy(policy: Policy, prefix: str, supply: Supply | None, found: Findings) -> None:
    check_clauses(policy, prefix, found)
    check_closures(policy, prefix, found)
    if supply is not None:
        check_facts(policy, prefix, supply, found)
