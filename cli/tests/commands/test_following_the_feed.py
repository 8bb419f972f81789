"""The file a consumer of the feed writes is its own cursor."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from menshen_cli.__main__ import main
from menshen_cli.follow import append, held, resumed
from menshen_cli.local.language import LocalError

LINES = [
    json.dumps({"epoch": "7", "site": "north", "sequence": str(number), "text": "门" * number}).encode() + b"\n"
    for number in range(1, 5)
]


@given(st.integers(0, sum(map(len, LINES))))
def test_a_file_cut_anywhere_is_gone_on_with_behind_its_last_whole_line(
    tmp_path_factory: pytest.TempPathFactory, cut: int
) -> None:
    file = tmp_path_factory.mktemp("feed") / "events.jsonl"
    file.write_bytes(b"".join(LINES)[:cut])
    whole = sum(1 for number in range(1, 5) if len(b"".join(LINES[:number])) <= cut)

    with file.open("a+b") as written:
        cursor = resumed(written, "north")

    assert (cursor.sequence if cursor is not None else 0) == whole
    assert file.read_bytes() == b"".join(LINES[:whole])


@pytest.mark.parametrize("content", [b"my thesis", b"name,card\nli,7\n", LINES[0].replace(b"north", b"south")])
def test_a_file_of_something_else_is_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "events.jsonl"
    file.write_bytes(content)

    with file.open("a+b") as written, pytest.raises(LocalError):
        resumed(written, "north")

    assert file.read_bytes() == content


@pytest.mark.parametrize("name", ["none/events.jsonl", "folder"])
def test_a_file_that_cannot_be_written_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    (tmp_path / "folder").mkdir()

    assert main(["follow", "north", str(tmp_path / name), "--purpose", "p"]) == 1

    assert name in capsys.readouterr().err


def test_no_new_file_is_left_when_no_suite_answers(tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl"
    asked = ["follow", "north", str(file), "--purpose", "p", "--folder", str(tmp_path)]

    assert main(asked) == 1
    assert not file.exists()

    file.write_bytes(LINES[0])
    assert main(asked) == 1
    assert file.read_bytes() == LINES[0]


def test_a_file_is_followed_into_by_one_command_and_read_by_its_owner(tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl"

    with held(file) as written:
        append(written, LINES[0])
        with pytest.raises(LocalError) as refused, held(file):
            pass

    assert refused.value.en == f"another command writes {file}"
    assert file.stat().st_mode & 0o777 == 0o600
    with held(file) as written:
        append(written, LINES[1])
    assert file.read_bytes() == LINES[0] + LINES[1]


def test_a_full_disk_is_told() -> None:
    with pytest.raises(LocalError, match="the disk is full"), held(Path("/dev/full")) as written:
        append(written, LINES[0])
