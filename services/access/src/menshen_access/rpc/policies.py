"""The RPCs of the AdministrationService about policies."""

from collections.abc import Iterable
from typing import Any, cast

from menshen.access.v1 import administration_pb2 as pb
from menshen_servicekit.status import DomainError, FieldTrouble, Trouble

from menshen_access.domain.policy_life import PolicyState, Transition
from menshen_access.enacting import Enacting, ShownPolicy
from menshen_access.planning import Planning
from menshen_access.rpc.convert_admin import ServedSites, fault_message, finding_message, supply_of, who
from menshen_access.rpc.guarded_changes import loss_message


class PolicyRpcs:
    """A part of the AdministrationServicer."""

    def __init__(self, sites: ServedSites, planning: Planning, enacting: Enacting) -> None:
        self._policy_sites = sites
        self._validating = planning
        self._enacting = enacting

    async def ValidatePolicy(self, request: pb.ValidatePolicyRequest, context: Any) -> pb.ValidatePolicyResponse:
        site = self._policy_sites.check(request.site)
        found = await self._validating.validate_policy(site, request.document, supply_of(request))
        return pb.ValidatePolicyResponse(
            faults=map(fault_message, found.faults), findings=map(finding_message, found.findings)
        )

    async def ActivatePolicy(self, request: pb.ActivatePolicyRequest, context: Any) -> pb.ActivatePolicyResponse:
        site = self._policy_sites.check(request.site)
        shown = await self._enacting.activate(site, request.document, request.from_ms, request.reason, who(context))
        return pb.ActivatePolicyResponse(plan_version=shown.policy.plan_version, policy=policy_message(shown))

    async def DraftPolicy(self, request: pb.DraftPolicyRequest, context: Any) -> pb.DraftPolicyResponse:
        site, caller = self._policy_sites.check(request.site), who(context)
        if not request.policy_id:
            shown = await self._enacting.draft(site, request.document, request.reason, caller)
        else:
            shown = await self._enacting.revise(
                site, request.policy_id, request.document, request.expected_revision, (caller, request.reason)
            )
        return pb.DraftPolicyResponse(policy=policy_message(shown))

    async def CheckPolicy(self, request: pb.CheckPolicyRequest, context: Any) -> pb.CheckPolicyResponse:
        site = self._policy_sites.check(request.site)
        shown, found = await self._enacting.check(site, request.policy_id, request.reason, who(context))
        return pb.CheckPolicyResponse(
            policy=policy_message(shown),
            faults=map(fault_message, found.faults),
            findings=map(finding_message, found.findings),
        )

    async def ApprovePolicy(self, request: pb.ApprovePolicyRequest, context: Any) -> pb.ApprovePolicyResponse:
        site = self._policy_sites.check(request.site)
        shown = await self._enacting.approve(site, request.policy_id, request.reason, who(context))
        loss = loss_message(shown.loss) if shown.loss is not None else None
        return pb.ApprovePolicyResponse(policy=policy_message(shown), loss=loss)

    async def RejectPolicy(self, request: pb.RejectPolicyRequest, context: Any) -> pb.RejectPolicyResponse:
        site = self._policy_sites.check(request.site)
        shown = await self._enacting.reject(site, request.policy_id, request.reason, who(context))
        return pb.RejectPolicyResponse(policy=policy_message(shown))

    async def SchedulePolicy(self, request: pb.SchedulePolicyRequest, context: Any) -> pb.SchedulePolicyResponse:
        site = self._policy_sites.check(request.site)
        shown = await self._enacting.schedule(site, request.policy_id, request.from_ms, request.reason, who(context))
        return pb.SchedulePolicyResponse(policy=policy_message(shown), plan_version=shown.policy.plan_version)

    async def WithdrawPolicy(self, request: pb.WithdrawPolicyRequest, context: Any) -> pb.WithdrawPolicyResponse:
        site = self._policy_sites.check(request.site)
        shown = await self._enacting.withdraw(site, request.policy_id, request.reason, who(context))
        return pb.WithdrawPolicyResponse(policy=policy_message(shown))

    async def GetPolicy(self, request: pb.GetPolicyRequest, context: Any) -> pb.GetPolicyResponse:
        shown, done = await self._enacting.get(self._policy_sites.check(request.site), request.policy_id)
        return pb.GetPolicyResponse(policy=policy_message(shown), transitions=map(_transition_message, done))

    async def ListPolicies(self, request: pb.ListPoliciesRequest, context: Any) -> pb.ListPoliciesResponse:
        found = await self._enacting.listed(self._policy_sites.check(request.site), _states(request.states))
        return pb.ListPoliciesResponse(policies=map(policy_message, found))


def policy_message(shown: ShownPolicy) -> pb.Policy:
    policy = shown.policy
    return pb.Policy(
        policy_id=policy.policy_id,
        from_ms=policy.from_ms,
        to_ms=policy.outline.to_ms,
        title=policy.outline.title,
        language=policy.outline.language,
        document=policy.document,
        state=cast("pb.PolicyState", int(shown.state)),
        in_force=shown.in_force,
        version=policy.outline.version,
        sha256=policy.sha256,
        author=policy.author,
        revision=policy.revision,
    )


def _transition_message(done: Transition) -> pb.PolicyTransition:
    return pb.PolicyTransition(
        number=done.number,
        act=cast("pb.PolicyAct", int(done.act)),
        before=cast("pb.PolicyState", int(done.before)),
        after=cast("pb.PolicyState", int(done.after)),
        who=done.who,
        at_ms=done.at_ms,
        reason=done.reason,
        sha256=done.sha256,
        loss=loss_message(done.loss) if done.loss is not None else None,
    )


def _states(numbers: Iterable[int]) -> frozenset[PolicyState]:
    try:
        wanted = frozenset(map(PolicyState, numbers))
    except ValueError:
        wanted = frozenset({PolicyState.UNSPECIFIED})
    if PolicyState.UNSPECIFIED in wanted:
        names = ", ".join(state.name for state in PolicyState if state)
        field = FieldTrouble("states", f"以下状态：{names}", f"any of {names}")
        raise DomainError(
            Trouble.INVALID, "STATE_UNKNOWN", "无此策略状态", "there is no such state of a policy", [field]
        )
    return wanted
