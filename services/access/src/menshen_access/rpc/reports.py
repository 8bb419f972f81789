"""The ReportService."""

from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any, Final, TypeVar

from menshen.access.v1 import reports_pb2 as pb
from menshen.access.v1.reports_pb2_grpc import ReportServiceServicer

from menshen_access.domain.reports import Span
from menshen_access.querying import Question
from menshen_access.reporting import Reporting
from menshen_access.rpc.convert_admin import ServedSites, who

_ROWS_AT_ONCE: Final = 1000
_Row = TypeVar("_Row")


class ReportServicer(ReportServiceServicer):
    """Turns messages into calls of the use case and back: the total first, then the rows."""

    def __init__(self, sites: ServedSites, reporting: Reporting) -> None:
        self._sites = sites
        self._reporting = reporting

    async def CountPassages(
        self, request: pb.CountPassagesRequest, context: Any
    ) -> AsyncIterator[pb.CountPassagesResponse]:
        report = await self._reporting.passages(self._question(request, context, "CountPassages"), _span(request))
        yield pb.CountPassagesResponse(
            total=report.total, deleted=report.deleted, utc_offset_minutes=report.utc_offset_minutes
        )
        for rows in _parts(report.rows):
            counts = [
                pb.PassageCount(access_point=row.access_point, hour_from_ms=row.hour_from_ms, passages=row.passages)
                for row in rows
            ]
            yield pb.CountPassagesResponse(rows=counts)

    async def CountRefusals(
        self, request: pb.CountRefusalsRequest, context: Any
    ) -> AsyncIterator[pb.CountRefusalsResponse]:
        report = await self._reporting.refusals(self._question(request, context, "CountRefusals"), _span(request))
        yield pb.CountRefusalsResponse(total=report.total, deleted=report.deleted)
        for rows in _parts(report.rows):
            counts = [
                pb.RefusalCount(access_point=row.access_point, reason_code=row.reason_code, refusals=row.refusals)
                for row in rows
            ]
            yield pb.CountRefusalsResponse(rows=counts)

    async def ListOverstays(
        self, request: pb.ListOverstaysRequest, context: Any
    ) -> AsyncIterator[pb.ListOverstaysResponse]:
        question = self._question(request, context, "ListOverstays")
        report = await self._reporting.overstays(question, request.area, request.hours)
        yield pb.ListOverstaysResponse(total=report.total, utc_offset_minutes=report.utc_offset_minutes)
        for rows in _parts(report.rows):
            stays = [pb.Overstay(subject_id=row.subject_id, since_ms=row.since_ms, area=row.area) for row in rows]
            yield pb.ListOverstaysResponse(rows=stays)

    async def ListWithoutPassage(
        self, request: pb.ListWithoutPassageRequest, context: Any
    ) -> AsyncIterator[pb.ListWithoutPassageResponse]:
        question = self._question(request, context, "ListWithoutPassage")
        report = await self._reporting.without_passage(question, _span(request))
        yield pb.ListWithoutPassageResponse(total=report.total, passed=report.passed, deleted=report.deleted)
        for rows in _parts(report.rows):
            yield pb.ListWithoutPassageResponse(rows=[pb.WithoutPassage(subject_id=row) for row in rows])

    async def ListUnusedCredentials(
        self, request: pb.ListUnusedCredentialsRequest, context: Any
    ) -> AsyncIterator[pb.ListUnusedCredentialsResponse]:
        question = self._question(request, context, "ListUnusedCredentials")
        report = await self._reporting.unused(question, _span(request))
        yield pb.ListUnusedCredentialsResponse(total=report.total, presented=report.presented, deleted=report.deleted)
        for rows in _parts(report.rows):
            unused = [pb.UnusedCredential(subject_id=holder, credential_id=held) for holder, held in rows]
            yield pb.ListUnusedCredentialsResponse(rows=unused)

    async def CountMuster(self, request: pb.CountMusterRequest, context: Any) -> AsyncIterator[pb.CountMusterResponse]:
        report = await self._reporting.muster(self._question(request, context, "CountMuster"))
        yield pb.CountMusterResponse(total=report.total)
        for rows in _parts(report.rows):
            counts = [pb.MusterCount(area=row.area, inside=row.inside, unknown=row.unknown) for row in rows]
            yield pb.CountMusterResponse(rows=counts)

    def _question(self, request: Any, context: Any, method: str) -> Question:
        return Question(self._sites.check(request.site), who(context), method, request.purpose)


def _span(request: Any) -> Span:
    return Span(request.from_ms, request.to_ms)


def _parts(rows: Sequence[_Row]) -> Iterator[Sequence[_Row]]:
    return (rows[start : start + _ROWS_AT_ONCE] for start in range(0, len(rows), _ROWS_AT_ONCE))
