"""The RetentionService."""

from dataclasses import asdict
from typing import Any, cast

from menshen.access.v1 import retention_pb2 as pb
from menshen.access.v1.retention_pb2_grpc import RetentionServiceServicer

from menshen_access.domain.retention import LegalHold, RetentionRun
from menshen_access.querying import Question
from menshen_access.retaining import RetentionDesk
from menshen_access.rpc.convert_admin import ServedSites, who


class RetentionServicer(RetentionServiceServicer):
    """Turns messages into calls of the use case and back."""

    def __init__(self, sites: ServedSites, desk: RetentionDesk) -> None:
        self._sites = sites
        self._desk = desk

    async def PlaceLegalHold(self, request: pb.PlaceLegalHoldRequest, context: Any) -> pb.PlaceLegalHoldResponse:
        site = self._sites.check(request.site)
        hold = await self._desk.place(
            site, request.subject_id, request.from_ms, request.to_ms, request.reason, who(context)
        )
        return pb.PlaceLegalHoldResponse(hold=_hold_message(hold))

    async def EndLegalHold(self, request: pb.EndLegalHoldRequest, context: Any) -> pb.EndLegalHoldResponse:
        site = self._sites.check(request.site)
        hold = await self._desk.end(site, request.hold_id, request.reason, who(context))
        return pb.EndLegalHoldResponse(hold=_hold_message(hold))

    async def ListLegalHolds(self, request: pb.ListLegalHoldsRequest, context: Any) -> pb.ListLegalHoldsResponse:
        question = Question(self._sites.check(request.site), who(context), "ListLegalHolds", request.purpose)
        holds = await self._desk.holds(question, ended_too=request.ended_too)
        return pb.ListLegalHoldsResponse(holds=map(_hold_message, holds))

    async def ListRetentionRuns(
        self, request: pb.ListRetentionRunsRequest, context: Any
    ) -> pb.ListRetentionRunsResponse:
        runs = await self._desk.runs(self._sites.check(request.site))
        return pb.ListRetentionRunsResponse(runs=map(_run_message, runs))


def _hold_message(hold: LegalHold) -> pb.LegalHold:
    return pb.LegalHold(**asdict(hold))


def _run_message(run: RetentionRun) -> pb.RetentionRun:
    return pb.RetentionRun(
        retention_class=cast("pb.RetentionClass", int(run.retention_class)),
        started_at_ms=run.started_at_ms,
        ended_at_ms=run.ended_at_ms,
        deleted=run.deleted,
        kept_by_holds=run.kept_by_holds,
        kept_in_use=run.kept_in_use,
        oldest_left_ms=run.oldest_left_ms,
    )
