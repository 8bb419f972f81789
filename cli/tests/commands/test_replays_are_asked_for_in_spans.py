"""A long replay is asked for span by span: what is cut short counts once, and the sum is that of one replay."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field

import grpc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from menshen.access.v1 import replay_pb2 as pb
from menshen_access.domain.replayed import MOST_POINTS, OTHERS
from menshen_cli.asked_again import BUSY_WAITS_S, Patience
from menshen_cli.local.language import LocalError
from menshen_cli.replay_spans import DAY_MS, HOUR_MS, MOST_MS, Pace, Spans, Sums
from menshen_servicekit.clock import ManualClock
from menshen_servicekit.status import DomainError, Trouble, domain_error_of, status_of

AT_ONCE = (0.0,) * 4
KINDS = st.tuples(st.sampled_from(["n-in", "n-out"]), st.sampled_from([1, 4]), st.sampled_from([1, 4]))
DECISIONS = st.lists(st.tuples(st.integers(0, 160 * DAY_MS - 1), KINDS), max_size=40)


@dataclass
class Service:
    """Decisions by device time; the calls of these numbers are cut short after the first answer, and those of others
    refused while another replay is under way.
    """

    decisions: list[tuple[int, tuple[str, int, int]]]
    cut: set[int] = field(default_factory=set)
    code: grpc.StatusCode = grpc.StatusCode.UNAVAILABLE
    asked: list[tuple[int, int]] = field(default_factory=list)
    busy: range = range(0)
    restored: int = 1_000
    """The first call behind a restore."""

    async def ask(self, from_ms: int, to_ms: int) -> AsyncIterator[pb.ReplayHistoryResponse]:
        self.asked.append((from_ms, to_ms))
        if len(self.asked) in self.busy:
            raise under_way()
        found = [(n, kind) for n, (at_ms, kind) in enumerate(self.decisions, 1) if from_ms <= at_ms < to_ms]
        differing = [pb.ReplayDifference(sequence=n) for n, (_, then, again) in found if then != again]
        progress = pb.ReplayProgress(decisions=len(found), epoch=1 if len(self.asked) < self.restored else 2)
        yield pb.ReplayHistoryResponse(progress=progress, differences=differing[: len(differing) // 2 + 1])
        if len(self.asked) in self.cut:
            raise grpc.aio.AioRpcError(self.code, grpc.aio.Metadata(), grpc.aio.Metadata())
        yield pb.ReplayHistoryResponse(progress=progress, differences=differing[len(differing) // 2 + 1 :])
        yield pb.ReplayHistoryResponse(progress=progress, totals=totals_of([kind for _, kind in found]))


def under_way() -> grpc.aio.AioRpcError:
    status = status_of(DomainError(Trouble.CONFLICT, "REPLAY_UNDER_WAY", "正在进行", "under way"))
    return grpc.aio.AioRpcError(status.code, grpc.aio.Metadata(), grpc.aio.Metadata(*status.trailing_metadata))


def totals_of(kinds: list[tuple[str, int, int]]) -> pb.ReplayTotals:
    return pb.ReplayTotals(
        decisions=len(kinds) + 1,
        replayed=len(kinds),
        differing=sum(then != again for _, then, again in kinds),
        points=[
            pb.ReplayedAtPoint(access_point=name, then=then, again=again, count=count)  # type: ignore[arg-type]
            for (name, then, again), count in sorted(Counter(kinds).items())
        ],
        answers=[
            pb.ReplayedAnswer(then=answer(then), again=answer(again), count=count)
            for (then, again), count in sorted(Counter(kind[1:] for kind in kinds).items())
        ],
        not_replayed=[pb.NotReplayed(missing=["plan"], count=1)],
    )


def answer(outcome: int) -> pb.ReplayAnswer:
    return pb.ReplayAnswer(outcome=outcome, reason_code="ODD" if outcome > 1 else "")  # type: ignore[arg-type]


def replay(service: Service, window: tuple[int, int]) -> tuple[pb.ReplayTotals, list[int], list[int]]:
    taken: list[int] = []
    told: list[int] = []
    spans = Spans(service.ask, lambda found: taken.extend(one.sequence for one in found), told.append, ManualClock())
    return asyncio.run(spans.replayed(*window, Patience(AT_ONCE))), taken, told


@settings(max_examples=30, deadline=None, derandomize=True)
@given(DECISIONS, st.sets(st.integers(1, 9), max_size=5))
def test_spans_that_are_cut_short_add_up_to_one_replay_and_tell_every_difference_once(
    decisions: list[tuple[int, tuple[str, int, int]]], cut: set[int]
) -> None:
    cut = {one for one in cut if not {one - 1, one - 2, one - 3} <= cut}
    service = Service(decisions, cut)

    totals, taken, told = replay(service, (0, 160 * DAY_MS))

    whole = totals_of([kind for _, kind in decisions])
    spans = totals.not_replayed[0].count
    assert totals.decisions - spans == whole.decisions - 1
    assert (totals.replayed, totals.differing) == (whole.replayed, whole.differing)
    assert list(totals.points) == list(whole.points)
    assert list(totals.answers) == list(whole.answers)
    assert sorted(taken) == [n for n, (_, (_, then, again)) in enumerate(decisions, 1) if then != again]
    assert max(told) >= len(decisions)
    assert len(service.asked) == spans + len([one for one in cut if one <= len(service.asked)])


@pytest.mark.parametrize(
    ("cut", "code", "calls"),
    [
        ({1, 2, 3, 4, 5}, grpc.StatusCode.UNAVAILABLE, 5),
        ({3}, grpc.StatusCode.OUT_OF_RANGE, 3),
    ],
)
def test_what_is_cut_short_too_often_or_for_good_is_told(cut: set[int], code: grpc.StatusCode, calls: int) -> None:
    service = Service([], cut, code)

    with pytest.raises(grpc.aio.AioRpcError) as refused:
        replay(service, (0, 160 * DAY_MS))

    assert (refused.value.code(), len(service.asked)) == (code, calls)


def test_what_never_began_is_not_asked_for_again() -> None:
    calls: list[int] = []

    async def away(from_ms: int, to_ms: int) -> AsyncIterator[pb.ReplayHistoryResponse]:
        calls.append(from_ms)
        raise grpc.aio.AioRpcError(grpc.StatusCode.UNAVAILABLE, grpc.aio.Metadata(), grpc.aio.Metadata())
        yield

    with suppress(grpc.aio.AioRpcError):
        asyncio.run(Spans(away, lambda found: None, lambda count: None, ManualClock()).replayed(0, DAY_MS))

    assert calls == [0]


@pytest.mark.parametrize("cut", [set(), {2}])
def test_spans_of_a_history_and_of_the_one_after_a_restore_are_not_added(cut: set[int]) -> None:
    service = Service([(DAY_MS, ("n-in", 1, 4)), (100 * DAY_MS, ("n-in", 1, 4))], cut, restored=3)

    with pytest.raises(LocalError) as told:
        replay(service, (0, 160 * DAY_MS))

    assert len(service.asked) == 3
    assert "epoch 1, and the history is in 2" in told.value.en
    assert "纪元 1，当前纪元为 2" in told.value.zh


def test_a_replay_that_has_begun_waits_ten_minutes_for_another_one_and_says_so_once() -> None:
    service, said = Service([(DAY_MS, ("n-in", 1, 4)), (100 * DAY_MS, ("n-in", 1, 4))], {3}, busy=range(4, 60)), []
    taken: list[int] = []
    spans = Spans(
        service.ask, lambda found: taken.extend(one.sequence for one in found), lambda count: None, ManualClock()
    )
    patience = Patience(AT_ONCE, (0.0,) * len(BUSY_WAITS_S), lambda: said.append(len(service.asked)))

    totals = asyncio.run(spans.replayed(0, 160 * DAY_MS, patience))

    assert (totals.replayed, taken, said) == (2, [1, 2], [9])
    assert sum(BUSY_WAITS_S) >= 600


@pytest.mark.parametrize(("busy", "calls"), [(range(1, 9), 1), (range(2, 99), 2 + 5)])
def test_another_replay_that_does_not_end_or_was_there_first_is_told(busy: range, calls: int) -> None:
    service = Service([], busy=busy)
    spans = Spans(service.ask, lambda found: None, lambda count: None, ManualClock())

    with pytest.raises(grpc.aio.AioRpcError) as refused:
        asyncio.run(spans.replayed(0, 160 * DAY_MS, Patience(AT_ONCE, (0.0,) * 5)))

    assert (domain_error_of(refused.value).code, len(service.asked)) == ("REPLAY_UNDER_WAY", calls)


@pytest.mark.parametrize("window", [(5, 5), (7, 5), (1, MOST_MS + 2)])
def test_a_window_that_the_service_refuses_is_asked_for_as_it_is(window: tuple[int, int]) -> None:
    service = Service([], {1}, grpc.StatusCode.INVALID_ARGUMENT)

    with pytest.raises(grpc.aio.AioRpcError):
        replay(service, window)

    assert service.asked == [window]


def test_spans_grow_while_they_are_quick_and_shrink_when_they_are_slow_or_cut() -> None:
    pace = Pace()
    lengths = []

    for seconds in (1, 19.9, 20, 80, 80.1):
        pace.took(seconds)
        lengths.append(pace.length_ms // DAY_MS)
    for _ in range(4):
        pace.cut()
        lengths.append(pace.length_ms // HOUR_MS)

    assert lengths == [32, 32, 32, 32, 16, 96, 24, 6, 1]


def test_access_points_beyond_the_most_are_counted_together_across_spans() -> None:
    sums = Sums()

    for start in (0, MOST_POINTS - 1):
        names = range(start, start + MOST_POINTS - 1)
        sums.add(pb.ReplayTotals(points=[pb.ReplayedAtPoint(access_point=f"p{n:04}", count=2) for n in names]))

    found = {at.access_point: at.count for at in sums.totals().points}
    assert len(found) == MOST_POINTS + 1
    assert found[OTHERS] == 2 * (MOST_POINTS - 2)
