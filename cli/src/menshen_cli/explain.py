"""`menshen explain EVENT`: one decision with every reason, made again rule by rule, and as it would be today."""

import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import grpc
import typer
from menshen.access.v1 import decision_pb2, events_pb2
from menshen.access.v1.events_pb2_grpc import EventServiceStub
from rich.console import Console, Group, RenderableType
from rich.text import Text

from menshen_cli.explained_rules import rerun
from menshen_cli.instants import date_and_time
from menshen_cli.local.language import LocalError, pick
from menshen_cli.local.suite import SITES
from menshen_cli.refusals import refusal_of
from menshen_cli.running import RunningSuite, operator_uri
from menshen_cli.whole_rows import WholeRows

_ASK_S = 5.0
_DECISIONS = (decision_pb2.EVENT_KIND_CENTRE, decision_pb2.EVENT_KIND_EDGE)

app = typer.Typer(add_completion=False)


@app.command()
def explain(
    event: Annotated[str, typer.Argument(help="event id of the presentation / 事件编号")],
    purpose: Annotated[str, typer.Option(help="why it is read; recorded / 查询目的")] = "explain at the terminal",
    site: Annotated[str, typer.Option(help="campus; all are asked without one / 校区")] = "",
    folder: Annotated[Path | None, typer.Option(help="run folder / 运行目录")] = None,
) -> None:
    """Show why a decision was made as it was. 解释一次判定的全部理由。"""
    found = asyncio.run(_ask(event, purpose, (site,) if site else SITES, folder))
    Console().print(Group(explanation(found.events), rerun(found)))


def explanation(events: Sequence[events_pb2.AccessEvent]) -> RenderableType:
    """Every event under one id: decisions with all their reasons, then what the lock and the door did.

    In the order of what happened: after an outage a passage may be recorded before the decision that let it be.
    """
    ordered = sorted(events, key=lambda event: (event.kind not in _DECISIONS, event.at_ms, event.sequence))
    return Group(*(part for event in ordered for part in _told(event)))


async def _ask(event: str, purpose: str, sites: Sequence[str], folder: Path | None) -> events_pb2.ExplainEventResponse:
    async with RunningSuite(operator_uri("explain"), folder) as suite:
        stub = EventServiceStub(suite.channel("access"))
        for site in sites:
            request = events_pb2.ExplainEventRequest(site=site, event_id=event, purpose=purpose)
            try:
                found: events_pb2.ExplainEventResponse = await stub.ExplainEvent(request, timeout=_ASK_S)
            except grpc.aio.AioRpcError as refusal:
                if refusal.code() is not grpc.StatusCode.NOT_FOUND:
                    raise refusal_of("access", refusal) from None
            else:
                return found
    raise LocalError(f"no event {event} is recorded", f"没有记录事件 {event}")


def _told(event: events_pb2.AccessEvent) -> Iterator[RenderableType]:
    place = event.access_point or event.door
    head = f"{event.site} #{event.sequence}  {_kind(event.kind)}  {place}  {event.event_id}"
    if not event.reasons and not event.outcome:
        yield Text(head)
        yield Text(f"  {_when(event)}{_detail(event)}")
        return
    outcome = decision_pb2.Outcome.Name(event.outcome).removeprefix("OUTCOME_")
    yield Text(f"{head}  {outcome}", style="bold")
    subjects = ", ".join(event.subject_ids) or pick("nobody known", "无已知主体")
    version = event.plan_version
    yield Text(f"  {_when(event)}")
    yield Text(pick(f"  subjects {subjects} · plan version {version}", f"  主体 {subjects} · 方案版本 {version}"))
    if event.reasons:
        yield _reasons(event.reasons)


def _when(event: events_pb2.AccessEvent) -> str:
    at, error_ms = date_and_time(event.at_ms), event.clock_error_ms
    return pick(f"{at}, clock ± {error_ms} ms", f"{at}，时钟误差 ± {error_ms} 毫秒")


def _detail(event: events_pb2.AccessEvent) -> str:
    """Which decision a lock obeyed, and what else the event says of itself."""
    facts = dict(event.detail)
    if event.obeyed:
        facts["obeyed"] = _kind(event.obeyed)
    return "".join(f" · {name} {fact}" for name, fact in sorted(facts.items()))


def _kind(kind: int) -> str:
    known = kind in decision_pb2.EventKind.values()
    return decision_pb2.EventKind.Name(kind).removeprefix("EVENT_KIND_") if known else str(kind)


def _reasons(reasons: Sequence[decision_pb2.Reason]) -> WholeRows:
    rows = []
    for reason in reasons:
        code = reason.code
        for whom, text in (
            (pick("holder", "持卡人"), reason.holder),
            (pick("guard", "门岗"), reason.guard),
            (pick("record", "记录"), reason.record),
        ):
            rows.append((code, whom, text.zh, text.en))
            code = ""
    return WholeRows((pick("reason", "理由"), pick("told to", "告知对象"), "中文", "English"), rows)
