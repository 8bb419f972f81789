"""`menshen who-can-pass SITE ACCESS_POINT`: what everybody known would be told at an access point."""

from typing import Annotated

import typer
from menshen.access.v1 import decision_pb2, foresight_pb2

from menshen_cli.foreseen import PASSING, Csv, Folder, Purpose, Row, Site, Who, asked, outcome_word, rights_text, tell
from menshen_cli.instants import epoch_ms
from menshen_cli.local.language import pick

app = typer.Typer(add_completion=False)


@app.command()
def who_can_pass(
    site: Site,
    access_point: Annotated[str, typer.Argument(help="access point / 通行点")],
    at: Annotated[str, typer.Option(help="instant, 2026-03-02T08:00; now without one / 时刻")] = "",
    everybody: Annotated[bool, typer.Option("--all", help="those who are refused as well / 含被拒者")] = False,
    purpose: Purpose = "who can pass, at the terminal",
    csv: Csv = None,
    who: Who = "li",
    folder: Folder = None,
) -> None:
    """List who would pass, with the outcome, the first reason and by what. 列出可通行者及其结果、首要理由与依据。"""
    request = foresight_pb2.WhoCanPassRequest(
        site=site, purpose=purpose, access_point=access_point, at_ms=epoch_ms(at) if at else 0
    )
    pages = asked(who, folder, lambda stub: stub.WhoCanPass(request), csv)
    groups = [group for page in pages for group in page.groups]
    asked_about = sum(len(group.subject_ids) for group in groups)
    passing = sum(len(group.subject_ids) for group in groups if group.outcome in PASSING)
    title = pick(
        f"{passing} of {asked_about} pass {access_point}", f"{asked_about} 个主体中 {passing} 个可通过 {access_point}"
    )
    shown = [group for group in groups if everybody or group.outcome != decision_pb2.OUTCOME_DENY]
    columns = (pick("subject", "主体"), pick("outcome", "结果"), pick("reason", "理由"), pick("by", "依据"))
    told = [row for group in shown for row in _rows(group)]
    tell(title, columns, told, csv)


def _rows(group: foresight_pb2.PassGroup) -> list[Row]:
    told = outcome_word(group.outcome), group.reason_code, rights_text(group.rights)
    return [(name, *told) for name in group.subject_ids]
