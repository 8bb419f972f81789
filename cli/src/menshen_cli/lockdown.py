"""`menshen lockdown`: raise, release and list the holds that bar the entries of a campus. Ways out are never barred."""

from collections.abc import Sequence
from typing import Annotated, Any

import typer
from menshen.access.v1 import administration_pb2 as pb
from rich.console import Console

from menshen_cli.administering import ASK_S, SECURED_WORDS, Area, Folder, Reason, Site, Who, asked
from menshen_cli.instants import date_and_time
from menshen_cli.local.language import LocalError, pick
from menshen_cli.whole_rows import WholeRows

HoldId = Annotated[str, typer.Argument(help="id of the hold / 封控编号")]
Point = Annotated[str, typer.Option(help="only this access point / 仅此通行点")]

app = typer.Typer(add_completion=False, no_args_is_help=True)


@app.callback()
def lockdown() -> None:
    """Bar entries; leaving is always free. 封控入口；离开始终不受限制。"""


@app.command("raise")
def raise_hold(
    site: Site, reason: Reason, who: Who, area: Area = "", access_point: Point = "", folder: Folder = None
) -> None:
    """Bar the entries of a campus, an area or an access point. 封控校区、区域或通行点的入口。"""
    if area and access_point:
        raise LocalError("either --area or --access-point", "--area 与 --access-point 只能选其一")
    request = pb.RaiseHoldRequest(site=site, area=area, access_point=access_point, reason=reason)
    raised = asked(site, who, folder, lambda stub: stub.RaiseHold(request, timeout=ASK_S))
    Console().print(hold_table([raised.hold]))


@app.command()
def release(site: Site, hold_id: HoldId, reason: Reason, who: Who, folder: Folder = None) -> None:
    """Release one hold; others stay. 解除一项封控，其余不变。"""
    request = pb.ReleaseHoldRequest(site=site, hold_id=hold_id, reason=reason)
    released = asked(site, who, folder, lambda stub: stub.ReleaseHold(request, timeout=ASK_S))
    typer.echo(pick(f"released {released.hold.hold_id}", f"已解除 {released.hold.hold_id}"))


@app.command("list")
def list_holds(site: Site, who: Who = "reader", folder: Folder = None) -> None:
    """Holds in force, with what the doors they cover report. 生效中的封控及各门的报告。"""
    request = pb.ListHoldsRequest(site=site)
    found = asked(site, who, folder, lambda stub: stub.ListHolds(request, timeout=ASK_S))
    Console().print(hold_table(found.holds))


def hold_table(holds: Sequence[pb.Hold]) -> WholeRows:
    """A row for each hold."""
    headings = (
        pick("where", "范围"), pick("since", "开始"), pick("doors", "门"), pick("who", "操作员"), pick("why", "原因"),
        pick("id", "编号"),
    )  # fmt: skip
    rows = []
    for hold in holds:
        where = hold.access_point or hold.area or pick("the whole campus", "整个校区")
        doors = "\n".join(f"{one.door}: {_state(one.state)}" for one in hold.doors)
        cells = (where, date_and_time(hold.raised_at_ms), doors, hold.origin, hold.reason, hold.hold_id)
        rows.append(cells)
    return WholeRows(headings, rows)


def _state(number: Any) -> str:
    return pick(*SECURED_WORDS[number]) if number in SECURED_WORDS else str(number)
