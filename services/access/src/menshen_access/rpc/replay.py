"""The ReplayService."""

from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping, Sequence
from contextlib import aclosing
from typing import Any, Final

from menshen.access.v1 import replay_pb2 as pb
from menshen.access.v1.replay_pb2_grpc import ReplayServiceServicer
from menshen_rulebook.replay.tally import Summary
from menshen_rulebook.types import Outcome
from menshen_servicekit.authorization import site_missing
from menshen_servicekit.identity import is_site

from menshen_access.domain.judging import Answer
from menshen_access.domain.replayed import Differing, ReplayTally
from menshen_access.presented_work import Presented
from menshen_access.presenting import PresentedPage, ReplayingPresentations, check_size
from menshen_access.querying import Question
from menshen_access.replaying import ReplayedPage, Replaying
from menshen_access.rpc.convert_admin import ServedSites, who

_AT_ONCE: Final = 100
"""Differences of a message."""
_SILENT_PAGES: Final = 10
"""Progress is told once in so many pages in which nothing came out otherwise."""


class ReplayServicer(ReplayServiceServicer):
    """Turns messages into calls of the use case and back."""

    def __init__(self, sites: ServedSites, replaying: Replaying, presentations: ReplayingPresentations) -> None:
        self._sites = sites
        self._replaying = replaying
        self._presentations = presentations

    async def ReplayHistory(
        self, request: pb.ReplayHistoryRequest, context: Any
    ) -> AsyncIterator[pb.ReplayHistoryResponse]:
        question = Question(self._sites.check(request.site), who(context), "ReplayHistory", request.purpose)
        window = request.from_ms, request.to_ms
        pages = self._replaying.history(question, request.policy_id, request.document, window)
        silent = 0
        async with aclosing(pages):
            async for page in pages:
                silent += 1
                if page.differing or page.tally is not None or silent >= _SILENT_PAGES:
                    silent = 0
                    for message in _messages(page):
                        yield message

    async def ReplayPresentations(
        self, request_iterator: AsyncIterator[pb.ReplayPresentationsRequest], context: Any
    ) -> AsyncIterator[pb.ReplayPresentationsResponse]:
        first = await anext(request_iterator, pb.ReplayPresentationsRequest())
        if not is_site(first.site):
            raise site_missing()
        question = Question(self._sites.check(first.site), who(context), "ReplayPresentations", first.purpose)
        sent = _sent(first, request_iterator)
        pages = self._presentations.decided(question, first.policy_id, first.document, sent)
        async with aclosing(sent), aclosing(pages):
            async for page in pages:
                yield _presented(page)


async def _sent(
    first: pb.ReplayPresentationsRequest, following: AsyncIterator[pb.ReplayPresentationsRequest]
) -> AsyncGenerator[Sequence[Presented], None]:
    yield _page(first)
    async for request in following:
        yield _page(request)


def _page(request: pb.ReplayPresentationsRequest) -> list[Presented]:
    check_size(len(request.presentations))
    return [
        Presented(one.line, one.at_ms, one.credential, one.credential_type, one.access_point)
        for one in request.presentations
    ]


def _presented(page: PresentedPage) -> pb.ReplayPresentationsResponse:
    return pb.ReplayPresentationsResponse(
        presentations=page.presentations,
        differences=[
            pb.PresentationDifference(line=one.line, in_force=_answer(one.in_force), asked=_answer(one.asked))
            for one in page.differing
        ],
        totals=None if page.summary is None else _summary(page, page.summary),
    )


def _summary(page: PresentedPage, summary: Summary) -> pb.PresentationTotals:
    return pb.PresentationTotals(
        presentations=page.presentations,
        differing=page.differed,
        answers=[
            pb.CountedAnswer(answer=_answer(Answer(int(outcome), code)), count=count)
            for (outcome, code), count in sorted(summary.reasons.items())
        ],
        points=[
            pb.CountedAtPoint(access_point=name, outcome=int(outcome), count=count)  # type: ignore[arg-type]
            for (name, outcome), count in sorted(summary.points.items())
        ],
        hours=_times(summary.hours),
        weekdays=_times(summary.weekdays),
        refused_most=[pb.RefusedCredential(credential=name, count=count) for name, count in summary.refused_most],
        refused_credentials=summary.refused,
        inside=summary.inside,
        peak=summary.peak,
        peak_at_ms=summary.peak_at_ms,
    )


def _times(counts: Mapping[tuple[int, Outcome], int]) -> list[pb.CountedAtTime]:
    return [
        pb.CountedAtTime(time=time, outcome=int(outcome), count=count)  # type: ignore[arg-type]
        for (time, outcome), count in sorted(counts.items())
    ]


def _messages(page: ReplayedPage) -> Iterator[pb.ReplayHistoryResponse]:
    """In parts: decisions wait while one is made."""
    progress = pb.ReplayProgress(decisions=page.decisions, sequence=page.sequence, at_ms=page.at_ms, epoch=page.epoch)
    for start in range(0, len(page.differing) or 1, _AT_ONCE):
        yield pb.ReplayHistoryResponse(
            progress=progress,
            differences=map(_difference, page.differing[start : start + _AT_ONCE]),
            totals=None if page.tally is None else _totals(page.tally),
        )


def _difference(one: Differing) -> pb.ReplayDifference:
    return pb.ReplayDifference(
        sequence=one.sequence,
        event_id=one.event_id,
        kind=one.kind,  # type: ignore[arg-type]  # open enum
        at_ms=one.at_ms,
        access_point=one.access_point_id,
        subject_ids=one.subject_ids,
        then=_answer(one.then),
        again=_answer(one.again),
        parts=one.parts,
    )


def _answer(answer: Answer) -> pb.ReplayAnswer:
    return pb.ReplayAnswer(outcome=answer.outcome, reason_code=answer.code)  # type: ignore[arg-type]


def _totals(tally: ReplayTally) -> pb.ReplayTotals:
    return pb.ReplayTotals(
        decisions=tally.decisions,
        replayed=tally.replayed,
        differing=tally.differing,
        points=[
            pb.ReplayedAtPoint(access_point=name, then=then, again=again, count=count)  # type: ignore[arg-type]
            for (name, then, again), count in sorted(tally.points.items())
        ],
        answers=[
            pb.ReplayedAnswer(then=_answer(then), again=_answer(again), count=count)
            for (then, again), count in sorted(tally.answers.items())
        ],
        not_replayed=[
            pb.NotReplayed(kind=kind, verdict=verdict.value, missing=missing, count=count)  # type: ignore[arg-type]
            for (kind, verdict, missing), count in tally.unjudged.most_common()
        ],
    )
