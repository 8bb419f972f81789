"""`menshen tripwire SITE`: the changes after which refusals jumped."""

from collections.abc import Sequence

import typer
from menshen.access.v1 import guarding_pb2 as pb
from rich.console import Console

from menshen_cli.administering import ASK_S, Folder, Site, Who
from menshen_cli.instants import date_and_time
from menshen_cli.local.language import pick
from menshen_cli.rollback import asked_of_guarding
from menshen_cli.whole_rows import WholeRows

app = typer.Typer(add_completion=False)


@app.command()
def tripwire(site: Site, who: Who = "reader", folder: Folder = None) -> None:
    """List the changes after which refusals jumped. 列出其后拒绝骤增的变更。"""
    request = pb.ListTripsRequest(site=site)
    found = asked_of_guarding(site, who, folder, lambda guarding, _: guarding.ListTrips(request, timeout=ASK_S))
    Console().print(trip_table(found.trips))


def trip_table(trips: Sequence[pb.Trip]) -> WholeRows:
    """A row for each trip."""
    headings = (
        pick("tripped", "报警时刻"), pick("change", "变更"), pick("since", "变更时刻"),
        pick("refused before", "此前拒绝"), pick("refused after", "此后拒绝"), pick("most frequent", "最常见原因"),
        pick("plan before", "此前方案"),
    )  # fmt: skip
    rows = []
    for one in trips:
        before = f"{one.refused_before} / {one.decided_before}"
        after = f"{one.refused_after} / {one.decided_after}"
        at, since = date_and_time(one.tripped_at_ms), date_and_time(one.changed_at_ms)
        cells = (at, one.change_id, since, before, after, one.reason_code, str(one.roll_back_to or "—"))
        rows.append(cells)
    return WholeRows(headings, rows)
