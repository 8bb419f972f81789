"""menshen.vehicles.v1.VehicleService: each call in three lines, the work in the use cases."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any

from menshen.vehicles.v1 import vehicles_pb2 as pb
from menshen.vehicles.v1 import vehicles_pb2_grpc
from menshen_servicekit.identity import Caller, caller_of

from menshen_vehicles.announcing import Announcing
from menshen_vehicles.domain.permits import PermitState
from menshen_vehicles.domain.vehicles import VehicleClass
from menshen_vehicles.domain.words import Fault
from menshen_vehicles.looking_up import Holding, LookingUp
from menshen_vehicles.permitting import Permitting
from menshen_vehicles.registering import Registering
from menshen_vehicles.rpc import convert
from menshen_vehicles.rpc.streams import Streams
from menshen_vehicles.suspending import Suspending
from menshen_vehicles.tagging import Tagging
from menshen_vehicles.troubles import refuse, vehicle_unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class UseCases:
    """What the servicer calls."""

    registering: Registering
    permitting: Permitting
    suspending: Suspending
    announcing: Announcing
    tagging: Tagging
    looking_up: LookingUp


class VehicleServicer(vehicles_pb2_grpc.VehicleServiceServicer):
    """Callers are authenticated, and held to their site, before anything here runs."""

    def __init__(self, cases: UseCases, streams: Streams) -> None:
        self._cases = cases
        self._streams = streams

    async def PutVehicle(self, request: pb.PutVehicleRequest, context: Any) -> pb.PutVehicleResponse:
        vehicle = convert.vehicle_from(request.vehicle, request.site)
        stored = await self._cases.registering.put(_actor(context), request.site, vehicle)
        return pb.PutVehicleResponse(vehicle=convert.vehicle_to(stored))

    async def GetVehicle(self, request: pb.GetVehicleRequest, context: Any) -> pb.GetVehicleResponse:
        found = await self._find(request)
        return pb.GetVehicleResponse(
            vehicle=convert.vehicle_to(found.vehicle),
            permits=map(convert.permit_to, found.permits),
            tags=map(convert.binding_to, found.bindings),
            suspensions=map(convert.suspension_to, found.suspensions),
            visits=map(convert.visit_to, found.visits),
        )

    async def ListVehicles(self, request: pb.ListVehiclesRequest, context: Any) -> pb.ListVehiclesResponse:
        page, token = await self._cases.looking_up.page(
            convert.site(request.site),
            request.page_size,
            convert.key("page_token", request.page_token, is_required=False),
        )
        return pb.ListVehiclesResponse(vehicles=map(convert.vehicle_to, page), next_page_token=token)

    async def GrantPermit(self, request: pb.GrantPermitRequest, context: Any) -> pb.GrantPermitResponse:
        permit = convert.permit_from(request.permit)
        stored = await self._cases.permitting.grant(_actor(context), convert.site(request.site), permit)
        return pb.GrantPermitResponse(permit=convert.permit_to(stored))

    async def ChangePermitState(
        self, request: pb.ChangePermitStateRequest, context: Any
    ) -> pb.ChangePermitStateResponse:
        stored = await self._cases.permitting.change_state(
            _actor(context),
            convert.site(request.site),
            convert.key("permit_id", request.permit_id),
            convert.member(PermitState, request.state, "state"),
            request.reason,
        )
        return pb.ChangePermitStateResponse(permit=convert.permit_to(stored))

    async def SuspendVehicle(self, request: pb.SuspendVehicleRequest, context: Any) -> pb.SuspendVehicleResponse:
        suspension = convert.suspension_from(request.suspension)
        site = convert.site(request.site)
        stored = await self._cases.suspending.suspend(_actor(context), site, suspension, request.reason)
        return pb.SuspendVehicleResponse(suspension=convert.suspension_to(stored))

    async def LiftSuspension(self, request: pb.LiftSuspensionRequest, context: Any) -> pb.LiftSuspensionResponse:
        suspension_id = convert.key("suspension_id", request.suspension_id)
        site = convert.site(request.site)
        stored = await self._cases.suspending.lift(_actor(context), site, suspension_id, request.reason)
        return pb.LiftSuspensionResponse(suspension=convert.suspension_to(stored))

    async def RecordTest(self, request: pb.RecordTestRequest, context: Any) -> pb.RecordTestResponse:
        suspension_id = convert.key("suspension_id", request.suspension_id)
        site = convert.site(request.site)
        stored = await self._cases.suspending.record_test(_actor(context), site, suspension_id, request.reason)
        return pb.RecordTestResponse(suspension=convert.suspension_to(stored))

    async def AnnounceVehicle(self, request: pb.AnnounceVehicleRequest, context: Any) -> pb.AnnounceVehicleResponse:
        visit = convert.visit_from(request.visit, convert.site(request.site))
        vehicle_class = convert.member(VehicleClass, request.vehicle_class, "vehicle_class")
        vehicle, stored = await self._cases.announcing.announce(
            _actor(context), visit, request.plate, vehicle_class, request.category
        )
        return pb.AnnounceVehicleResponse(vehicle=convert.vehicle_to(vehicle), visit=convert.visit_to(stored))

    async def CancelVehicleVisit(
        self, request: pb.CancelVehicleVisitRequest, context: Any
    ) -> pb.CancelVehicleVisitResponse:
        visit_id = convert.key("visit_id", request.visit_id)
        site = convert.site(request.site)
        stored = await self._cases.announcing.cancel(_actor(context), site, visit_id, request.reason)
        return pb.CancelVehicleVisitResponse(visit=convert.visit_to(replace(stored, code="")))

    async def BindTag(self, request: pb.BindTagRequest, context: Any) -> pb.BindTagResponse:
        stored = await self._cases.tagging.bind(
            _actor(context),
            convert.site(request.site),
            convert.key("vehicle_id", request.vehicle_id),
            request.epc,
            request.tid,
        )
        return pb.BindTagResponse(binding=convert.binding_to(stored))

    async def ReleaseTag(self, request: pb.ReleaseTagRequest, context: Any) -> pb.ReleaseTagResponse:
        binding_id = convert.key("binding_id", request.binding_id)
        stored = await self._cases.tagging.release(
            _actor(context), convert.site(request.site), binding_id, request.reason
        )
        return pb.ReleaseTagResponse(binding=convert.binding_to(stored))

    async def ReportTagLost(self, request: pb.ReportTagLostRequest, context: Any) -> pb.ReportTagLostResponse:
        stored = await self._cases.tagging.report_lost(
            _actor(context), convert.site(request.site), request.epc, request.reason
        )
        return pb.ReportTagLostResponse(binding=convert.binding_to(stored))

    async def ImportVehicles(
        self, requests: AsyncIterator[pb.ImportVehiclesRequest], context: Any
    ) -> pb.ImportVehiclesResponse:
        return await self._streams.import_vehicles(_caller(context), requests)

    async def WatchVehicles(
        self, request: pb.WatchVehiclesRequest, context: Any
    ) -> AsyncIterator[pb.WatchVehiclesResponse]:
        async for response in self._streams.watch(request):
            yield response

    async def _find(self, request: pb.GetVehicleRequest) -> Holding:
        site = convert.site(request.site)
        match request.WhichOneof("key"):
            case "vehicle_id":
                return await self._cases.looking_up.by_id(site, convert.key("vehicle_id", request.vehicle_id))
            case "plate":
                return await self._cases.looking_up.by_plate(site, convert.key("plate", request.plate))
            case "epc":
                return await self._cases.looking_up.by_tag(site, request.epc)
            case _:
                refuse((Fault("vehicle_id", "编号、号牌或电子标签之一", "an id, a plate or a tag"),))
                raise vehicle_unknown()


def _caller(context: Any) -> Caller:
    caller = caller_of(context)
    if caller is None:
        raise RuntimeError("the server lets nobody in without an identity")
    return caller


def _actor(context: Any) -> str:
    return _caller(context).uri
