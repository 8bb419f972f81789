"""`menshen alarms SITE`: the control room's alarms; assign and close them."""

import asyncio
from pathlib import Path
from typing import Annotated, Any

import grpc
import typer
from menshen.safety.v1 import safety_pb2
from menshen.safety.v1.safety_pb2_grpc import AlarmServiceStub
from rich.console import Console

from menshen_cli.local.language import pick
from menshen_cli.refusals import refusal_of
from menshen_cli.running import RunningSuite, operator_uri
from menshen_cli.whole_rows import WholeRows

_ASK_S = 5.0

app = typer.Typer(add_completion=False)


@app.command()
def alarms(
    site: Annotated[str, typer.Argument(help="campus / 校区")],
    *,
    every: Annotated[bool, typer.Option("--all", help="closed ones too / 含已关闭")] = False,
    assign: Annotated[str, typer.Option(help="alarm to take / 要受理的告警")] = "",
    owner: Annotated[str, typer.Option(help="its owner / 负责人")] = "control-room",
    close: Annotated[str, typer.Option(help="alarm to close / 要关闭的告警")] = "",
    note: Annotated[str, typer.Option(help="note of the closing / 关闭说明")] = "",
    folder: Annotated[Path | None, typer.Option(help="run folder / 运行目录")] = None,
) -> None:
    """List the alarms of a campus, or assign or close one. 查看、受理、关闭告警。"""
    asyncio.run(_run(site, assign, owner, close, note, folder, every=every))


def alarm_table(listed: list[safety_pb2.Alarm]) -> WholeRows:
    """Alarms as a table, newest first."""
    headings = (
        pick("alarm", "告警"), pick("kind", "类别"), pick("state", "状态"), pick("source", "来源"),
        pick("detail", "详情"), pick("owner", "负责人"), pick("note", "说明"), pick("id", "编号"),
    )  # fmt: skip
    rows = []
    for number, alarm in enumerate(listed, start=1):
        kind = kind_name(alarm.kind)
        state = safety_pb2.AlarmState.Name(alarm.state).removeprefix("ALARM_STATE_")
        detail = "\n".join(f"{name}: {fact}" for name, fact in sorted(alarm.detail.items()))
        cells = (str(number), kind, state, alarm.source, detail, alarm.owner, alarm.note, alarm.alarm_id)
        rows.append(cells)
    return WholeRows(headings, rows)


def kind_name(kind: int) -> str:
    """DOOR_FORCED and so on; the number where it is not known."""
    known = kind in safety_pb2.AlarmKind.values()
    return safety_pb2.AlarmKind.Name(kind).removeprefix("ALARM_KIND_") if known else str(kind)


async def _run(site: str, assign: str, owner: str, close: str, note: str, folder: Path | None, *, every: bool) -> None:
    async with RunningSuite(operator_uri("alarms"), folder) as suite:
        stub: Any = AlarmServiceStub(suite.channel("safety"))
        try:
            if assign:
                order = safety_pb2.AssignAlarmRequest(site=site, alarm_id=assign, owner=owner)
                await stub.AssignAlarm(order, timeout=_ASK_S)
            if close:
                end = safety_pb2.CloseAlarmRequest(site=site, alarm_id=close, note=note)
                await stub.CloseAlarm(end, timeout=_ASK_S)
            found = await stub.ListAlarms(safety_pb2.ListAlarmsRequest(site=site), timeout=_ASK_S)
        except grpc.aio.AioRpcError as refusal:
            raise refusal_of("safety", refusal) from None
    shown = [alarm for alarm in found.alarms if every or alarm.state != safety_pb2.ALARM_STATE_CLOSED]
    Console().print(alarm_table(shown))
