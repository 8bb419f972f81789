"""What an earlier version archived, in a folder of its own layout and by a file beside the data folder."""

from pathlib import Path

import pytest
from menshen_cli.local.archive_standing import trouble_of
from menshen_cli.local.archiving import Archiving
from menshen_cli.local.language import LocalError
from menshen_cli.local.log_archive import LogArchive
from menshen_cli.local.postgres import data_folder
from menshen_cli.local.workplace import Workplace


@pytest.fixture
def own(run_folder: Path, request: pytest.FixtureRequest) -> Path:
    folder = run_folder / request.node.name[:60]
    folder.mkdir(mode=0o711)
    return folder


@pytest.fixture
def of_before(own: Path) -> Archiving:
    """Of a data folder that an earlier version archived, with nothing but a configuration."""
    data = data_folder(own)
    data.mkdir()
    (data / "postgresql.conf").write_text("# as initdb left it\n\ninclude = '../archive.conf'\n")
    directory = f"archive_library = 'basic_archive'\nbasic_archive.archive_directory = '{own}/old''s'\n"
    (data.parent / "archive.conf").write_text(directory)
    return Archiving(Workplace.prepare(own / "postgres"), data)


def test_an_archive_that_an_earlier_version_kept_is_missed_until_there_is_a_new_one(
    of_before: Archiving, own: Path
) -> None:
    data = data_folder(own)
    for is_started in (False, True):
        if is_started:
            of_before.include()
        told = trouble_of(of_before, data)
        assert told is not None
        assert f"an earlier version archived to {own}/old's; what is written now is not archived" in told[0]
    assert (data / "postgresql.conf").read_text().splitlines()[-1] == "include = 'archive.conf'"
    assert "../" not in (data / "postgresql.conf").read_text()

    of_before.keep(own / "log", "7")
    of_before.include()

    assert of_before.left_behind is None
    assert of_before.folder == own / "log"


def test_an_earlier_version_that_archived_nothing_leaves_nothing_behind(of_before: Archiving, own: Path) -> None:
    (data_folder(own).parent / "archive.conf").write_text("archive_command = 'true'\n")

    of_before.include()

    assert of_before.left_behind is None
    assert trouble_of(of_before, data_folder(own)) is None
    assert "../" not in (data_folder(own) / "postgresql.conf").read_text()


def test_an_archive_as_an_earlier_version_laid_it_out_is_told_how_to_be_moved(tmp_path: Path) -> None:
    (tmp_path / "system-identifier").write_text("7")

    for system, told in (("7", f"make the folder {tmp_path / 'log-7'} and move all"), ("8", "is its disk mounted?")):
        with pytest.raises(LocalError) as refused:
            LogArchive(tmp_path, system).check()
        assert told in refused.value.en
        assert refused.value.zh
