"""The ForesightService."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from itertools import islice
from typing import Any, Final, TypeVar

from menshen.access.v1 import foresight_pb2 as pb
from menshen.access.v1.foresight_pb2_grpc import ForesightServiceServicer

from menshen_access import foresight_work
from menshen_access.foreseeing import ChangeRow, Comparison, Foreseeing, LossRow, PassRow
from menshen_access.querying import Question
from menshen_access.rpc.convert_admin import ServedSites, who

R = TypeVar("R")
_AT_ONCE: Final = 200
_KINDS: Final = {
    foresight_work.GAINED: pb.CHANGE_KIND_GAINED,
    foresight_work.LOST: pb.CHANGE_KIND_LOST,
    foresight_work.REVIEWED: pb.CHANGE_KIND_REVIEWED,
    foresight_work.REFUSED: pb.CHANGE_KIND_REFUSED,
}


class ForesightServicer(ForesightServiceServicer):
    """Turns messages into calls of the use case and back; small pages, so that decisions come in between."""

    def __init__(self, sites: ServedSites, foreseeing: Foreseeing) -> None:
        self._sites = sites
        self._foreseeing = foreseeing

    async def WhoCanPass(self, request: pb.WhoCanPassRequest, context: Any) -> AsyncIterator[pb.WhoCanPassResponse]:
        question = self._question(request, context, "WhoCanPass")
        rows = await self._foreseeing.who_can_pass(question, request.access_point, request.at_ms)
        async for page in _pages(rows):
            yield pb.WhoCanPassResponse(rows=map(_pass_message, page))

    async def ComparePolicy(
        self, request: pb.ComparePolicyRequest, context: Any
    ) -> AsyncIterator[pb.ComparePolicyResponse]:
        question = self._question(request, context, "ComparePolicy")
        window = request.from_ms, request.to_ms
        found = await self._foreseeing.compared(question, request.policy_id, request.document, window)
        yield pb.ComparePolicyResponse(totals=_totals_message(found))
        async for page in _pages(found.rows):
            yield pb.ComparePolicyResponse(rows=map(_change_message, page))

    async def Forecast(self, request: pb.ForecastRequest, context: Any) -> AsyncIterator[pb.ForecastResponse]:
        rows = await self._foreseeing.forecast(self._question(request, context, "Forecast"), request.days)
        async for page in _pages(rows):
            yield pb.ForecastResponse(rows=map(_loss_message, page))

    def _question(self, request: Any, context: Any, method: str) -> Question:
        return Question(self._sites.check(request.site), who(context), method, request.purpose)


async def _pages(rows: Iterator[R]) -> AsyncIterator[list[R]]:
    while page := list(islice(rows, _AT_ONCE)):
        yield page
        await asyncio.sleep(0)


def _pass_message(row: PassRow) -> pb.PassRow:
    return pb.PassRow(subject_id=row.subject_id, outcome=row.outcome, reason_code=row.code)  # type: ignore[arg-type]


def _change_message(row: ChangeRow) -> pb.ChangeRow:
    return pb.ChangeRow(
        subject_id=row.subject_id,
        access_point=row.access_point_id,
        kind=_KINDS[row.kind],
        from_ms=row.from_ms,
        to_ms=row.to_ms,
        reason_code=row.code,
    )


def _loss_message(row: LossRow) -> pb.LossRow:
    return pb.LossRow(
        subject_id=row.subject_id, access_point=row.access_point_id, from_ms=row.from_ms, reason_code=row.code
    )


def _totals_message(found: Comparison) -> pb.ChangeTotals:
    totals = found.totals
    return pb.ChangeTotals(
        subjects=found.subjects,
        gaining=totals.gaining,
        losing=totals.losing,
        reviewed=totals.reviewed,
        gained=totals.gained,
        lost=totals.lost,
    )
