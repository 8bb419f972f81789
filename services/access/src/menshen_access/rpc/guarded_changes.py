"""The GuardedChangeService."""

from typing import Any

from menshen.access.v1 import guarded_change_pb2 as pb
from menshen.access.v1.guarded_change_pb2_grpc import GuardedChangeServiceServicer

from menshen_access.approving_changes import ApprovingChanges
from menshen_access.domain.guarded_change import Loss, LossCount
from menshen_access.rpc.convert_admin import ServedSites, who


class GuardedChangeServicer(GuardedChangeServiceServicer):
    """Turns messages into calls of the use case and back."""

    def __init__(self, sites: ServedSites, approving: ApprovingChanges) -> None:
        self._sites = sites
        self._approving = approving

    async def ApprovePlan(self, request: pb.ApprovePlanRequest, context: Any) -> pb.ApprovePlanResponse:
        site = self._sites.check(request.site)
        given = await self._approving.approve_plan(site, request.document, request.reason, who(context))
        return pb.ApprovePlanResponse(sha256=given.digest, loss=loss_message(given.loss), until_ms=given.until_ms)

    async def ApproveRevocation(
        self, request: pb.ApproveRevocationRequest, context: Any
    ) -> pb.ApproveRevocationResponse:
        site, assignment_id = self._sites.check(request.site), request.assignment_id
        given = await self._approving.approve_revocation(site, assignment_id, request.reason, who(context))
        return pb.ApproveRevocationResponse(loss=loss_message(given.loss), until_ms=given.until_ms)

    async def ApproveRemoval(self, request: pb.ApproveRemovalRequest, context: Any) -> pb.ApproveRemovalResponse:
        site, policy_id = self._sites.check(request.site), request.policy_id
        given = await self._approving.approve_removal(site, policy_id, request.reason, who(context))
        return pb.ApproveRemovalResponse(loss=loss_message(given.loss), until_ms=given.until_ms)


def loss_message(loss: Loss) -> pb.Loss:
    """A loss as it is sent."""
    if not loss.is_computed:
        return pb.Loss()
    points = [
        pb.PointLoss(access_point=one.access_point, losing=one.losing, people=one.people, vehicles=one.vehicles)
        for one in loss.points
    ]
    unseen = [pb.Unseen(rule=one.rule, place=one.place, value=one.value) for one in loss.unseen]
    counts = {"people": _count(loss.people), "vehicles": _count(loss.vehicles)}
    return pb.Loss(computed=True, points=points, unseen=unseen, **counts)


def _count(count: LossCount) -> pb.LossCount:
    return pb.LossCount(passing=count.passing, losing=count.losing)
