"""`FILE.part` is only ever taken for ours when it is, and FILE never replaces another."""

from pathlib import Path

import pytest
from menshen_access.domain.archive import ArchiveHeader, header_line
from menshen_cli.archive_part import ArchivePart
from menshen_cli.local.language import LocalError

SITE = "north-0"
HEADER = ArchiveHeader(SITE, 3, 1_800_000_000_000, 0, 120)


@pytest.mark.parametrize("foreign", [b"notes without a newline", b'{"after":0,"before', b'{"after":x', b"x" * 99])
def test_a_part_of_something_else_is_refused_and_left_as_it_is(tmp_path: Path, foreign: bytes) -> None:
    part = tmp_path / "north.jsonl.part"
    part.write_bytes(foreign)

    with (
        pytest.raises(LocalError, match="line 1, is not as an export writes it"),
        ArchivePart(part.with_suffix(""), SITE),
    ):
        pass

    assert part.read_bytes() == foreign


def test_a_header_torn_anywhere_is_begun_again(tmp_path: Path) -> None:
    part, whole = tmp_path / "north.jsonl.part", header_line(HEADER)

    for end in range(len(whole)):
        part.write_bytes(whole[:end])
        with ArchivePart(part.with_suffix(""), SITE) as one:
            assert one.header is None

        assert part.read_bytes() == b""


def test_a_file_that_appeared_meanwhile_is_not_replaced(tmp_path: Path) -> None:
    file = tmp_path / "north.jsonl"

    with ArchivePart(file, SITE) as part:
        part.begin(HEADER)
        file.write_text("another's")
        with pytest.raises(LocalError, match="not overwritten"):
            part.finish()

    assert file.read_text() == "another's"
    assert part.path.exists()


def test_a_link_to_nothing_is_a_file_that_exists(tmp_path: Path) -> None:
    (tmp_path / "north.jsonl").symlink_to(tmp_path / "none")

    with pytest.raises(LocalError, match="not overwritten"):
        ArchivePart(tmp_path / "north.jsonl", SITE)
