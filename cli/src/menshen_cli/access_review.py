"""`menshen access-review SITE`: who passes where and by which right, of everybody, for a review of what is granted."""

from typing import Annotated

import typer
from menshen.access.v1 import foresight_pb2
from menshen_servicekit.status import counted

from menshen_cli.foreseen import Csv, Folder, Purpose, Row, Site, Who, outcome_word, rights_text, streamed
from menshen_cli.instants import epoch_ms
from menshen_cli.local.language import pick

app = typer.Typer(add_completion=False)


@app.command()
def access_review(
    site: Site,
    unit: Annotated[str, typer.Option(help="only this unit, which is a group / 仅此单位（即群组）")] = "",
    at: Annotated[str, typer.Option(help="instant, 2026-03-02T08:00; now without one / 时刻")] = "",
    purpose: Purpose = "access review at the terminal",
    csv: Csv = None,
    who: Who = "li",
    folder: Folder = None,
) -> None:
    """List every access point each subject passes, and by what. 列出每个主体可通行的通行点及其依据，用于权限复核。"""
    request = foresight_pb2.ReviewAccessRequest(site=site, purpose=purpose, unit=unit, at_ms=epoch_ms(at) if at else 0)
    columns = (
        pick("subject", "主体"),
        pick("category", "类别"),
        pick("access point", "通行点"),
        pick("outcome", "结果"),
        pick("reason", "理由"),
        pick("by", "依据"),
    )
    shown = streamed(who, folder, lambda stub: stub.ReviewAccess(request), columns, csv, _rows)
    shown.tell(pick(f"{counted(shown.count, 'way')} of {unit or site}", f"{unit or site}：{shown.count} 项通行"))


def _rows(page: foresight_pb2.ReviewAccessResponse) -> list[Row]:
    return [
        (name, group.category, *access)
        for group in page.groups
        for passed in [[_access(one) for one in group.passed]]
        for name in group.subject_ids
        for access in passed
    ]


def _access(one: foresight_pb2.Access) -> Row:
    return one.access_point, outcome_word(one.outcome), one.reason_code, rights_text(one.rights)
