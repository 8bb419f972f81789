"""`menshen what-if SITE POLICY`: what a policy that is not in force would change for whom. Nothing is changed."""

from typing import Annotated

import typer
from menshen.access.v1 import foresight_pb2 as pb
from rich.console import Console

from menshen_cli.asked_policy import named_policy
from menshen_cli.foreseen import Csv, Folder, Purpose, Row, Site, Who, asked, tell
from menshen_cli.instants import date_and_time, epoch_ms
from menshen_cli.local.language import pick
from menshen_cli.replay_recorded import Recorded, replay_recorded

_KINDS = {
    pb.CHANGE_KIND_GAINED: ("gained", "新增通行"),
    pb.CHANGE_KIND_LOST: ("lost", "失去通行"),
    pb.CHANGE_KIND_REVIEWED: ("reviewed instead of refused", "由拒绝改为复核"),
    pb.CHANGE_KIND_REFUSED: ("refused instead of reviewed", "由复核改为拒绝"),
}

app = typer.Typer(add_completion=False)


@app.command()
def what_if(
    site: Site,
    policy: Annotated[str, typer.Argument(help="policy file, or the id of a stored policy / 策略文件或策略编号")],
    start: Annotated[str, typer.Option("--from", help="from when on, 2026-03-02T08:00; now without one / 起始")] = "",
    end: Annotated[str, typer.Option("--to", help="until when; a week later without one / 截止")] = "",
    purpose: Purpose = "what if, at the terminal",
    csv: Csv = None,
    replay: Annotated[
        bool, typer.Option(help="decide again by it what was decided last week / 以其重判上周的判定")
    ] = True,
    who: Who = "li",
    folder: Folder = None,
) -> None:
    """List who would gain and lose what, and replay last week by it. 列出谁将新增或失去何处通行，并以其回放上周。"""
    request = pb.ComparePolicyRequest(
        site=site,
        purpose=purpose,
        from_ms=epoch_ms(start) if start else 0,
        to_ms=epoch_ms(end) if end else 0,
        **named_policy(policy),
    )
    first, *pages = asked(who, folder, lambda stub: stub.ComparePolicy(request), csv)
    columns = (
        pick("subject", "主体"),
        pick("access point", "通行点"),
        pick("change", "变化"),
        pick("from", "起"),
        pick("to", "止"),
        pick("reason", "理由"),
    )
    tell(summary(first.totals), columns, [row for page in pages for group in page.groups for row in _rows(group)], csv)
    if replay:
        Console().print(pick("\nwhat was decided last week, by this policy:", "\n上周的判定，以此策略："))
        replay_recorded(Recorded(site, "", "", policy, None, purpose), who, folder)


def summary(totals: pb.ChangeTotals) -> str:
    """The totals in a sentence."""
    return pick(
        f"subjects: {totals.subjects}; gaining somewhere: {totals.gaining}, losing: {totals.losing}, "
        f"only as to the guard: {totals.reviewed}; ways gained: {totals.gained}, lost: {totals.lost}",
        f"{totals.subjects} 个主体中 {totals.gaining} 个有新增、{totals.losing} 个有失去，"
        f"{totals.reviewed} 个仅复核有变；新增通行 {totals.gained} 处次，失去 {totals.lost} 处次",
    )


def _rows(group: pb.ChangeGroup) -> list[Row]:
    changes = [_change(one) for one in group.changes]
    return [(name, *change) for name in group.subject_ids for change in changes]


def _change(one: pb.Change) -> Row:
    kind = pick(*_KINDS.get(one.kind, ("?", "?")))
    return one.access_point, kind, date_and_time(one.from_ms), date_and_time(one.to_ms), one.reason_code
