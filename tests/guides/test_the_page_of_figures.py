"""`make bench` puts its rows on the page of figures, and nothing else of the page changes."""

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parents[1] / "performance"))

from hot_path.report import Row
from page import conditions, put_on

PAGE = Path(__file__).resolve().parents[2] / "docs" / "performance.md"
ROWS = [
    Row("decision stream 500/s", 740.4, 4600, 500, "echo", 2.16, "p50 <= 1.2", met=False),
    Row("Redis per subject", figure="315 B", ratio=None, bar="<= 600 B", met=True),
]


@pytest.mark.parametrize("title", ["make bench", "make bench-full"])
def test_the_latest_run_takes_the_place_of_the_one_before(title: str, tmp_path: Path) -> None:
    page, other = tmp_path / "performance.md", tmp_path / "again.md"
    page.write_text(PAGE.read_text(encoding="utf-8"), encoding="utf-8")
    put_on(page, title, ROWS[:1], conditions(5))
    other.write_text(page.read_text(encoding="utf-8"), encoding="utf-8")

    put_on(page, title, ROWS, conditions(5))
    put_on(page, title, ROWS[:1], conditions(3))
    put_on(other, title, ROWS[:1], conditions(3))

    written = page.read_text(encoding="utf-8")
    assert "| decision stream 500/s | 740 | 4,600 | 500 | 2.16 | p50 ≤ 1.2 | not met |" in written
    assert "3 rounds" in written
    assert "Redis per subject | 315 B" not in written
    assert written == other.read_text(encoding="utf-8")


def test_a_figure_that_is_no_latency_fills_one_cell(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- make bench: begin -->\nold\n<!-- make bench: end -->\nafter\n", encoding="utf-8")

    put_on(page, "make bench", ROWS[1:], "on a test")

    assert page.read_text(encoding="utf-8").splitlines() == [
        "before",
        "<!-- make bench: begin -->",
        "on a test",
        "",
        "| what | p50 µs | p99 µs | per s | ratio | bar | |",
        "|---|---|---|---|---|---|---|",
        "| Redis per subject | 315 B | | |  | ≤ 600 B | met |",
        "<!-- make bench: end -->",
        "after",
    ]


def test_a_page_without_a_place_is_refused_and_left_alone(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("nothing\n", encoding="utf-8")

    with pytest.raises(ValueError, match="no place"):
        put_on(page, "make bench", ROWS, "on a test")

    assert page.read_text(encoding="utf-8") == "nothing\n"
