"""`menshen who-can-pass SITE ACCESS_POINT`: what everybody known would be told at an access point."""

from typing import Annotated

import typer
from menshen.access.v1 import decision_pb2, foresight_pb2

from menshen_cli.foreseen import Csv, Folder, Purpose, Site, Who, asked, tell
from menshen_cli.instants import epoch_ms
from menshen_cli.local.language import pick

_PASSING = (decision_pb2.OUTCOME_GRANT, decision_pb2.OUTCOME_GRANT_WITH_REMINDER)

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
    """List who would pass, with the outcome and the first reason. 列出可通行者及其结果与首要理由。"""
    request = foresight_pb2.WhoCanPassRequest(
        site=site, purpose=purpose, access_point=access_point, at_ms=epoch_ms(at) if at else 0
    )
    pages = asked(who, folder, lambda stub: stub.WhoCanPass(request), csv)
    rows = [row for page in pages for row in page.rows]
    passing = sum(row.outcome in _PASSING for row in rows)
    title = pick(
        f"{passing} of {len(rows)} pass {access_point}", f"{len(rows)} 个主体中 {passing} 个可通过 {access_point}"
    )
    shown = [row for row in rows if everybody or row.outcome != decision_pb2.OUTCOME_DENY]
    columns = (pick("subject", "主体"), pick("outcome", "结果"), pick("reason", "理由"))
    tell(title, columns, [(row.subject_id, _outcome(row.outcome), row.reason_code) for row in shown], csv)


def _outcome(outcome: int) -> str:
    return decision_pb2.Outcome.Name(outcome).removeprefix("OUTCOME_")
