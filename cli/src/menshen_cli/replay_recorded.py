"""`menshen replay --recorded SITE`: recorded decisions made again by the running suite, and what came out otherwise."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

import grpc
from menshen.access.v1 import decision_pb2, events_pb2
from menshen.access.v1 import replay_pb2 as pb
from menshen.access.v1.replay_pb2_grpc import ReplayServiceStub
from menshen_servicekit.clock import SystemClock
from menshen_servicekit.status import counted, domain_error_of
from rich.console import Console, Group, RenderableType
from rich.progress import Progress

from menshen_cli.administering import identity
from menshen_cli.asked_again import Patience
from menshen_cli.asked_policy import named_policy
from menshen_cli.instants import epoch_ms
from menshen_cli.local.language import LocalError, pick
from menshen_cli.refusals import refusal_text
from menshen_cli.replay_spans import DAY_MS, Ask, Pace, Spans
from menshen_cli.running import RunningSuite
from menshen_cli.whole_rows import WholeRows
from menshen_cli.written_files import Cell, check_new, new_csv

MOST_SHOWN: Final = 40
"""Kinds of changes on the screen; a file gets every decision."""
COLUMNS: Final = (
    "sequence",
    "event_id",
    "kind",
    "time",
    "access_point",
    "subjects",
    "outcome",
    "reason",
    "outcome_again",
    "reason_again",
    "parts",
)

Write = Callable[[Iterable[Sequence[Cell]]], None]


@dataclass(frozen=True)
class Recorded:
    """What is replayed, as the options of the command say it."""

    site: str
    start: str
    end: str
    policy: str
    differences: Path | None
    purpose: str


@dataclass(frozen=True)
class Way:
    """As whom the suite of which folder is asked."""

    who: str
    folder: Path | None


@dataclass(frozen=True)
class Telling:
    """Where differences are written, and who is told how many decisions were made again so far, and that it waits."""

    write: Write
    advanced: Callable[[int], None]
    waits: Callable[[], None]


def replay_recorded(asked: Recorded, who: str, folder: Path | None) -> None:
    """Show what the replay came to; the file of differences is there when it is whole. LocalError for a refusal."""
    if not asked.purpose.strip():
        raise LocalError("--recorded needs --purpose; it is recorded", "--recorded 需要 --purpose（将被记录）")
    if asked.differences is not None:
        check_new(asked.differences)
    window = _window(asked, SystemClock().now_ms())
    policy = named_policy(asked.policy) if asked.policy else {}
    file = nullcontext(_nowhere) if asked.differences is None else new_csv(asked.differences, COLUMNS)
    with Progress(console=Console(stderr=True), transient=True) as progress, file as write:
        task = progress.add_task(asked.site, total=None)
        telling = Telling(write, lambda done: progress.update(task, completed=done), partial(_say_waiting, progress))
        totals = asyncio.run(_ask(asked, policy, window, Way(who, folder), telling))
    console = Console(highlight=False)
    console.print(screens(totals))
    if asked.differences is not None:
        written = asked.differences
        console.print(
            pick(f"{counted(totals.differing, 'row')} in {written}", f"{totals.differing} 行已写入 {written}")
        )


def _window(asked: Recorded, now_ms: int) -> tuple[int, int]:
    """A week, until now."""
    to_ms = epoch_ms(asked.end) if asked.end else now_ms
    return epoch_ms(asked.start) if asked.start else to_ms - 7 * DAY_MS, to_ms


async def _ask(
    asked: Recorded, policy: Mapping[str, Any], window: tuple[int, int], way: Way, telling: Telling
) -> pb.ReplayTotals:
    async with RunningSuite(identity("", way.who), way.folder) as suite:
        stub = ReplayServiceStub(suite.channel("access"))

        def span(from_ms: int, to_ms: int) -> AsyncIterable[pb.ReplayHistoryResponse]:
            request = pb.ReplayHistoryRequest(
                site=asked.site, purpose=asked.purpose, from_ms=from_ms, to_ms=to_ms, **policy
            )
            answers: AsyncIterable[pb.ReplayHistoryResponse] = stub.ReplayHistory(request)
            return answers

        try:
            return await received(span, window, telling)
        except grpc.aio.AioRpcError as error:
            raise LocalError(*refusal_text(domain_error_of(error))) from None


def _say_waiting(progress: Progress) -> None:
    told = (
        "another replay is under way; this one waits up to ten minutes and then goes on",
        "另一回放正在进行，本次回放等待（至多十分钟）后继续",
    )
    progress.console.print(pick(*told), soft_wrap=True)


async def received(
    ask: Ask, window: tuple[int, int], telling: Telling, patience: Patience | None = None, pace: Pace | None = None
) -> pb.ReplayTotals:
    """The totals of a window; every difference was written before, once. Else as `Spans.replayed`."""
    spans = Spans(ask, lambda found: telling.write(map(_row, found)), telling.advanced, SystemClock())
    return await spans.replayed(*window, patience or Patience(waits=telling.waits), pace)


def screens(totals: pb.ReplayTotals) -> RenderableType:
    """The counts in a sentence, outcomes then and again, what changes where and why, and what was not replayed."""
    return Group(*_parts(totals))


def _parts(totals: pb.ReplayTotals) -> Iterator[RenderableType]:
    left = totals.decisions - totals.replayed
    yield pick(
        f"{totals.replayed} of {totals.decisions} decisions made again; {totals.differing} differ, {left} could not be",
        f"{totals.decisions} 次判定中重新判定 {totals.replayed} 次；{totals.differing} 次不同，{left} 次无法重判",
    )
    outcomes: Counter[tuple[int, int]] = Counter()
    for at in totals.points:
        outcomes[at.then, at.again] += at.count
    headings = (pick("recorded", "记录"), pick("again", "重判"), pick("decisions", "次数"))
    rows = [(_outcome(then), _outcome(again), str(count)) for (then, again), count in sorted(outcomes.items())]
    yield WholeRows(headings, rows)
    changed = sorted((at for at in totals.points if at.then != at.again), key=lambda at: -at.count)
    if changed:
        yield _changed_points(changed)
    reasons = sorted((one for one in totals.answers if one.then != one.again), key=lambda one: -one.count)
    if reasons:
        yield _changed_reasons(reasons)
    if totals.not_replayed:
        yield _not_replayed(totals.not_replayed)


def _changed_points(changed: Sequence[pb.ReplayedAtPoint]) -> WholeRows:
    headings = (
        pick("access point", "通行点"), pick("recorded", "记录"), pick("again", "重判"), pick("decisions", "次数")
    )  # fmt: skip
    return WholeRows(
        headings,
        [(at.access_point, _outcome(at.then), _outcome(at.again), str(at.count)) for at in changed[:MOST_SHOWN]],
    )


def _changed_reasons(changed: Sequence[pb.ReplayedAnswer]) -> WholeRows:
    headings = (pick("recorded", "记录"), pick("again", "重判"), pick("decisions", "次数"))
    return WholeRows(headings, [(_words(one.then), _words(one.again), str(one.count)) for one in changed[:MOST_SHOWN]])


def _not_replayed(found: Iterable[pb.NotReplayed]) -> WholeRows:
    headings = (
        pick("not made again", "未重判"), pick("because", "原因"), pick("missing", "缺少"), pick("decisions", "次数")
    )  # fmt: skip
    rows = []
    for one in found:
        verdict = events_pb2.RerunVerdict.Name(one.verdict).removeprefix("RERUN_VERDICT_")
        rows.append((_kind(one.kind), verdict, ", ".join(one.missing), str(one.count)))
    return WholeRows(headings, rows)


def _row(one: pb.ReplayDifference) -> list[Cell]:
    at = datetime.fromtimestamp(one.at_ms / 1000, UTC).astimezone().isoformat(timespec="milliseconds")
    place: list[Cell] = [one.sequence, one.event_id, _kind(one.kind), at, one.access_point, ";".join(one.subject_ids)]
    answers = [_outcome(one.then.outcome), one.then.reason_code, _outcome(one.again.outcome), one.again.reason_code]
    return [*place, *answers, ";".join(one.parts)]


def _words(answer: pb.ReplayAnswer) -> str:
    return " ".join(filter(None, (_outcome(answer.outcome), answer.reason_code)))


def _outcome(outcome: int) -> str:
    return _name(decision_pb2.Outcome, outcome, "OUTCOME_")


def _kind(kind: int) -> str:
    return _name(decision_pb2.EventKind, kind, "EVENT_KIND_")


def _name(enum: Any, number: int, prefix: str) -> str:
    return str(enum.Name(number)).removeprefix(prefix) if number in enum.values() else str(number)


def _nowhere(rows: Iterable[Sequence[Cell]]) -> None:
    for _ in rows:
        pass
