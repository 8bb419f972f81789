"""The file a consumer of the feed writes is its own cursor."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from menshen_cli.follow import resumed
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
