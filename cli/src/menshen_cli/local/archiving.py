"""Where a server archives its write-ahead log to, from the first backup on: by PostgreSQL's own basic_archive.

That module copies, syncs and renames, and never replaces a file by another; no shell and no quoting take part. Until
there is a backup, what would be archived is dropped. A file in the data folder says which, so that each data folder has
its own wherever it is moved; the server's own configuration includes it.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .language import LocalError
from .log_archive import LogArchive, newest_timeline
from .secret import write_secret
from .workplace import Workplace

SWITCH_S = 300
"""How long what was written stays out of the archive at most, while little is."""

_FILE = "archive.conf"
_CONFIGURATION = "postgresql.conf"
_INCLUDE = f"include = '{_FILE}'"
_INCLUDE_OF_BEFORE = f"include = '../{_FILE}'"
"""Of an earlier version, whose file lay beside the data folder and so stayed behind where that was copied."""
_NOTHING = "archive_library = ''\narchive_command = 'true'\n"
_SET_ASIDE = "# Set aside by a restore. The archive of before goes on with the database that was restored.\n"
_WAS_IN = "# It was in: "
_LEFT_BEHIND = "# An earlier version archived to: "
_DIRECTORY = re.compile(r"^basic_archive\.archive_directory = '(.*)'$", re.MULTILINE)


class Archiving:
    """Says where the server of one data folder archives to."""

    def __init__(self, workplace: Workplace, data: Path) -> None:
        self._workplace = workplace
        self._data = data
        self._file = data / _FILE

    @property
    def folder(self) -> Path | None:
        """The folder named for the archive; None while nothing is archived."""
        log = self._log
        return log.parent if log else None

    @property
    def is_outrun(self) -> bool:
        """Whether a database that was restored later archives there by now."""
        return self._log is not None and self._outruns(self._log)

    @property
    def is_set_aside(self) -> bool:
        """Whether a restore took the place of this database, which has no archive of its own since."""
        return self._told().startswith(_SET_ASIDE)

    @property
    def left_behind(self) -> Path | None:
        """The folder that an earlier version archived to, as long as nothing is archived since; None for none."""
        if self._log is not None or self.is_set_aside:
            return None
        first = self._told().partition("\n")[0]
        if first.startswith(_LEFT_BEHIND):
            return Path(first.removeprefix(_LEFT_BEHIND))
        of_before = self._data.parent / _FILE
        if _INCLUDE_OF_BEFORE not in self._configuration() or not of_before.exists():
            return None
        return _archived_to(of_before.read_text())

    @property
    def folder_of_before(self) -> Path | None:
        """The folder that this database archived to, though it may no longer do so; None where there was none."""
        told = [line.removeprefix(_WAS_IN) for line in self._told().splitlines() if line.startswith(_WAS_IN)]
        return self.folder or self.left_behind or (Path(told[0]) if told else None)

    def include(self) -> None:
        """Have the configuration include the file, and none of an earlier version.

        A new one says nothing of an archive, but of one that an earlier version left behind.
        """
        left_behind = self.left_behind
        if left_behind is not None:
            self._write(f"{_LEFT_BEHIND}{left_behind}\n{_NOTHING}")
        elif not self._file.exists():
            self._write(_NOTHING)
        lines = self._configuration()
        kept = [line for line in lines if line not in (_INCLUDE, _INCLUDE_OF_BEFORE)]
        if _INCLUDE_OF_BEFORE in lines or _INCLUDE not in lines:
            text = "\n".join([*kept, _INCLUDE, ""])
            self._workplace.hand_over(write_secret(self._data / _CONFIGURATION, text))

    def keep(self, root: Path, system: str) -> LogArchive:
        """Archive the server of that system identifier to a folder, once it looks at its configuration again.

        LocalError where the archive in use is gone, or another folder will not do: one in use is that of the database
        restored since, if this one was set aside.
        """
        archive = LogArchive(root, system)
        if self._belongs_to_another(archive.log):
            raise LocalError(
                f"this database was set aside by a restore, and {root} goes on with the restored one: "
                "name a new folder with --archive",
                f"本数据库已被一次恢复替换，{root} 由恢复后的数据库继续使用：请用 --archive 指定新目录",
            )
        if root == self.folder:
            _check_in_use(archive)
        elif not archive.log.is_dir():
            archive.check_new(self._workplace)
        self.archive_to(archive)
        return archive

    def archive_to(self, archive: LogArchive) -> None:
        """The same for one that was looked at."""
        archive.make(self._workplace)
        quoted = str(archive.log).replace("\\", "\\\\").replace("'", "''")
        self._write(
            f"archive_library = 'basic_archive'\n"
            f"basic_archive.archive_directory = '{quoted}'\n"
            f"archive_timeout = {SWITCH_S}\n"
        )

    def set_aside(self) -> None:
        """Whoever starts this data folder again adds nothing to the archive, which is the restored database's."""
        folder = self.folder_of_before
        self.include()
        self._write(f"{_SET_ASIDE}{_WAS_IN}{folder}\n{_NOTHING}" if folder else f"{_SET_ASIDE}{_NOTHING}")

    @contextmanager
    def or_as_before(self) -> Iterator[None]:
        """What is done inside and fails leaves the archive that was in use before."""
        before = self._told() or _NOTHING
        try:
            yield
        except BaseException:
            self._write(before)
            raise

    @property
    def _log(self) -> Path | None:
        return _archived_to(self._told())

    def _outruns(self, log: Path) -> bool:
        return newest_timeline(log) > newest_timeline(self._data / "pg_wal")

    def _belongs_to_another(self, log: Path) -> bool:
        return self._outruns(log) or (self.is_set_aside and log.is_dir() and any(log.iterdir()))

    def _configuration(self) -> list[str]:
        file = self._data / _CONFIGURATION
        return file.read_text().splitlines() if file.exists() else []

    def _told(self) -> str:
        return self._file.read_text() if self._file.exists() else ""

    def _write(self, text: str) -> None:
        self._workplace.hand_over(write_secret(self._file, text))


def _archived_to(settings: str) -> Path | None:
    found = _DIRECTORY.search(settings)
    return Path(found[1].replace("''", "'").replace("\\\\", "\\")) if found else None


def _check_in_use(archive: LogArchive) -> None:
    try:
        archive.check()
    except LocalError as trouble:
        raise LocalError(
            f"{trouble.en} If it is lost, name a new folder with --archive",
            f"{trouble.zh}若已丢失，请用 --archive 指定新目录",
        ) from None
