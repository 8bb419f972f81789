"""The table of postures in the policy guide: every line is what the rulebook says of that door."""

import re
from typing import Any

import pytest
from menshen_rulebook.mapping import Faults, parse_time, read
from menshen_rulebook.posture import posture
from menshen_rulebook.types import LiveState, PostureKind

from .test_the_policy_guide_is_true import EXAMPLES, GUIDES, plain, plans

PLAN = plans()["14-unlocked"]
ROWS: list[dict[str, Any]] = plain(EXAMPLES / "postures.yaml")["postures"]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["name"])
def test_a_door_stands_as_its_line_says(row: dict[str, Any]) -> None:
    faults = Faults()
    live, now_ms = read(LiveState, row.get("live", {}), "live", faults), parse_time(row["now"])
    door = [point.access_point_id for point in PLAN.access_points if point.door_id == row["door"]]

    assert (len(door), faults.found) == (2, [])
    assert live is not None
    assert now_ms is not None
    assert posture(door, PLAN, live, now_ms).kind.name == row["expect"]


@pytest.mark.parametrize(("language", "name"), [("en", "name"), ("zh", "zh")])
def test_the_table_of_the_guide_is_these_lines(language: str, name: str) -> None:
    kinds = "|".join(kind for kind in PostureKind.__members__)
    written = re.findall(rf"^\| .+ \| `(?:{kinds})` \|$", GUIDES[language].read_text(encoding="utf-8"), re.MULTILINE)

    assert written == [f"| {row[name]} | `{row['expect']}` |" for row in ROWS]
