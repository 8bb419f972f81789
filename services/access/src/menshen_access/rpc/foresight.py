"""The ForesightService."""

from collections.abc import AsyncIterator, Iterable, Iterator
from itertools import islice
from typing import Any, Final, TypeVar

from menshen.access.v1 import foresight_pb2 as pb
from menshen.access.v1.foresight_pb2_grpc import ForesightServiceServicer
from menshen_rulebook.foresight import Right

from menshen_access import foresight_work
from menshen_access.domain.foreseen import AccessRow, ChangeRow, Comparison, LossRow, PassRow, Unread, WayRow
from menshen_access.foreseeing import Foreseeing
from menshen_access.querying import Question
from menshen_access.resting import Resting
from menshen_access.rpc.convert_admin import ServedSites, who

R = TypeVar("R")
_AT_ONCE: Final = 100
"""Decisions wait for a page at most."""
_REST_SHARE: Final = 2.0
"""Millions of rows have to come before their connection is renewed."""
_KINDS: Final = {
    foresight_work.GAINED: pb.CHANGE_KIND_GAINED,
    foresight_work.LOST: pb.CHANGE_KIND_LOST,
    foresight_work.REVIEWED: pb.CHANGE_KIND_REVIEWED,
    foresight_work.REFUSED: pb.CHANGE_KIND_REFUSED,
}


class ForesightServicer(ForesightServiceServicer):
    """Turns messages into calls of the use case and back; small pages, so that decisions come in between."""

    def __init__(self, sites: ServedSites, foreseeing: Foreseeing, resting: Resting) -> None:
        self._sites = sites
        self._foreseeing = foreseeing
        self._resting = resting

    async def WhoCanPass(self, request: pb.WhoCanPassRequest, context: Any) -> AsyncIterator[pb.WhoCanPassResponse]:
        question = self._question(request, context, "WhoCanPass")
        found = await self._foreseeing.who_can_pass(question, request.access_point, request.at_ms)
        if found.unread.count:
            yield pb.WhoCanPassResponse(unreadable=_unread_message(found.unread))
        async for page in self._pages(found.rows):
            yield pb.WhoCanPassResponse(rows=map(_pass_message, page))

    async def WhereCanPass(
        self, request: pb.WhereCanPassRequest, context: Any
    ) -> AsyncIterator[pb.WhereCanPassResponse]:
        question = self._question(request, context, "WhereCanPass")
        window = request.from_ms, request.to_ms
        async for page in self._pages(await self._foreseeing.where_can_pass(question, request.subject_id, window)):
            yield pb.WhereCanPassResponse(rows=map(_way_message, page))

    async def ReviewAccess(
        self, request: pb.ReviewAccessRequest, context: Any
    ) -> AsyncIterator[pb.ReviewAccessResponse]:
        question = self._question(request, context, "ReviewAccess")
        found = await self._foreseeing.who_passes_where(question, request.unit, request.at_ms)
        if found.unread.count:
            yield pb.ReviewAccessResponse(unreadable=_unread_message(found.unread))
        async for page in self._pages(found.rows):
            yield pb.ReviewAccessResponse(rows=map(_access_message, page))

    async def ComparePolicy(
        self, request: pb.ComparePolicyRequest, context: Any
    ) -> AsyncIterator[pb.ComparePolicyResponse]:
        question = self._question(request, context, "ComparePolicy")
        window = request.from_ms, request.to_ms
        found = await self._foreseeing.compared(question, request.policy_id, request.document, window)
        unread = _unread_message(found.unread) if found.unread.count else None
        yield pb.ComparePolicyResponse(totals=_totals_message(found), unreadable=unread)
        async for page in self._pages(found.rows):
            yield pb.ComparePolicyResponse(rows=map(_change_message, page))

    async def Forecast(self, request: pb.ForecastRequest, context: Any) -> AsyncIterator[pb.ForecastResponse]:
        found = await self._foreseeing.forecast(self._question(request, context, "Forecast"), request.days)
        if found.unread.count:
            yield pb.ForecastResponse(unreadable=_unread_message(found.unread))
        async for page in self._pages(found.rows):
            yield pb.ForecastResponse(rows=map(_loss_message, page))

    async def _pages(self, rows: Iterator[R]) -> AsyncIterator[list[R]]:
        """Decisions have their time between pages, each of which is made into a message as it is taken."""
        began = self._resting.now()
        while page := list(islice(rows, _AT_ONCE)):
            yield page
            await self._resting.after(self._resting.now() - began, _REST_SHARE)
            began = self._resting.now()

    def _question(self, request: Any, context: Any, method: str) -> Question:
        return Question(self._sites.check(request.site), who(context), method, request.purpose)


def _pass_message(row: PassRow) -> pb.PassRow:
    return pb.PassRow(
        subject_id=row.subject_id,
        outcome=row.outcome,  # type: ignore[arg-type]
        reason_code=row.code,
        rights=_right_messages(row.rights),
    )


def _way_message(row: WayRow) -> pb.WayRow:
    return pb.WayRow(
        access_point=row.access_point_id,
        from_ms=row.from_ms,
        to_ms=row.to_ms,
        outcome=row.outcome,  # type: ignore[arg-type]
        reason_code=row.code,
        rights=_right_messages(row.rights),
    )


def _access_message(row: AccessRow) -> pb.AccessRow:
    return pb.AccessRow(
        subject_id=row.subject_id,
        category=row.category,
        access_point=row.access_point_id,
        outcome=row.outcome,  # type: ignore[arg-type]
        reason_code=row.code,
        rights=_right_messages(row.rights),
    )


def _right_messages(rights: Iterable[Right]) -> Iterator[pb.Right]:
    # RightKind has the numbers of the protocol.
    return (pb.Right(kind=int(r.kind), access_level=r.level_id, group=r.group) for r in rights)  # type: ignore[arg-type]


def _unread_message(unread: Unread) -> pb.UnreadableRecords:
    return pb.UnreadableRecords(count=unread.count, subject_ids=unread.subject_ids)


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
