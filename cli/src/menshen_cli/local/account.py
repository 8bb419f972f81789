"""Whom the servers run as, and where they may live.

PostgreSQL refuses to run as root. When the suite is root its servers run as the system's existing unprivileged account;
no account is made and no permission of a folder that is not ours is changed. Where that account cannot reach the chosen
folder (a checkout under a private home), the server lives in a folder of its own beside the system's temporary files.
"""

import hashlib
import os
import pwd
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path

from .language import LocalError

_CANDIDATES = ("nobody", "daemon")
_VISIBLE_BASES = (Path("/var/tmp"), Path("/tmp"))  # noqa: S108 - only as parents of a folder whose owner is checked


@dataclass(frozen=True)
class Account:
    """An unprivileged account: numeric ids only, as the launcher takes them."""

    uid: int
    gid: int

    def own(self, path: Path) -> None:
        """Hand one of our own files or folders to the account."""
        os.chown(path, self.uid, self.gid)

    def reaches(self, path: Path) -> bool:
        """Whether the account may pass through every folder above `path`, and `path` itself when it is a folder."""
        resolved = path.resolve()
        steps = [*resolved.parents, *([resolved] if resolved.is_dir() else [])]
        return all(self._passes(step.stat()) for step in steps if step.exists())

    def _passes(self, folder: os.stat_result) -> bool:
        if folder.st_uid == self.uid:
            return bool(folder.st_mode & stat.S_IXUSR)
        if folder.st_gid == self.gid:
            return bool(folder.st_mode & stat.S_IXGRP)
        return bool(folder.st_mode & stat.S_IXOTH)


def server_account() -> Account | None:
    """The account servers drop to: None unless this process is root. Raises LocalError when the system has none."""
    if os.geteuid() != 0:
        return None
    for name in _CANDIDATES:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    raise LocalError(
        "running as root, and the system has no account 'nobody' to run the database as: run as an ordinary user",
        "当前为 root，且系统没有可用于运行数据库的 nobody 账户：请改用普通用户运行",
    )


def server_home(folder: Path, account: Account | None) -> Path:
    """Make and return the folder a server lives in: `folder`, or a stand-in the account can reach.

    The folder is 0700 without an account; with one it is 0711 and root's, and only what lies in it is the account's.
    """
    if account is None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder
    if account.reaches(folder.parent):
        folder.mkdir(mode=0o711, parents=True, exist_ok=True)
        if account.reaches(folder):
            return folder
    return _stand_in(folder, account)


def _stand_in(folder: Path, account: Account) -> Path:
    name = "menshen-" + hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:16]
    for base in _VISIBLE_BASES:
        if not account.reaches(base):
            continue
        home = base / name
        home.mkdir(mode=0o711, exist_ok=True)
        found = home.lstat()
        if stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid():
            home.chmod(0o711)
            return home
    raise LocalError(
        f"the unprivileged account that runs the database cannot reach {folder}, and no temporary folder will do: "
        "run as an ordinary user, or move the checkout out of the private folder",
        f"运行数据库的非特权账户无法进入 {folder}，也没有可用的临时目录：请改用普通用户，或将代码移出私有目录",
    )


def reachable_tree(tree: Path, stand_in: Path, account: Account | None) -> Path:
    """`tree` itself when the account can reach it, else `stand_in`: the same tree linked (or copied) there once."""
    if account is None or account.reaches(tree):
        return tree
    if not stand_in.exists():
        partial = stand_in.with_name(f"{stand_in.name}.partial")
        shutil.rmtree(partial, ignore_errors=True)
        shutil.copytree(tree, partial, symlinks=True, copy_function=_link_or_copy, ignore=_without_headers)
        partial.chmod(0o755)
        partial.rename(stand_in)
    return stand_in


def _link_or_copy(source: str, target: str) -> None:
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:
        shutil.copy2(source, target, follow_symlinks=False)


def _without_headers(_folder: str, names: list[str]) -> list[str]:
    return [name for name in names if name == "include"]
