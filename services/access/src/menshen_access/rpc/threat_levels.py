"""The RPCs of the AdministrationService about threat levels."""

from dataclasses import asdict
from typing import Any

from menshen.access.v1 import administration_pb2 as pb

from menshen_access.domain.threat_levels import SetThreatLevel
from menshen_access.rpc.convert_admin import ServedSites, who
from menshen_access.threat_desk import ThreatDesk


class ThreatLevelRpcs:
    """A part of the AdministrationServicer."""

    def __init__(self, sites: ServedSites, threat_desk: ThreatDesk) -> None:
        self._threatened_sites = sites
        self._threat_desk = threat_desk

    async def SetThreatLevel(self, request: pb.SetThreatLevelRequest, context: Any) -> pb.SetThreatLevelResponse:
        site = self._threatened_sites.check(request.site)
        level = await self._threat_desk.set_level(site, request.area, request.level, request.reason, who(context))
        return pb.SetThreatLevelResponse(threat_level=_threat_message(level))

    async def ListThreatLevels(self, request: pb.ListThreatLevelsRequest, context: Any) -> pb.ListThreatLevelsResponse:
        levels = await self._threat_desk.levels(self._threatened_sites.check(request.site))
        return pb.ListThreatLevelsResponse(threat_levels=map(_threat_message, levels))


def _threat_message(level: SetThreatLevel) -> pb.ThreatLevel:
    return pb.ThreatLevel(**asdict(level))
