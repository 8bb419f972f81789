"""The folder of one running suite. Its lock makes a second suite refuse, and goes with the process that holds it."""

import fcntl
import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .language import LocalError
from .secret import write_secret

_LOCK = "menshen.lock"
_ADDRESSES = "suite.json"


def default_folder(name: str = "run") -> Path:
    """`.menshen/<name>` in the checkout that holds the working folder, else in the working folder."""
    here = Path.cwd()
    top = next((folder for folder in (here, *here.parents) if (folder / "uv.lock").is_file()), here)
    return top / ".menshen" / name


class RunFolder:
    """A claimed folder: `path`, until `release()`."""

    def __init__(self, path: Path, lock: int) -> None:
        self.path = path
        self._lock = lock

    @classmethod
    def claim(cls, path: Path) -> "RunFolder":
        """Make the folder and lock it.

        Raises LocalError that names the process holding it, or when the folder holds something else than a suite's.
        """
        _refuse_strange(path)
        mode = 0o711 if os.geteuid() == 0 else 0o700
        path.parent.mkdir(mode=mode, parents=True, exist_ok=True)
        path.mkdir(mode=mode, exist_ok=True)
        lock = os.open(path / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(lock, 20, 0).decode().strip() or "?"
            os.close(lock)
            raise LocalError(
                f"a suite already runs in {path} (process {holder}): stop it, or choose another folder with --folder",
                f"{path} 中已有实例在运行（进程 {holder}）：请先停止它，或用 --folder 指定其他目录",
            ) from None
        os.ftruncate(lock, 0)
        os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)
        return cls(path.resolve(), lock)

    def clear(self) -> None:
        """Delete everything in the folder but the lock."""
        for entry in self.path.iterdir():
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            elif entry.name != _LOCK:
                entry.unlink()

    def release(self) -> None:
        """Let others claim the folder; its contents stay."""
        (self.path / _ADDRESSES).unlink(missing_ok=True)
        os.close(self._lock)

    def publish(self, addresses: Mapping[str, Any]) -> None:
        """Say where the suite listens, for commands in other terminals."""
        write_secret(self.path / _ADDRESSES, json.dumps(addresses, indent=2) + "\n")


def _refuse_strange(path: Path) -> None:
    """A run folder may be emptied: one with contents and no lock of ours is somebody's, and stays untouched."""
    if path.is_dir() and not (path / _LOCK).exists() and any(path.iterdir()):
        raise LocalError(
            f"{path} is not empty and not a run folder: choose another with --folder",
            f"{path} 非空且不是运行目录：请用 --folder 指定其他目录",
        )


def published_addresses(path: Path) -> dict[str, Any]:
    """What the suite running in `path` published. Raises LocalError when none runs there."""
    try:
        found: dict[str, Any] = json.loads((path / _ADDRESSES).read_text())
    except FileNotFoundError:
        raise LocalError(
            f"no suite runs in {path}: start one with `menshen up`", f"{path} 中没有运行的实例：请先执行 menshen up"
        ) from None
    return found
