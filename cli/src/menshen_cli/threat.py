"""`menshen threat`: set and list the threat levels of a campus and its areas."""

from collections.abc import Sequence
from typing import Annotated

import typer
from menshen.access.v1 import administration_pb2 as pb
from menshen_rulebook.vocabulary import HIGHEST_THREAT
from rich.console import Console
from rich.table import Table
from rich.text import Text

from menshen_cli.administering import ASK_S, Area, Folder, Reason, Site, Who, asked
from menshen_cli.instants import date_and_time
from menshen_cli.local.language import pick

Level = Annotated[int, typer.Argument(min=0, max=HIGHEST_THREAT, help="0 is normal / 0 为正常")]

app = typer.Typer(add_completion=False, no_args_is_help=True)


@app.callback()
def threat() -> None:
    """Threat levels; the policy says what each of them asks. 威胁等级；各级的要求由策略规定。"""


@app.command("set")
def set_level(site: Site, level: Level, reason: Reason, who: Who, area: Area = "", folder: Folder = None) -> None:
    """Set the level of a campus or an area. 设置校区或区域的威胁等级。"""
    request = pb.SetThreatLevelRequest(site=site, area=area, level=level, reason=reason)
    answer = asked(site, who, folder, lambda stub: stub.SetThreatLevel(request, timeout=ASK_S))
    Console().print(level_table([answer.threat_level]))


@app.command("list")
def list_levels(site: Site, who: Who = "reader", folder: Folder = None) -> None:
    """Levels above normal. 高于正常的威胁等级。"""
    request = pb.ListThreatLevelsRequest(site=site)
    found = asked(site, who, folder, lambda stub: stub.ListThreatLevels(request, timeout=ASK_S))
    Console().print(level_table(found.threat_levels))


def level_table(levels: Sequence[pb.ThreatLevel]) -> Table:
    """A row for each level."""
    table = Table()
    for heading in (
        pick("where", "范围"), pick("level", "等级"), pick("since", "开始"), pick("who", "操作员"), pick("why", "原因"),
    ):  # fmt: skip
        table.add_column(heading, overflow="fold")
    for one in levels:
        where = one.area or pick("the whole campus", "整个校区")
        cells = (where, str(one.level), date_and_time(one.set_at_ms), one.origin, one.reason)
        # Plain text: what somebody typed as a reason is no markup.
        table.add_row(*map(Text, cells))
    return table
