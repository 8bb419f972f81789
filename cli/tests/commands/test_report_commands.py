"""`menshen report`: what it prints, and the files it writes."""

import csv
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

import pytest
from menshen.access.v1 import reports_pb2 as pb
from menshen_cli.local.language import LocalError
from menshen_cli.report import Report, cells, headings, note, span_ms, tell, write_files
from menshen_cli.written_files import write_csv, write_xlsx

COMMANDS = ("passages", "refusals", "overstays", "without-passage", "unused", "muster")
NAMESPACE = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
ROWS = [["=1+1", 3], ["门岗", 0], ["@cmd", 7], ["-n", 1], ["+n", 1]]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "menshen_cli", "report", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_the_group_names_its_commands() -> None:
    shown = run("--help")

    assert shown.returncode == 0, shown.stderr
    assert [name for name in COMMANDS if name not in shown.stdout] == []


def test_a_file_that_is_there_is_left_alone_before_anybody_is_asked(tmp_path: Path) -> None:
    target = tmp_path / "there.csv"
    target.write_text("mine")

    refused = run("muster", "north", "--csv", str(target), "--folder", str(tmp_path))

    assert refused.returncode == 1
    assert "there.csv" in refused.stderr
    assert target.read_text() == "mine"


@pytest.fixture
def _in_new_york(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A terminal far from every campus."""
    with monkeypatch.context() as away:
        away.setenv("TZ", "America/New_York")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.usefixtures("_in_new_york")
@pytest.mark.parametrize(
    ("offset", "zone", "hour"),
    [(480, "UTC+08:00", "2026-03-02 08:00:00"), (-210, "UTC-03:30", "2026-03-01 20:30:00")],
)
def test_the_table_says_the_total_and_hours_of_the_sites_clock_whatever_the_terminals(
    offset: int, zone: str, hour: str, capsys: pytest.CaptureFixture[str]
) -> None:
    first = pb.CountPassagesResponse(total=2, utc_offset_minutes=offset)
    row = pb.PassageCount(access_point="n-in", hour_from_ms=1_772_409_600_000, passages=2)
    report = Report(["access_point", "hour_from_ms", "passages"], [row], first)

    tell(report, [])
    assert capsys.readouterr().out.splitlines()[0].strip() in {"total 2", "合计 2"}
    assert headings(report)[1] == f"hour from (site time, {zone})"
    assert cells(report) == [["n-in", hour, 2]]


@pytest.mark.parametrize(
    ("files", "last"),
    [([], "and 100 more; --csv FILE writes all"), (["a.csv", "a.xlsx"], "300 rows in a.csv, a.xlsx")],
)
def test_a_long_report_is_on_the_screen_in_part_or_in_the_files_alone(
    files: list[str], last: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MENSHEN_LANGUAGE", "en")
    rows = [pb.MusterCount(area=f"area-{place}", inside=1) for place in range(300)]

    tell(Report(["area", "inside"], rows, pb.CountMusterResponse(total=300)), files)

    told = capsys.readouterr().out
    assert told.splitlines()[-1] == last
    assert told.count("area-") == (0 if files else 200)
    assert "total 300" in told


def test_a_report_says_that_deleted_records_are_not_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = (
        pb.CountPassagesResponse(deleted=7),
        pb.CountRefusalsResponse(deleted=7),
        pb.ListWithoutPassageResponse(deleted=7),
    )
    for language, word in (("en", "may"), ("zh", "可能")):
        monkeypatch.setenv("MENSHEN_LANGUAGE", language)
        assert all("7" in note(one) and word in note(one) for one in answers)
    assert note(pb.CountPassagesResponse(total=7)) == note(pb.CountMusterResponse(total=7)) == ""


def test_headings_are_in_the_language_of_the_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    report = Report(["access_point", "passages"], [], pb.CountPassagesResponse())

    for language, words in (("en", ["access point", "passages"]), ("zh", ["通行点", "通行次数"])):
        monkeypatch.setenv("MENSHEN_LANGUAGE", language)

        assert headings(report) == words


def test_a_csv_file_begins_with_a_mark_and_calculates_nothing(tmp_path: Path) -> None:
    target = tmp_path / "new.csv"

    write_csv(target, ["门", "count"], ROWS)

    assert target.read_bytes().startswith(b"\xef\xbb\xbf")
    read = list(csv.reader(target.read_text("utf-8-sig").splitlines()))
    assert read == [["门", "count"], ["'=1+1", "3"], ["门岗", "0"], ["'@cmd", "7"], ["'-n", "1"], ["'+n", "1"]]
    assert list(tmp_path.iterdir()) == [target]


def test_an_xlsx_file_holds_texts_as_texts_and_numbers_as_numbers(tmp_path: Path) -> None:
    target = tmp_path / "new.xlsx"

    write_xlsx(target, ["门", "count"], ROWS)

    with zipfile.ZipFile(target) as book:
        sheet = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))
    found = [["".join(cell.itertext()) for cell in row] for row in sheet.iter(f"{NAMESPACE}row")]
    assert found == [["门", "count"], *([str(cell) for cell in row] for row in ROWS)]
    assert list(sheet.iter(f"{NAMESPACE}f")) == []
    assert [cell.get("t") for cell in sheet.iter(f"{NAMESPACE}c")][2:4] == ["inlineStr", None]


@pytest.mark.parametrize("write", [write_csv, write_xlsx])
def test_a_file_is_never_written_over_and_a_missing_folder_is_named(tmp_path: Path, write: object) -> None:
    assert callable(write)
    target = tmp_path / "once"
    write(target, ["a"], [["b"]])
    before = target.read_bytes()

    for refused in (target, tmp_path / "none" / "file"):
        with pytest.raises(LocalError, match=refused.parent.name):
            write(refused, ["a"], [["c"]])

    assert target.read_bytes() == before


FULL_DISK = """
import resource, sys
from pathlib import Path
from menshen_cli import written_files
from menshen_cli.local.language import LocalError
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    getattr(written_files, sys.argv[1])(Path(sys.argv[2]), ["a"], [["b" * 2000]])
except LocalError as refused:
    print("refused:", refused.en)
"""


@pytest.mark.parametrize("write", ["write_csv", "write_xlsx"])
def test_what_the_disk_refuses_is_told_and_leaves_nothing(tmp_path: Path, write: str) -> None:
    command = [sys.executable, "-c", FULL_DISK, write, str(tmp_path / "big")]

    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    assert ended.stdout.startswith(f"refused: cannot write {tmp_path}/big: "), ended.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_sheet_is_refused_more_rows_than_it_holds(tmp_path: Path) -> None:
    with pytest.raises(LocalError, match="1048575"):
        write_xlsx(tmp_path / "long.xlsx", ["a"], [["b"]] * 1_048_576)

    assert list(tmp_path.iterdir()) == []


def test_two_files_are_written_both_or_neither(tmp_path: Path) -> None:
    report = Report(["area", "inside"], [pb.MusterCount(area="lab", inside=2)], pb.CountMusterResponse(total=2))
    csv_file, xlsx_file = tmp_path / "a.csv", tmp_path / "a.xlsx"

    with pytest.raises(LocalError):
        write_files(report, csv_file, tmp_path / "none" / "a.xlsx")
    assert list(tmp_path.iterdir()) == []

    write_files(report, csv_file, xlsx_file)
    assert sorted(tmp_path.iterdir()) == [csv_file, xlsx_file]


def test_one_name_for_both_files_is_refused(tmp_path: Path) -> None:
    target = str(tmp_path / "both")

    refused = run("muster", "north", "--csv", target, "--xlsx", target, "--folder", str(tmp_path))

    assert refused.returncode == 1
    assert "--xlsx" in refused.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_span_begins_at_midnight_or_so_many_days_before_its_end() -> None:
    from_ms, to_ms = span_ms("", "2026-03-02T07:30", days=0)

    midnight = datetime.fromtimestamp(from_ms / 1000, UTC).astimezone()
    assert f"{midnight:%Y-%m-%dT%H:%M:%S}" == "2026-03-02T00:00:00"
    assert to_ms - from_ms == 27_000_000
    assert span_ms("2026-03-02T00:00:00+08:00", "2026-03-03T00:00:00+08:00", days=0)[0] == 1_772_380_800_000
    assert span_ms("", "2026-03-02T00:00:00Z", days=30)[0] == 1_772_409_600_000 - 30 * 86_400_000
    with pytest.raises(LocalError, match="noon"):
        span_ms("noon", "", days=0)
