"""The folder one server of ours lives in, and the account it runs as."""

import os
import shutil
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .account import Account, reachable_tree, server_account, server_home
from .binaries import Installation, Taken
from .language import LocalError
from .processes import Program


@dataclass(frozen=True)
class Workplace:
    """`home` holds the log and our password files; `state`, below it, is the server's alone (0700)."""

    home: Path
    state: Path
    account: Account | None

    @classmethod
    def prepare(cls, folder: Path) -> "Workplace":
        """Make the folders, or a stand-in where the account cannot reach `folder`. Raises LocalError."""
        account = server_account()
        home = server_home(folder.absolute(), account)
        state = home / "state"
        state.mkdir(mode=0o700, exist_ok=True)
        workplace = cls(home, state, account)
        workplace.hand_over(state)
        return workplace

    def hand_over(self, path: Path) -> Path:
        """Give a path to the account, when there is one."""
        if self.account:
            self.account.own(path)
        return path

    def discard(self, path: Path) -> None:
        """Remove a folder below `state` if it is there."""
        shutil.rmtree(path, ignore_errors=True)

    def reach(self, installation: Installation) -> Installation:
        """The installation at a place the account can run it from. Raises LocalError."""
        if installation.taken is Taken.EMBEDDED:
            version = ".".join(map(str, installation.version))
            stand_in = self.home / f"{installation.tree.name}-{version}"
            return installation.moved_to(reachable_tree(installation.tree, stand_in, self.account))
        for binary in installation.binaries.values():
            if self.account and not self.account.reaches(binary.parent):
                raise LocalError(
                    f"running as root, and the unprivileged account cannot reach {binary}",
                    f"当前为 root，而非特权账户无法访问 {binary}",
                )
        return installation

    def program(self, name: str, argv: Sequence[str], *, stop_signal: signal.Signals = signal.SIGTERM) -> Program:
        """A program that runs here as the account, with a minimal environment and its output in the log."""
        return Program(
            name=name,
            argv=argv,
            folder=self.state,
            log_file=self.log_file,
            environment={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"},
            stop_signal=stop_signal,
            account=self.account,
        )

    @property
    def log_file(self) -> Path:
        return self.home / "server.log"
