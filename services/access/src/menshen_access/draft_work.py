"""Plans as policies that are asked about would make them; called in a process apart."""

from typing import NamedTuple

from menshen_rulebook.plan import SitePlan, plan_from_mapping, plan_to_json

from menshen_access.domain.policy_life import IN_PLAN, StoredPolicy, reigns_of, shown_state
from menshen_access.foresight_refusals import access_point_unknown
from menshen_access.plan_documents import DocumentFaultyError
from menshen_access.plan_making import Standing, plain_plan, policy_checked, refusal_of, scheduled_plan
from menshen_access.policy_checks import refuse_errors
from menshen_access.policy_refusals import compared_with_itself


class AskedPolicy(NamedTuple):
    """A policy that is asked about: a plan that holds it, canonical JSON, and its version there."""

    plan: bytes
    version: int


def compared(
    standing: Standing, stored: StoredPolicy | None, text: str, from_ms: int, now_ms: int
) -> tuple[bytes, bytes]:
    """The plan as it stands, and with the policy from an instant on, which is stored or else `text`; see `Drafts`."""
    plan = plan_from_mapping(plain_plan(*standing))
    if stored is not None and _is_in(plan, stored):
        raise compared_with_itself(shown_state(stored, reigns_of(plan, now_ms)))
    return plan_to_json(plan), plan_to_json(_added(standing, stored, text, from_ms, now_ms))


def asked(standing: Standing, stored: StoredPolicy | None, text: str, now_ms: int) -> AskedPolicy:
    """The policy, in force at all times unless it is in the plan already; see `Drafts`."""
    if stored is not None:
        plan = plan_from_mapping(plain_plan(*standing))
        if _is_in(plan, stored):
            return AskedPolicy(plan_to_json(plan), stored.outline.version)
    grown = _added(standing, stored, text, 0, now_ms)
    return AskedPolicy(plan_to_json(grown), grown.policies[-1].version)


def check_access_point(standing: Standing, access_point_id: str, at_ms: int) -> None:
    """DomainError INVALID for one that the plan does not define."""
    if plan_from_mapping(plain_plan(*standing)).point(access_point_id, at_ms) is None:
        raise access_point_unknown()


def check(standing: Standing, text: str, now_ms: int) -> None:
    """DomainError INVALID as for a policy that is activated, with every fault or error."""
    found = policy_checked(standing, text, None, now_ms)
    if found.faults:
        raise refusal_of(DocumentFaultyError(found.faults))
    refuse_errors(found.findings)


def _added(standing: Standing, stored: StoredPolicy | None, text: str, from_ms: int, now_ms: int) -> SitePlan:
    document = stored.document if stored is not None else text
    check(standing, document, now_ms)
    return scheduled_plan(*standing, document, from_ms)


def _is_in(plan: SitePlan, stored: StoredPolicy) -> bool:
    return stored.state in IN_PLAN and any(one.version == stored.outline.version for one in plan.policies)
