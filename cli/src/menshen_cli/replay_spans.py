"""A long replay, asked for span by span and added up: no span takes as long as a connection lasts."""

from collections import Counter
from collections.abc import AsyncIterable, Callable, Sequence
from typing import Final

import grpc
from menshen.access.v1 import replay_pb2 as pb
from menshen_access.domain.replayed import MOST_POINTS, OTHERS
from menshen_servicekit.clock import Clock

from menshen_cli.asked_again import Patience
from menshen_cli.local.language import LocalError

HOUR_MS: Final = 3_600_000
DAY_MS: Final = 24 * HOUR_MS
MOST_MS: Final = 366 * DAY_MS
"""What the service replays at most; it refuses a longer window itself."""
QUICK_S: Final = 20
SLOW_S: Final = 80

Ask = Callable[[int, int], AsyncIterable[pb.ReplayHistoryResponse]]
Take = Callable[[Sequence[pb.ReplayDifference]], None]
_Answer = tuple[int, str]


class Pace:
    """How long the next span is: eight days first, then so that it takes about a minute.

    Each takes a process that is started for it; what takes longer is the likelier to be cut short.
    """

    def __init__(self, length_ms: int = 8 * DAY_MS, least_ms: int = HOUR_MS, most_ms: int = 32 * DAY_MS) -> None:
        self.length_ms = length_ms
        self._least_ms, self._most_ms = least_ms, most_ms

    def took(self, seconds: float) -> None:
        """A span was answered."""
        if seconds < QUICK_S:
            self.length_ms = min(4 * self.length_ms, self._most_ms)
        elif seconds > SLOW_S:
            self.length_ms = max(self.length_ms // 2, self._least_ms)

    def cut(self) -> None:
        """A span was not answered whole."""
        self.length_ms = max(self.length_ms // 4, self._least_ms)


class Sums:
    """Totals of spans that do not overlap, added."""

    def __init__(self) -> None:
        self.decisions = self._replayed = self._differing = 0
        self._points: Counter[tuple[str, int, int]] = Counter()
        self._named: set[str] = set()
        self._answers: Counter[tuple[_Answer, _Answer]] = Counter()
        self._not_replayed: Counter[tuple[int, int, tuple[str, ...]]] = Counter()

    def add(self, totals: pb.ReplayTotals) -> None:
        """Add a span."""
        self.decisions += totals.decisions
        self._replayed += totals.replayed
        self._differing += totals.differing
        for at in totals.points:
            self._points[self._counted_as(at.access_point), at.then, at.again] += at.count
        for one in totals.answers:
            self._answers[_answer(one.then), _answer(one.again)] += one.count
        for left in totals.not_replayed:
            self._not_replayed[left.kind, left.verdict, tuple(left.missing)] += left.count

    def totals(self) -> pb.ReplayTotals:
        """All of them, as the service tells those of one replay."""
        return pb.ReplayTotals(
            decisions=self.decisions,
            replayed=self._replayed,
            differing=self._differing,
            points=[
                pb.ReplayedAtPoint(access_point=name, then=then, again=again, count=count)  # type: ignore[arg-type]
                for (name, then, again), count in sorted(self._points.items())
            ],
            answers=[
                pb.ReplayedAnswer(then=_message(then), again=_message(again), count=count)
                for (then, again), count in sorted(self._answers.items())
            ],
            not_replayed=[
                pb.NotReplayed(kind=kind, verdict=verdict, missing=missing, count=count)  # type: ignore[arg-type]
                for (kind, verdict, missing), count in self._not_replayed.most_common()
            ],
        )

    def _counted_as(self, name: str) -> str:
        if name not in self._named and len(self._named) >= MOST_POINTS:
            return OTHERS
        self._named.add(name)
        return name


class Spans:
    """One replay. `take` gets every difference once, `advanced` how many decisions were made again so far."""

    def __init__(self, ask: Ask, take: Take, advanced: Callable[[int], None], clock: Clock) -> None:
        self._ask = ask
        self._take = take
        self._advanced = advanced
        self._clock = clock
        self._sums = Sums()
        self._epoch: int | None = None
        self._taken: set[int] = set()
        """Sequences of the differences of what was cut short: they come again."""

    async def replayed(
        self, from_ms: int, to_ms: int, patience: Patience | None = None, pace: Pace | None = None
    ) -> pb.ReplayTotals:
        """The totals of a window. LocalError when a span ended without its own, or the history is another one than that
        of the spans before; what the service refuses, as it does.

        A span that is cut short is asked for again, and shorter; it counts once.
        """
        patience, pace = patience or Patience(), pace or Pace()
        is_refused = not 0 < to_ms - from_ms <= MOST_MS
        at_ms, farthest_ms = from_ms, from_ms
        while at_ms < to_ms or is_refused:
            end_ms = to_ms if is_refused else min(at_ms + pace.length_ms, to_ms)
            farthest_ms = max(farthest_ms, end_ms)
            began_s = self._clock.monotonic()
            try:
                self._sums.add(await self._span(at_ms, end_ms, patience))
            except grpc.aio.AioRpcError as refusal:
                if not await patience.after(refusal):
                    raise
                if refusal.code() is grpc.StatusCode.UNAVAILABLE:
                    pace.cut()
                continue
            patience.advanced()
            pace.took(self._clock.monotonic() - began_s)
            at_ms = end_ms
            if at_ms >= farthest_ms:
                self._taken.clear()
            is_refused = False
        return self._sums.totals()

    async def _span(self, from_ms: int, to_ms: int, patience: Patience) -> pb.ReplayTotals:
        totals: pb.ReplayTotals | None = None
        async for answer in self._ask(from_ms, to_ms):
            patience.begun()
            self._check_epoch(answer.progress.epoch)
            new = [one for one in answer.differences if one.sequence not in self._taken]
            self._taken.update(one.sequence for one in new)
            self._take(new)
            self._advanced(self._sums.decisions + answer.progress.decisions)
            if answer.HasField("totals"):
                totals = answer.totals
        if totals is None:
            raise LocalError("access: the replay was cut short", "access：回放被中断")
        return totals

    def _check_epoch(self, epoch: int) -> None:
        if self._epoch is None:
            self._epoch = epoch
        if epoch != self._epoch:
            raise LocalError(
                f"access: the replay began in epoch {self._epoch}, and the history is in {epoch}, restored meanwhile: "
                "replay again",
                f"access：回放期间进行了恢复：回放始于纪元 {self._epoch}，当前纪元为 {epoch}，请重新回放",
            )


def _answer(answer: pb.ReplayAnswer) -> _Answer:
    return answer.outcome, answer.reason_code


def _message(answer: _Answer) -> pb.ReplayAnswer:
    return pb.ReplayAnswer(outcome=answer[0], reason_code=answer[1])  # type: ignore[arg-type]
