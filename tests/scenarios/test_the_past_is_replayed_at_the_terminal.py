"""`menshen replay` at a running suite: the decisions on record, and a file of presentations."""

import asyncio
import csv
import json
from pathlib import Path

import pytest
from harness.terminal import Ended, run
from menshen_cli.local.suite import Suite
from scenarios.campus import CLOCK, Campus, policy_mapping

SITE = "again"


@pytest.mark.full
async def test_what_was_decided_and_what_was_presented_is_decided_again(town: Suite, tmp_path: Path) -> None:
    campus = Campus(town, SITE)
    await campus.open()
    person = await campus.enrol()
    await campus.enrol("visitor")
    shown = [campus.presentation(point, [person.card_text]) for point in ("w-in", "w-in", "w-out")]
    for one in shown:
        await campus.ask(one)
    await campus.recorded(shown[-1].event_id, "CENTRE")
    closed, reads = tmp_path / "closed.yaml", tmp_path / "reads.csv"
    draft = policy_mapping(SITE, 9001, CLOCK.now_ms(), closures=[{"access_point": "w-in"}])
    closed.write_text(json.dumps(draft))
    times = [CLOCK.now_ms() - 10_000 + step for step in range(3)]
    points = ("w-in", "w-out", "w-in")
    reads.write_text(
        "time,credential,access_point\n"
        + "".join(f"{at},{person.card_text},{point}\n" for at, point in zip(times, points, strict=True))
    )
    differences = tmp_path / "changed.csv", tmp_path / "changed-reads.csv"

    async def replay(*arguments: str) -> Ended:
        return await run("replay", *arguments, "--purpose", "audit", "--folder", str(town.folder))

    as_it_was = await replay("--recorded", SITE)
    under = await replay("--recorded", SITE, "--policy", str(closed), "--differences", str(differences[0]))
    filed = await replay(str(reads), "--site", SITE, "--policy", str(closed), "--differences", str(differences[1]))
    told = await run("what-if", SITE, str(closed), "--purpose", "audit", "--folder", str(town.folder))
    broken = await replay(str(reads), "--site", SITE, "--policy", "no-such-id")

    assert as_it_was.status == 0, as_it_was.printed
    assert "; 0 differ, 0 could not be" in as_it_was.printed
    assert under.status == 0, under.printed
    assert filed.status == 0, filed.printed
    assert told.status == 0, told.printed
    assert "subjects: 2; gaining somewhere: 0, losing: 1" in told.printed
    assert "; 2 differ, 0 could not be" in told.printed
    changed = [await asyncio.to_thread(_rows, file) for file in differences]
    assert [(row["event_id"], row["reason_again"]) for row in changed[0]] == [
        (one.event_id, "ACCESS_POINT_CLOSED") for one in shown[:2]
    ]
    assert [(row["line"], row["outcome"], row["reason_against"]) for row in changed[1]] == [
        (line, "GRANT", "ACCESS_POINT_CLOSED") for line in ("2", "4")
    ]
    assert (broken.status, "there is no such policy" in broken.printed) == (1, True)


def _rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8-sig", newline="") as text:
        return list(csv.DictReader(text))
