"""The AdministrationService."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from menshen.access.v1 import administration_pb2 as pb
from menshen.access.v1.administration_pb2_grpc import AdministrationServiceServicer

from menshen_access.announcing import NoticeFeed
from menshen_access.assigning import Assigning
from menshen_access.closing import Closing
from menshen_access.domain.administration import RaisedHold
from menshen_access.domain.door_reports import DoorState
from menshen_access.enacting import Enacting
from menshen_access.holding import Holding
from menshen_access.operating import Operating
from menshen_access.planning import Planning
from menshen_access.presence_desk import PresenceDesk
from menshen_access.rpc.closures import ClosureRpcs
from menshen_access.rpc.convert_admin import (
    ServedSites,
    assignment_message,
    assignment_of,
    bad_token,
    hold_message,
    page_size,
    projection_message,
    who,
)
from menshen_access.rpc.notices import NoticeRpcs
from menshen_access.rpc.orders import OrderRpcs, door_messages
from menshen_access.rpc.policies import PolicyRpcs
from menshen_access.rpc.threat_levels import ThreatLevelRpcs
from menshen_access.securing import SecuredDoors
from menshen_access.threat_desk import ThreatDesk


class AdministrationServicer(
    PolicyRpcs, NoticeRpcs, ClosureRpcs, ThreatLevelRpcs, OrderRpcs, AdministrationServiceServicer
):
    """Turns messages into calls of the use cases and back."""

    def __init__(
        self,
        sites: ServedSites,
        planning: Planning,
        enacting: Enacting,
        assigning: Assigning,
        holding: Holding,
        desk: PresenceDesk,
        notices: NoticeFeed,
        closing: Closing,
        threat_desk: ThreatDesk,
        operating: Operating,
        secured: SecuredDoors,
    ) -> None:
        PolicyRpcs.__init__(self, sites, planning, enacting)
        NoticeRpcs.__init__(self, sites, notices)
        ClosureRpcs.__init__(self, sites, closing)
        ThreatLevelRpcs.__init__(self, sites, threat_desk)
        OrderRpcs.__init__(self, sites, operating, secured)
        self._sites = sites
        self._planning = planning
        self._assigning = assigning
        self._holding = holding
        self._desk = desk

    async def PutPlan(self, request: pb.PutPlanRequest, context: Any) -> pb.PutPlanResponse:
        site = self._sites.check(request.site)
        version = await self._planning.put_plan(
            site, request.document, request.expected_version, request.reason, who(context)
        )
        return pb.PutPlanResponse(version=version)

    async def GetPlan(self, request: pb.GetPlanRequest, context: Any) -> pb.GetPlanResponse:
        version, document = await self._planning.get_plan(self._sites.check(request.site))
        return pb.GetPlanResponse(version=version, document=document.decode())

    async def AssignAccessLevel(
        self, request: pb.AssignAccessLevelRequest, context: Any
    ) -> pb.AssignAccessLevelResponse:
        site = self._sites.check(request.site)
        made = await self._assigning.assign(site, assignment_of(request.assignment), who(context))
        return pb.AssignAccessLevelResponse(assignment=assignment_message(made))

    async def RevokeAccessLevel(
        self, request: pb.RevokeAccessLevelRequest, context: Any
    ) -> pb.RevokeAccessLevelResponse:
        site = self._sites.check(request.site)
        ended = await self._assigning.revoke(site, request.assignment_id, request.reason, who(context))
        return pb.RevokeAccessLevelResponse(assignment=assignment_message(ended))

    async def ListAssignments(self, request: pb.ListAssignmentsRequest, context: Any) -> pb.ListAssignmentsResponse:
        found, following = await self._assigning.page(
            self._sites.check(request.site),
            _after(request.page_token),
            request.subject_id,
            request.group,
            page_size(request.page_size),
        )
        return pb.ListAssignmentsResponse(assignments=map(assignment_message, found), next_page_token=following)

    async def RaiseHold(self, request: pb.RaiseHoldRequest, context: Any) -> pb.RaiseHoldResponse:
        site = self._sites.check(request.site)
        hold = await self._holding.raise_hold(site, request.area, request.access_point, request.reason, who(context))
        return pb.RaiseHoldResponse(hold=hold_message(hold))

    async def ReleaseHold(self, request: pb.ReleaseHoldRequest, context: Any) -> pb.ReleaseHoldResponse:
        site = self._sites.check(request.site)
        hold = await self._holding.release_hold(site, request.hold_id, request.reason, who(context))
        return pb.ReleaseHoldResponse(hold=hold_message(hold))

    async def ListHolds(self, request: pb.ListHoldsRequest, context: Any) -> pb.ListHoldsResponse:
        site = self._sites.check(request.site)
        held = await self._holding.holds(site)
        doors = await self._secured.of(site, held)
        return pb.ListHoldsResponse(holds=[_with_doors(hold, doors[hold.hold_id]) for hold in held.holds])

    async def ForgivePresence(self, request: pb.ForgivePresenceRequest, context: Any) -> pb.ForgivePresenceResponse:
        forgiven = await self._desk.forgive(
            self._sites.check(request.site), list(request.areas), request.subject_id, request.reason, who(context)
        )
        return pb.ForgivePresenceResponse(forgiven=forgiven)

    async def GetOccupancy(self, request: pb.GetOccupancyRequest, context: Any) -> pb.GetOccupancyResponse:
        counts = await self._desk.occupancy(self._sites.check(request.site))
        return pb.GetOccupancyResponse(
            areas=[
                pb.AreaOccupancy(
                    area=area,
                    present=held.present,
                    reserved=held.reserved,
                    vehicles=held.vehicles,
                    vehicles_reserved=held.vehicles_reserved,
                )
                for area, held in sorted(counts.items())
            ]
        )

    async def GetProjection(self, request: pb.GetProjectionRequest, context: Any) -> pb.GetProjectionResponse:
        return projection_message(await self._desk.standing(self._sites.check(request.site)))


def _with_doors(hold: RaisedHold, states: Sequence[DoorState]) -> pb.Hold:
    message = hold_message(hold)
    message.doors.extend(door_messages(states))
    return message


def _after(token: str) -> str:
    try:
        return str(UUID(token)) if token else ""
    except ValueError:
        raise bad_token() from None
