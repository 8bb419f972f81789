"""One started program: its log, its end, and the wait until it is ready."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from .account import Account
from .language import LocalError
from .tether import process_tether

_POLL_S = 0.01
_END_S = 10.0
_LOG_TAIL_BYTES = 2_000


@dataclass(frozen=True)
class Program:
    """What to run: a name for logs, the command, its whole environment, and the signal that asks it to stop.

    `folder` is its working folder; `log_file` collects its output; `account` is whom it drops to.
    """

    name: str
    argv: Sequence[str]
    folder: Path
    log_file: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    stop_signal: signal.Signals = signal.SIGTERM
    account: Account | None = None


class StartedProcess:
    """A running child in its own process group, on this process's tether. Methods block; threads may call them."""

    def __init__(self, program: Program) -> None:
        self.program = program
        account = program.account
        with program.log_file.open("ab") as log:
            self._process = process_tether().launch(
                program.argv,
                environment=program.environment,
                folder=program.folder,
                log=log,
                account=(account.uid, account.gid) if account else None,
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def running(self) -> bool:
        """False once the program has ended; reaps it."""
        return self._process.poll() is None

    def wait_until(self, ready: Callable[[], bool], deadline_s: float) -> None:
        """Return when `ready()` is true. Raises ProcessEndedError or ProcessSlowError with the end of the log."""
        give_up = time.monotonic() + deadline_s
        while not ready():
            if not self.running:
                raise ProcessEndedError(self.program, self._process.returncode)
            if time.monotonic() > give_up:
                raise ProcessSlowError(self.program, deadline_s)
            time.sleep(_POLL_S)

    def finish(self, deadline_s: float) -> None:
        """Wait for a program that ends by itself. Raises ProcessEndedError unless it ends well, ProcessSlowError when late."""
        try:
            status = self._process.wait(timeout=deadline_s)
        except subprocess.TimeoutExpired:
            self.kill()
            raise ProcessSlowError(self.program, deadline_s) from None
        process_tether().forget(self.pid)
        if status:
            raise ProcessEndedError(self.program, status)

    def stop(self, grace_s: float = 10.0) -> int:
        """Ask it to stop, then end what is left of its group. Returns the exit status (negative: the signal)."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, self.program.stop_signal)
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=grace_s)
        return self.kill()

    def kill(self) -> int:
        """`kill -9` the program and everything it started, and wait until none is left. Returns the exit status."""
        descendants = _descendants(self.pid) if self.running else []
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        for descendant in descendants:
            with suppress(psutil.NoSuchProcess):
                descendant.kill()
        status = self._process.wait(timeout=_END_S)
        _await_end(descendants)
        process_tether().forget(self.pid)
        return status


class ProcessEndedError(LocalError):
    """A program ended while it was expected to run."""

    def __init__(self, program: Program, status: int) -> None:
        tail = log_tail(program.log_file)
        super().__init__(
            f"{program.name} ended with status {status}; its log {program.log_file} says:\n{tail}",
            f"{program.name} 已退出，状态 {status}；日志 {program.log_file}：\n{tail}",
        )
        self.log = tail


class ProcessSlowError(LocalError):
    """A program did not become ready in its time."""

    def __init__(self, program: Program, deadline_s: float) -> None:
        tail = log_tail(program.log_file)
        super().__init__(
            f"{program.name} was not ready within {deadline_s:g} s; its log {program.log_file} says:\n{tail}",
            f"{program.name} 未在 {deadline_s:g} 秒内就绪；日志 {program.log_file}：\n{tail}",
        )


def log_tail(log_file: Path) -> str:
    """The last lines of a log, at most 2,000 bytes."""
    if not log_file.exists():
        return ""
    with log_file.open("rb") as log:
        log.seek(max(0, log_file.stat().st_size - _LOG_TAIL_BYTES))
        return log.read().decode(errors="replace").strip()


def _descendants(pid: int) -> list[psutil.Process]:
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def _await_end(processes: list[psutil.Process]) -> None:
    """Wait until none of them runs; one that waits to be reaped by the system has ended."""
    give_up = time.monotonic() + _END_S
    while any(map(_lives, processes)) and time.monotonic() < give_up:
        time.sleep(_POLL_S)


def _lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
