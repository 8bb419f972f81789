"""A finished file gets its name and never takes another's, on file systems without hard links too."""

import errno
import os
from pathlib import Path
from typing import NoReturn

import pytest
from menshen_cli.new_names import give_name


def no_links(*_: object) -> NoReturn:
    raise OSError(errno.EPERM, "Operation not permitted")


@pytest.fixture(params=[True, False], ids=["links", "no links"])
def written(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A finished file, on a file system with hard links and on one that has none."""
    if not request.param:
        monkeypatch.setattr(os, "link", no_links)
    file = tmp_path / "written"
    file.write_text("ours")
    return file


def test_the_file_has_its_name_and_no_other(written: Path, tmp_path: Path) -> None:
    give_name(written, tmp_path / "target")

    assert [(one.name, one.read_text()) for one in tmp_path.iterdir()] == [("target", "ours")]


def test_a_file_of_that_name_stays_and_so_does_the_finished_one(written: Path, tmp_path: Path) -> None:
    (tmp_path / "target").write_text("another's")

    with pytest.raises(FileExistsError):
        give_name(written, tmp_path / "target")

    assert {one.name: one.read_text() for one in tmp_path.iterdir()} == {"target": "another's", "written": "ours"}


def test_what_cannot_be_moved_leaves_no_empty_file(written: Path, tmp_path: Path) -> None:
    written.unlink()

    with pytest.raises(FileNotFoundError):
        give_name(written, tmp_path / "target")

    assert list(tmp_path.iterdir()) == []
