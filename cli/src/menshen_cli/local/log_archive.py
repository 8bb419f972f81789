"""The archive of one database's write-ahead log: a folder that bears the database's system identifier, in one named.

PostgreSQL makes no folder: where the disk is not mounted, or another one is, it finds nowhere to write and keeps it.
"""

import re
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from .language import LocalError
from .secret import write_secret
from .workplace import Workplace

KEPT_BACKUPS = 3

_FOLDER = "log-"
_MARK_OF_BEFORE = "system-identifier"
"""The file by which an earlier version knew a folder in which the archive lay without one of its own."""
_SEGMENT = re.compile(r"[0-9A-F]{24}")
_HISTORY = re.compile(r"([0-9A-F]{8})\.history")
_WHOLE = re.compile(r"([0-9A-F]{24})\.whole")
_TIMELINE_DIGITS = 8
_IN_A_LOG = 256
"""Segments of 16 MiB, as every data folder of ours has them."""


@dataclass(frozen=True)
class LogArchive:
    """What is archived of the database with this system identifier, in the folder that people name."""

    root: Path
    system: str

    @property
    def log(self) -> Path:
        """Where the files are."""
        return self.root / f"{_FOLDER}{self.system}"

    def check(self) -> None:
        """LocalError where it is not."""
        if self.log.is_dir():
            return
        if self._is_of_before():
            raise LocalError(
                f"{self.root} keeps the archive of this database as an earlier version did: make the folder {self.log} "
                "and move all files there.",
                f"{self.root} 中是早先版本存放的本数据库归档：请新建目录 {self.log}，并将全部文件移入。",
            )
        if self._foreign():
            raise LocalError(
                f"{self.root} is the archive of another database: is another disk mounted there?",
                f"{self.root} 是另一数据库的归档目录：挂载的是否为另一磁盘？",
            )
        raise LocalError(
            f"the archive of this database is not in {self.root}: is its disk mounted?",
            f"{self.root} 中没有本数据库的归档：其磁盘是否已挂载？",
        )

    def check_new(self, workplace: Workplace) -> None:
        """LocalError unless it can be made: in a folder that is not there yet, or has nothing in it."""
        account, parent = workplace.account, self.root.parent
        if not parent.is_dir():
            raise LocalError(f"there is no folder {parent}", f"没有目录 {parent}")
        if account and not account.reaches(self.root if self.root.exists() else parent):
            raise LocalError(
                f"running as root, and the unprivileged account of the database cannot reach {self.root}",
                f"当前为 root，而数据库的非特权账户无法访问 {self.root}",
            )
        if self.root.exists() and (not self.root.is_dir() or self._in_use()):
            raise LocalError(
                f"{self.root} is not new: name a folder with --archive that is not there yet, or has nothing in it",
                f"{self.root} 不是新目录：请用 --archive 指定尚不存在或为空的目录",
            )

    def make(self, workplace: Workplace) -> None:
        """Make the folders that are not there."""
        for folder in (self.root, self.log):
            if not folder.exists():
                folder.mkdir(mode=0o700)
                workplace.hand_over(folder)

    def note_whole(self, first_segment: str, workplace: Workplace) -> None:
        """A backup that begins with this segment has become whole: what it needs is kept."""
        workplace.hand_over(write_secret(self.log / f"{first_segment}.whole", ""))

    def prune(self, kept_backups: int = KEPT_BACKUPS) -> int:
        """Drop what none of the newest so many whole backups needs; how many files."""
        files = sorted(_files(self.log), key=lambda file: file.stat().st_mtime_ns)
        begins = [match[1][_TIMELINE_DIGITS:] for file in files if (match := _WHOLE.fullmatch(file.name))]
        if len(begins) <= kept_backups:
            return 0
        oldest = min(begins[-kept_backups:])
        gone = [file for file in files if _SEGMENT.match(file.name) and file.name[_TIMELINE_DIGITS:24] < oldest]
        for file in gone:
            file.unlink()
        return len(gone)

    def lend(self, own: Path, workplace: Workplace) -> None:
        """Let the server read all that is archived under a name of its own, which needs no quoting."""
        withdraw(own)
        account = workplace.account
        files = _files(self.log) if self.log.is_dir() else []
        mine = account is None or (
            account.reaches(self.log) and all(file.stat().st_uid == account.uid for file in files)
        )
        if files and mine:
            own.symlink_to(self.log.resolve())
            return
        own.mkdir(mode=0o700)
        workplace.hand_over(own)
        for file in files:
            workplace.hand_over(Path(shutil.copyfile(file, own / file.name)))

    def _is_of_before(self) -> bool:
        mark = self.root / _MARK_OF_BEFORE
        return mark.is_file() and mark.read_text() == self.system

    def _foreign(self) -> bool:
        return self.root.is_dir() and any(self.root.glob(f"{_FOLDER}*"))

    def _in_use(self) -> bool:
        return any(entry != self.log or any(entry.iterdir()) for entry in self.root.iterdir())


def withdraw(own: Path) -> None:
    """End what `lend` gave."""
    if own.is_symlink():
        own.unlink()
    elif own.exists():
        shutil.rmtree(own)


def newest_timeline(folder: Path) -> int:
    """Of those whose beginning is told in a folder of the log; each restore begins one, and 1 is the first."""
    told = (match for file in folder.glob("*.history") if (match := _HISTORY.fullmatch(file.name)))
    return max((int(match[1], 16) for match in told), default=1)


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


def _files(folder: Path) -> list[Path]:
    return [entry for entry in folder.iterdir() if entry.is_file()]
