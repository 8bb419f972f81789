"""The analysis as a whole."""

from collections.abc import Collection

from menshen_rulebook.analysis.finding import Finding, Findings
from menshen_rulebook.analysis.leaving import check_leaving
from menshen_rulebook.analysis.passing import Passing, check_plan_terms
from menshen_rulebook.analysis.reaching import check_clauses, check_reach
from menshen_rulebook.analysis.supplied import Supply, check_facts
from menshen_rulebook.analysis.times import check_closures, check_schedules, check_sequence
from menshen_rulebook.plan import SitePlan
from menshen_rulebook.policy import Policy


def analyse(
    plan: SitePlan, supply: Supply | None = None, now_ms: int | None = None, drafts: Collection[int] = ()
) -> tuple[Finding, ...]:
    """Every finding about a plan and its policies, errors first; it never raises for what the readers accept.

    Without a `supply` nothing is said about facts. Policies that ended by `now_ms` are history and left alone.
    `drafts` are the places in `plan.policies` of those not in force yet: they are told when they begin in the past.
    """
    found = Findings()
    check_leaving(plan, found)
    check_schedules(plan, found)
    check_plan_terms(plan, found)
    check_sequence(plan, drafts, now_ms, found)
    for place, policy in enumerate(plan.policies):
        if now_ms is None or policy.to_ms > now_ms:
            prefix = f"policies[{place}]."
            _check_policy(policy, prefix, supply, found)
            check_reach(plan, policy, prefix, found)
            Passing(plan, policy, prefix, found).check()
    return found.all()


def analyse_policy(policy: Policy, supply: Supply | None = None) -> tuple[Finding, ...]:
    """What can be found in a policy by itself, without the plan of its site; paths are the document's own."""
    found = Findings()
    _check_policy(policy, "", supply, found)
    return found.all()


def _check_policy(policy: Policy, prefix: str, supply: Supply | None, found: Findings) -> None:
    check_clauses(policy, prefix, found)
    check_closures(policy, prefix, found)
    if supply is not None:
        check_facts(policy, prefix, supply, found)
