"""`menshen where-can-pass SITE SUBJECT`: every access point that a subject would pass, and when."""

from typing import Annotated

import typer
from menshen.access.v1 import decision_pb2, foresight_pb2
from menshen_servicekit.status import counted

from menshen_cli.foreseen import Csv, Folder, Purpose, Row, Site, Who, outcome_word, rights_text, streamed
from menshen_cli.instants import date_and_time, epoch_ms
from menshen_cli.local.language import pick

app = typer.Typer(add_completion=False)


@app.command()
def where_can_pass(
    site: Site,
    subject: Annotated[str, typer.Argument(help="subject, c:1 / 主体")],
    start: Annotated[str, typer.Option("--from", help="start; now without one / 起点，缺省为现在")] = "",
    end: Annotated[str, typer.Option("--to", help="end; a week later without one / 终点，缺省为一周后")] = "",
    every: Annotated[bool, typer.Option("--all", help="refusals as well / 含被拒时段")] = False,
    purpose: Purpose = "where can pass, at the terminal",
    csv: Csv = None,
    who: Who = "li",
    folder: Folder = None,
) -> None:
    """List where and when a subject would pass, and by what. 列出某主体在何处、何时可通行及其依据。"""
    request = foresight_pb2.WhereCanPassRequest(
        site=site,
        purpose=purpose,
        subject_id=subject,
        from_ms=epoch_ms(start) if start else 0,
        to_ms=epoch_ms(end) if end else 0,
    )
    columns = (
        pick("access point", "通行点"),
        pick("from", "起"),
        pick("to", "止"),
        pick("outcome", "结果"),
        pick("reason", "理由"),
        pick("by", "依据"),
    )

    def rows_of(page: foresight_pb2.WhereCanPassResponse) -> list[Row]:
        return [_row(row) for row in page.rows if every or row.outcome != decision_pb2.OUTCOME_DENY]

    shown = streamed(who, folder, lambda stub: stub.WhereCanPass(request), columns, csv, rows_of)
    shown.tell(pick(f"{subject}: {counted(shown.count, 'time')}", f"{subject}：{shown.count} 个时段"))


def _row(row: foresight_pb2.WayRow) -> Row:
    times = date_and_time(row.from_ms), date_and_time(row.to_ms)
    return row.access_point, *times, outcome_word(row.outcome), row.reason_code, rights_text(row.rights)
