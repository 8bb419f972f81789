"""`menshen door`: commands at the access points of the running suite, as an operator, or as a guard who opens once."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import uuid4

import typer
from menshen.access.v1 import administration_pb2 as pb
from menshen.access.v1 import decision_pb2
from menshen_servicekit.clock import SystemClock
from rich.console import Console

from menshen_cli.administering import ASK_S, SECURED_WORDS, Folder, Reason, Site, Who, asked
from menshen_cli.instants import date_and_time
from menshen_cli.local.language import LocalError, pick
from menshen_cli.policy_life import instant_ms
from menshen_cli.whole_rows import WholeRows

_MINUTE_MS = 60_000
_KINDS = {
    decision_pb2.ORDER_KIND_HOLD_OPEN: ("held open", "保持开放"),
    decision_pb2.ORDER_KIND_SECURE: ("secured", "锁闭"),
}

Point = Annotated[str, typer.Argument(help="access point / 通行点")]
Until = Annotated[str, typer.Option(help="instant with offset at which it ends / 结束时刻（带时区）")]
Minutes = Annotated[int, typer.Option(help="instead of --until: how long / 代替 --until：持续分钟数")]

app = typer.Typer(add_completion=False, no_args_is_help=True)


@app.callback()
def door() -> None:
    """Commands at access points. 通行点的操作命令。"""


@app.command()
def pulse(site: Site, access_point: Point, reason: Reason, who: Who, folder: Folder = None) -> None:
    """Open once. 单次开门。"""
    _operate(site, access_point, pb.OPERATOR_COMMAND_PULSE, 0, reason, who, folder)


@app.command("hold-open")
def hold_open(
    site: Site,
    access_point: Point,
    reason: Reason,
    who: Who,
    until: Until = "",
    minutes: Minutes = 0,
    folder: Folder = None,
) -> None:
    """Hold open until an instant. 保持开放至某一时刻。"""
    ends_ms = end_ms(until, minutes, SystemClock().now_ms())
    _operate(site, access_point, pb.OPERATOR_COMMAND_HOLD_OPEN, ends_ms, reason, who, folder)


@app.command()
def secure(
    site: Site,
    access_point: Point,
    reason: Reason,
    who: Who,
    until: Until = "",
    minutes: Minutes = 0,
    folder: Folder = None,
) -> None:
    """Secure until an instant. 锁闭至某一时刻。"""
    ends_ms = end_ms(until, minutes, SystemClock().now_ms())
    _operate(site, access_point, pb.OPERATOR_COMMAND_SECURE, ends_ms, reason, who, folder)


@app.command()
def restore(site: Site, access_point: Point, reason: Reason, who: Who, folder: Folder = None) -> None:
    """End what was ordered. 恢复：结束已下达的指令。"""
    _operate(site, access_point, pb.OPERATOR_COMMAND_RESTORE, 0, reason, who, folder)


@app.command()
def orders(site: Site, who: Who = "reader", folder: Folder = None) -> None:
    """Orders in force at a campus. 生效中的指令。"""
    request = pb.ListOrdersRequest(site=site)
    found = asked(site, who, folder, lambda stub: stub.ListOrders(request, timeout=ASK_S))
    Console().print(order_table(found.orders))


def end_ms(until: str, minutes: int, now_ms: int) -> int:
    """When an order ends, from either of the two options; LocalError for none, both, or no time at all."""
    if bool(until) == bool(minutes) or minutes < 0:
        raise LocalError("either --until or --minutes says when it ends", "须以 --until 或 --minutes 之一指定何时结束")
    return instant_ms(until) if until else now_ms + minutes * _MINUTE_MS


def outcome_text(command: int, answer: pb.OperateAccessPointResponse) -> tuple[str, str]:
    """What came of a command, in English and Chinese."""
    if answer.acted:
        return f"done after {answer.acted_after_ms} ms", f"已执行，用时 {answer.acted_after_ms} 毫秒"
    if answer.not_acted == pb.NOT_ACTED_CAUSE_REFUSED:
        return "the agent did not open: its board is silent, or another door of the interlock is open", (
            "设备代理未开门：控制板无应答，或互锁的另一扇门开着"
        )
    if answer.not_acted == pb.NOT_ACTED_CAUSE_AGENT_AWAY:
        why = ("the agent of the access point is not connected", "该通行点的设备代理未连接")
    elif answer.not_acted == pb.NOT_ACTED_CAUSE_OVERRULED:
        why = ("a lockdown, another order or a closure keeps the door shut", "封控、另一指令或关闭使门保持锁闭")
    else:
        why = ("the agent did not confirm in time", "设备代理未及时确认")
    if command == pb.OPERATOR_COMMAND_PULSE:
        rest = ("do not count on an opening; none comes later", "不能确定门已打开；此后也不会再开")
    elif command == pb.OPERATOR_COMMAND_RESTORE:
        rest = ("the order is ended all the same", "指令仍已结束")
    else:
        rest = ("the order is in force all the same", "指令仍然有效")
    return f"{why[0]}: {rest[0]}", f"{why[1]}：{rest[1]}"


def order_table(listed: Sequence[pb.Order]) -> WholeRows:
    """A row for each order, with its door where it secures one."""
    headings = (
        pick("access point", "通行点"), pick("order", "指令"), pick("until", "截止"), pick("door", "门"),
        pick("who", "操作员"), pick("why", "原因"), pick("id", "编号"),
    )  # fmt: skip
    rows = []
    for order in listed:
        cells = (
            order.access_point,
            _word(_KINDS, order.kind),
            date_and_time(order.until_ms),
            "\n".join(f"{one.door}: {_word(SECURED_WORDS, one.state)}" for one in order.doors),
            order.origin,
            order.reason,
            order.order_id,
        )
        rows.append(cells)
    return WholeRows(headings, rows)


def _word(words: Any, number: int) -> str:
    return pick(*words[number]) if number in words else str(number)


def _operate(site: str, access_point: str, command: Any, until_ms: int, reason: str, who: str, folder: Folder) -> None:
    request = pb.OperateAccessPointRequest(
        site=site,
        access_point=access_point,
        command=command,
        until_ms=until_ms,
        reason=reason,
        request_id=str(uuid4()),
    )
    answer = asked(site, who, folder, lambda stub: stub.OperateAccessPoint(request, timeout=ASK_S))
    told = outcome_text(command, answer)
    if not answer.acted:
        raise LocalError(*told)
    typer.echo(pick(*told))
