"""What an operator asks of the history and of the rules at a terminal, of a site that decides."""

import asyncio
import csv
from pathlib import Path

import pytest
from harness.terminal import run
from menshen_cli.local.suite import Suite
from scenarios.campus import Campus, outcome

UNIT = "astronomy"


def rows(file: Path) -> list[list[str]]:
    with file.open(encoding="utf-8-sig", newline="") as written:
        return list(csv.reader(written))[1:]


@pytest.mark.full
async def test_a_unit_is_found_in_the_history_and_in_a_review_of_access(
    town: Suite, campus: Campus, tmp_path: Path
) -> None:
    member, other = await campus.enrol(groups=[UNIT]), await campus.enrol("guest", groups=["visitors"])
    decided = await campus.decide("w-in", member)
    refused = await campus.decide("w-in", other)
    assert (outcome(decided), outcome(refused)) == ("GRANT", "DENY")
    await campus.recorded(decided.event_id, "CENTRE")
    await campus.recorded(refused.event_id, "CENTRE")
    asked = ("--folder", str(town.folder), "--purpose", "scenario", "--csv")
    files = [tmp_path / name for name in ("of-unit.csv", "refused.csv", "ways.csv", "review.csv")]

    ended = await asyncio.gather(
        run("events", "north", "--unit", UNIT, "--access-point", "w-in", *asked, str(files[0])),
        run("events", "north", "--category", "guest", "--outcome", "deny", *asked, str(files[1])),
        run("where-can-pass", "north", member.subject_id, *asked, str(files[2])),
        run("access-review", "north", "--unit", UNIT, *asked, str(files[3])),
    )

    assert [one.status for one in ended] == [0, 0, 0, 0], [one.printed for one in ended]
    of_unit, of_guests, ways, review = map(rows, files)
    assert [row[-1] for row in of_unit] == [decided.event_id]
    assert refused.event_id in [row[-1] for row in of_guests]
    assert ["w-in", "GRANT", "level all of staff"] in [[row[0], row[3], row[5]] for row in ways]
    assert [member.subject_id, "staff", "w-in", "GRANT", "", "level all of staff"] in review
    assert {row[0] for row in review} == {member.subject_id}


@pytest.mark.full
async def test_names_nobody_knows_are_said_at_the_terminal(town: Suite) -> None:
    asked = ("--folder", str(town.folder), "--purpose", "scenario")

    questions = {
        ("events", "north", "--subject", "c:tpyo"): "no such subject",
        ("access-review", "north", "--unit", "no-such-unit"): "no such unit",
        ("who-can-pass", "north", "w-tpyo"): "defines no such access point",
        ("events", "north", "--from", "2026-03-02", "--to", "2026-03-01"): "end after it begins",
    }
    ended = [await run(*question, *asked) for question in questions]

    assert [(one.status, word in one.printed) for one, word in zip(ended, questions.values(), strict=True)] == [
        (1, True)
    ] * 4
