"""The RPCs of the AdministrationService about threat levels."""

from typing import Any

from menshen.access.v1 import administration_pb2 as pb


class ThreatLevelRpcs:
    """A part of the AdministrationServicer."""

    async def SetThreatLevel(self, request: pb.SetThreatLevelRequest, context: Any) -> pb.SetThreatLevelResponse:
        raise NotImplementedError

    async def ListThreatLevels(self, request: pb.ListThreatLevelsRequest, context: Any) -> pb.ListThreatLevelsResponse:
        raise NotImplementedError
