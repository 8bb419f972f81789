"""The ReplayService."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any, Final

from menshen.access.v1 import replay_pb2 as pb
from menshen.access.v1.replay_pb2_grpc import ReplayServiceServicer

from menshen_access.domain.judging import Answer
from menshen_access.domain.replayed import Differing, ReplayTally
from menshen_access.querying import Question
from menshen_access.replaying import ReplayedPage, Replaying
from menshen_access.rpc.convert_admin import ServedSites, who

_SILENT_PAGES: Final = 10
"""Progress is told once in so many pages in which nothing came out otherwise."""


class ReplayServicer(ReplayServiceServicer):
    """Turns messages into calls of the use case and back."""

    def __init__(self, sites: ServedSites, replaying: Replaying) -> None:
        self._sites = sites
        self._replaying = replaying

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
                    yield _message(page)


def _message(page: ReplayedPage) -> pb.ReplayHistoryResponse:
    return pb.ReplayHistoryResponse(
        progress=pb.ReplayProgress(decisions=page.decisions, sequence=page.sequence, at_ms=page.at_ms),
        differences=map(_difference, page.differing),
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
