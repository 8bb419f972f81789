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
_INCLUDE = f"include = '{_FILE}'"
_NOTHING = "archive_library = ''\narchive_command = 'true'\n"
_SET_ASIDE = "# Set aside by a restore. The archive of before goes on with the database that was restored.\n"
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

    def include(self) -> None:
        """Have the configuration include the file, once, which says nothing of an archive where it is new."""
        if not self._file.exists():
            self._write(_NOTHING)
        configuration = self._data / "postgresql.conf"
        if _INCLUDE not in configuration.read_text().splitlines():
            with configuration.open("a") as file:
                file.write(f"\n{_INCLUDE}\n")

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
        self.include()
        self._write(f"{_SET_ASIDE}{_NOTHING}")

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
        found = _DIRECTORY.search(self._told())
        return Path(found[1].replace("''", "'").replace("\\\\", "\\")) if found else None

    def _outruns(self, log: Path) -> bool:
        return newest_timeline(log) > newest_timeline(self._data / "pg_wal")

    def _belongs_to_another(self, log: Path) -> bool:
        return self._outruns(log) or (self.is_set_aside and log.is_dir() and any(log.iterdir()))

    def _told(self) -> str:
        return self._file.read_text() if self._file.exists() else ""

    def _write(self, text: str) -> None:
        self._workplace.hand_over(write_secret(self._file, text))


def _check_in_use(archive: LogArchive) -> None:
    try:
        archive.check()
    except LocalError as trouble:
        raise LocalError(
            f"{trouble.en} If it is lost, name a new folder with --archive",
            f"{trouble.zh}若已丢失，请用 --archive 指定新目录",
        ) from None
