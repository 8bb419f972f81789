"""The RPCs of the AdministrationService about emergency closures."""

from dataclasses import asdict
from typing import Any

from menshen.access.v1 import administration_pb2 as pb

from menshen_access.closing import Closing, WantedClosure
from menshen_access.domain.emergency_closure import EmergencyClosure
from menshen_access.rpc.convert_admin import ServedSites, who


class ClosureRpcs:
    """A part of the AdministrationServicer."""

    def __init__(self, sites: ServedSites, closing: Closing) -> None:
        self._closure_sites = sites
        self._closing = closing

    async def CloseAccessPoint(self, request: pb.CloseAccessPointRequest, context: Any) -> pb.CloseAccessPointResponse:
        site = self._closure_sites.check(request.site)
        wanted = WantedClosure(request.access_point, request.duration_ms, request.redirect, request.reason)
        closure = await self._closing.close(site, wanted, who(context))
        return pb.CloseAccessPointResponse(closure=_closure_message(closure))

    async def ReopenAccessPoint(
        self, request: pb.ReopenAccessPointRequest, context: Any
    ) -> pb.ReopenAccessPointResponse:
        site = self._closure_sites.check(request.site)
        closure = await self._closing.reopen(site, request.closure_id, request.reason, who(context))
        return pb.ReopenAccessPointResponse(closure=_closure_message(closure))

    async def ApproveClosure(self, request: pb.ApproveClosureRequest, context: Any) -> pb.ApproveClosureResponse:
        site = self._closure_sites.check(request.site)
        closure = await self._closing.approve(site, request.closure_id, request.reason, who(context))
        return pb.ApproveClosureResponse(closure=_closure_message(closure))

    async def ListClosures(self, request: pb.ListClosuresRequest, context: Any) -> pb.ListClosuresResponse:
        found = await self._closing.listed(self._closure_sites.check(request.site), waiting=request.waiting)
        return pb.ListClosuresResponse(closures=map(_closure_message, found))


def _closure_message(closure: EmergencyClosure) -> pb.EmergencyClosure:
    return pb.EmergencyClosure(**asdict(closure))
