"""The ForesightService."""

from collections.abc import AsyncIterator, Sequence
from typing import Any, Final

from menshen.access.v1 import foresight_pb2 as pb
from menshen.access.v1.foresight_pb2_grpc import ForesightServiceServicer

from menshen_access.foreseeing import Foreseeing
from menshen_access.querying import Question
from menshen_access.resting import Resting
from menshen_access.rpc.convert_admin import ServedSites, who

SENDING_S: Final = 0.0005
"""About what making and sending one part takes."""


class ForesightServicer(ForesightServiceServicer):
    """Turns messages into calls of the use case and back."""

    def __init__(self, sites: ServedSites, foreseeing: Foreseeing, resting: Resting) -> None:
        self._sites = sites
        self._foreseeing = foreseeing
        self._resting = resting

    async def WhoCanPass(self, request: pb.WhoCanPassRequest, context: Any) -> AsyncIterator[pb.WhoCanPassResponse]:
        question = self._question(request, context, "WhoCanPass")
        async for part in self._sent(
            await self._foreseeing.who_can_pass(question, request.access_point, request.at_ms)
        ):
            yield pb.WhoCanPassResponse.FromString(part)

    async def WhereCanPass(
        self, request: pb.WhereCanPassRequest, context: Any
    ) -> AsyncIterator[pb.WhereCanPassResponse]:
        question = self._question(request, context, "WhereCanPass")
        window = request.from_ms, request.to_ms
        async for part in self._sent(await self._foreseeing.where_can_pass(question, request.subject_id, window)):
            yield pb.WhereCanPassResponse.FromString(part)

    async def ReviewAccess(
        self, request: pb.ReviewAccessRequest, context: Any
    ) -> AsyncIterator[pb.ReviewAccessResponse]:
        question = self._question(request, context, "ReviewAccess")
        async for part in self._sent(await self._foreseeing.who_passes_where(question, request.unit, request.at_ms)):
            yield pb.ReviewAccessResponse.FromString(part)

    async def ComparePolicy(
        self, request: pb.ComparePolicyRequest, context: Any
    ) -> AsyncIterator[pb.ComparePolicyResponse]:
        question = self._question(request, context, "ComparePolicy")
        window = request.from_ms, request.to_ms
        found = await self._foreseeing.compared(question, request.policy_id, request.document, window)
        async for part in self._sent(found):
            yield pb.ComparePolicyResponse.FromString(part)

    async def Forecast(self, request: pb.ForecastRequest, context: Any) -> AsyncIterator[pb.ForecastResponse]:
        question = self._question(request, context, "Forecast")
        async for part in self._sent(await self._foreseeing.forecast(question, request.days)):
            yield pb.ForecastResponse.FromString(part)

    async def _sent(self, parts: Sequence[bytes]) -> AsyncIterator[bytes]:
        """Decisions have their time between parts."""
        for part in parts:
            yield part
            await self._resting.after(SENDING_S)

    def _question(self, request: Any, context: Any, method: str) -> Question:
        return Question(self._sites.check(request.site), who(context), method, request.purpose)
