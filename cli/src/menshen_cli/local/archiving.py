"""The archive of a server's write-ahead log, from the first backup on: copied by PostgreSQL's own basic_archive.

That module copies, syncs and renames, and never replaces a file by another; no shell and no quoting take part. Until
there is a backup, what would be archived is dropped. A file beside the data folder says which; the server's own
configuration includes it.
"""

import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from .language import LocalError
from .secret import write_secret
from .workplace import Workplace

KEPT_BACKUPS = 3
SWITCH_S = 300
"""How long what was written stays out of the archive at most, while little is."""

_MARK = "system-identifier"
_INCLUDE = "include = '../archive.conf'"
_NOTHING = "archive_command = 'true'\n"
_DIRECTORY = re.compile(r"^basic_archive\.archive_directory = '(.*)'$", re.MULTILINE)
_SEGMENT = re.compile(r"[0-9A-F]{24}")
_BACKUP = re.compile(r"([0-9A-F]{24})\.[0-9A-F]{8}\.backup")
_TIMELINE_DIGITS = 8
_IN_A_LOG = 256
"""Segments of 16 MiB, as every data folder of ours has them."""


class Archiving:
    """Says where one server archives to."""

    def __init__(self, workplace: Workplace) -> None:
        self._workplace = workplace
        self._file = workplace.state / "archive.conf"

    @property
    def folder(self) -> Path:
        """Where the server archives to; where it will by default, while it does not yet."""
        found = _DIRECTORY.search(self._file.read_text()) if self._file.exists() else None
        if found is None:
            return self._workplace.state / "archive"
        return Path(found[1].replace("''", "'").replace("\\\\", "\\"))

    def prepare(self) -> None:
        """Make the file that the configuration includes, when there is none."""
        if not self._file.exists():
            self._write(_NOTHING)

    def include_in(self, data: Path) -> None:
        """Have the configuration of a data folder include the file, once."""
        configuration = data / "postgresql.conf"
        text = configuration.read_text()
        if _INCLUDE not in text.splitlines():
            with configuration.open("a") as file:
                file.write(f"\n{_INCLUDE}\n")

    def keep(self, archive: Path, system: str) -> None:
        """Archive the server of that system identifier to a folder, once it looks at its configuration again.

        LocalError for a folder that the server cannot reach, or that holds something else.
        """
        self._claim(archive, system)
        quoted = str(archive).replace("\\", "\\\\").replace("'", "''")
        self._write(
            f"archive_library = 'basic_archive'\n"
            f"basic_archive.archive_directory = '{quoted}'\n"
            f"archive_timeout = {SWITCH_S}\n"
        )

    @contextmanager
    def or_as_before(self) -> Iterator[None]:
        """What is done inside and fails leaves the archive that was in use before."""
        before = self._file.read_text() if self._file.exists() else _NOTHING
        try:
            yield
        except BaseException:
            self._write(before)
            raise

    def _claim(self, archive: Path, system: str) -> None:
        account, mark = self._workplace.account, archive / _MARK
        if not archive.parent.is_dir():
            raise LocalError(f"there is no folder {archive.parent}", f"没有目录 {archive.parent}")
        if account and not account.reaches(archive.parent):
            raise LocalError(
                f"running as root, and the unprivileged account of the database cannot reach {archive}",
                f"当前为 root，而数据库的非特权账户无法访问 {archive}",
            )
        if not archive.exists():
            archive.mkdir(mode=0o700)
            self._workplace.hand_over(archive)
        if not any(archive.iterdir()):
            mark.write_text(system)
            self._workplace.hand_over(mark)
        if not mark.is_file() or mark.read_text() != system:
            raise LocalError(
                f"{archive} is not empty and not the archive of this database: choose another with --archive",
                f"{archive} 非空且不是本数据库的归档目录：请用 --archive 指定其他目录",
            )

    def _write(self, text: str) -> None:
        self._workplace.hand_over(write_secret(self._file, text))


def prune(archive: Path, kept_backups: int = KEPT_BACKUPS) -> int:
    """Drop what none of the newest so many backups needs; how many files.

    PostgreSQL puts a file into the archive for each backup, named after the segment that it begins with.
    """
    files = sorted((entry for entry in archive.iterdir() if entry.is_file()), key=lambda file: file.stat().st_mtime_ns)
    begins = [match[1][_TIMELINE_DIGITS:] for file in files if (match := _BACKUP.fullmatch(file.name))]
    if len(begins) <= kept_backups:
        return 0
    oldest = min(begins[-kept_backups:])
    gone = [file for file in files if _SEGMENT.match(file.name) and file.name[_TIMELINE_DIGITS:24] < oldest]
    for file in gone:
        file.unlink()
    return len(gone)


def missing(names: Iterable[str], first: str) -> str:
    """The first segment of the log that is not among the names though a later one is; empty for none.

    `first` is where it begins. A segment of any timeline fills its place: recovery follows the last of them.
    """
    there = {_place(name) for name in names if _SEGMENT.fullmatch(name)}
    for place in range(_place(first), max(there, default=0)):
        if place not in there:
            return f"{place // _IN_A_LOG:08X}{place % _IN_A_LOG:08X}"
    return ""


def _place(name: str) -> int:
    return int(name[_TIMELINE_DIGITS:16], 16) * _IN_A_LOG + int(name[16:24], 16)


def lend(archive: Path, own: Path, workplace: Workplace) -> None:
    """Let the server read all that is archived under a name of its own, which needs no quoting."""
    withdraw(own)
    account = workplace.account
    files = [entry for entry in archive.iterdir() if entry.is_file()]
    if account is None or (account.reaches(archive) and all(file.stat().st_uid == account.uid for file in files)):
        own.symlink_to(archive.resolve())
        return
    own.mkdir(mode=0o700)
    workplace.hand_over(own)
    for file in files:
        workplace.hand_over(Path(shutil.copyfile(file, own / file.name)))


def withdraw(own: Path) -> None:
    """End what `lend` gave."""
    if own.is_symlink():
        own.unlink()
    elif own.exists():
        shutil.rmtree(own)
