"""Recovering a backup in a folder beside the data folder, whose place it takes once it has come to its end."""

import re
import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from .archiving import Archiving
from .base_backup import DATA, PASSWORD, Sheet, first_segment, system_identifier
from .language import LocalError
from .log_archive import LogArchive, missing, withdraw
from .ports import free_port
from .postgres import PostgresEngine
from .processes import ProcessEndedError, StartedProcess
from .secret import write_secret
from .workplace import Workplace

_RECOVER_S = 24 * 3600.0
_LENT = "archived"
_NOT_REACHED = "recovery ended before configured recovery target was reached"
_LAST = re.compile(r"last completed transaction was at log time ([-\d]+ [.:\d]+\S*)")
_LOG = re.compile(r"[0-9A-F]{24}|[0-9A-F]{8}\.history")


class Recovery:
    """Makes the data folder of an instant out of a backup, its archive, and the log in the present data folder."""

    def __init__(self, engine: PostgresEngine, workplace: Workplace) -> None:
        self._engine = engine
        self._workplace = workplace
        self._made = engine.data.with_name(f"{engine.data.name}.restored")

    def recover(self, folder: Path, sheet: Sheet, archive: LogArchive, to_ms: int | None) -> None:
        """Make it, beside the present one, to be archived there. LocalError for an instant that the log does not reach.

        Of an archive that is not there yet the backup alone is made.
        """
        self._workplace.discard(self._made)
        self._copy(folder / DATA, self._made)
        if archive.log.is_dir():
            self._add_unarchived(sheet, archive)
        if to_ms is None:
            self._refuse_gap(archive)
        archiving = Archiving(self._workplace, self._made)
        archiving.include()
        lent = self._workplace.state / _LENT
        archive.lend(lent, self._workplace)
        try:
            self._run(_settings(to_ms), to_ms)
        finally:
            withdraw(lent)
        archiving.archive_to(archive)

    def put_in_place(self, folder: Path, stamp: str) -> Path | None:
        """Exchange the present data folder for the one made; where the former one is now, or None for none."""
        data, aside = self._engine.data, self._engine.set_aside(stamp)
        self._made.rename(data)
        write_secret(self._engine.password_file, (folder / PASSWORD).read_text())
        return aside

    def discard(self) -> None:
        """Remove what was made and did not come to its end."""
        self._workplace.discard(self._made)

    def _copy(self, source: Path, target: Path) -> None:
        shutil.copytree(source, target, symlinks=True)
        target.chmod(0o700)
        for path in (target, *target.rglob("*")):
            self._workplace.hand_over(path)
        signal = target / "recovery.signal"
        signal.touch(mode=0o600)
        self._workplace.hand_over(signal)

    def _add_unarchived(self, sheet: Sheet, archive: LogArchive) -> None:
        """The end of the log may lie in the present data folder alone, where the server was killed.

        That is the one laid aside where a restore was cut short. Not in one with another archive or none, which goes
        another way since.
        """
        aside = self._engine.laid_aside
        data = aside or self._engine.data
        archiving = Archiving(self._workplace, data)
        present, made = data / "pg_wal", self._made / "pg_wal"
        folder = archiving.folder_of_before if aside else archiving.folder or archiving.left_behind
        if folder not in (archive.root, Path(sheet.archive)) or system_identifier(data) != sheet.system:
            return
        for file in present.iterdir():
            if _LOG.fullmatch(file.name) and not (made / file.name).exists():
                self._workplace.hand_over(Path(shutil.copyfile(file, made / file.name)))

    def _refuse_gap(self, archive: LogArchive) -> None:
        """Recovery would take a gap for the end."""
        folders = [folder for folder in (archive.log, self._made / "pg_wal") if folder.is_dir()]
        names = [file.name for folder in folders for file in folder.iterdir()]
        gap = missing(names, first_segment(self._made))
        if gap:
            raise LocalError(
                f"{archive.log} has no segment {gap} of the log, and later ones: name an instant before it with --to, "
                "or restore the backup alone with --alone and a new folder with --archive",
                f"{archive.log} 缺少日志段 {gap}，却有其后的段：请用 --to 指定其前的时刻，"
                "或用 --alone 及 --archive 指定的新目录仅恢复备份本身",
            )

    def _run(self, settings: Mapping[str, str], to_ms: int | None) -> None:
        program = self._engine.program_on(self._made, {"port": str(free_port()), **settings})
        process = StartedProcess(program)
        try:
            process.wait_until(lambda: self._engine.ready_on(self._made, process.pid), _RECOVER_S)
        except ProcessEndedError as ended:
            if to_ms is not None and _NOT_REACHED in ended.log:
                raise _beyond(to_ms, ended.log) from None
            raise
        finally:
            process.stop(grace_s=60.0)


def _settings(to_ms: int | None) -> dict[str, str]:
    """Names without a path: the server runs in its data folder. It takes connections once it may write, not before.

    It archives nothing: a restore that is broken off must leave no timeline of its own in an archive that goes on.
    """
    target = {} if to_ms is None else {"recovery_target_time": _shown(to_ms), "recovery_target_action": "promote"}
    silent = {"archive_library": "", "archive_command": ""}
    return {"hot_standby": "off", **silent, "restore_command": f'cp "../{_LENT}/%f" "%p"', **target}


def _shown(at_ms: int) -> str:
    return f"{datetime.fromtimestamp(at_ms // 1000, UTC):%Y-%m-%d %H:%M:%S}.{at_ms % 1000:03d}+00"


def _beyond(to_ms: int, log: str) -> LocalError:
    last = _LAST.findall(log)
    en, zh = (f"at {last[-1]}", last[-1]) if last else ("before the backup was whole", "备份完整之前")
    return LocalError(
        f"the log ends before {_shown(to_ms)}: the last that is in it was written {en}; nothing was changed. "
        "Without --to everything is restored",
        f"日志止于 {_shown(to_ms)} 之前：其中最后一次写入为 {zh}；未作任何改动。不带 --to 可恢复全部",
    )
