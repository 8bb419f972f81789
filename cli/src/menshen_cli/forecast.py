"""`menshen forecast SITE`: who will pass which access points no more, if nothing is changed."""

from typing import Annotated

import typer
from menshen.access.v1 import foresight_pb2
from menshen_servicekit.status import counted

from menshen_cli.foreseen import Csv, Folder, Purpose, Row, Site, Who, asked, tell
from menshen_cli.instants import date_and_time
from menshen_cli.local.language import pick

app = typer.Typer(add_completion=False)


@app.command()
def forecast(
    site: Site,
    days: Annotated[int, typer.Option(help="days from now, 1 to 31 / 天数", min=1, max=31)] = 7,
    purpose: Purpose = "forecast at the terminal",
    csv: Csv = None,
    who: Who = "li",
    folder: Folder = None,
) -> None:
    """List what ends by itself: cards, levels, visits, permits. 列出将自行到期的通行。"""
    request = foresight_pb2.ForecastRequest(site=site, purpose=purpose, days=days)
    pages = asked(who, folder, lambda stub: stub.Forecast(request), csv)
    groups = [group for page in pages for group in page.groups]
    people = len({name for group in groups for name in group.subject_ids})
    title = pick(
        f"subjects that lose a way within {counted(days, 'day')}: {people}", f"{days} 天内 {people} 个主体将失去通行"
    )
    columns = (pick("subject", "主体"), pick("access point", "通行点"), pick("from", "起"), pick("reason", "理由"))
    tell(title, columns, [row for group in groups for row in _rows(group)], csv)


def _rows(group: foresight_pb2.LossGroup) -> list[Row]:
    told = group.access_point, date_and_time(group.from_ms), group.reason_code
    return [(name, *told) for name in group.subject_ids]
