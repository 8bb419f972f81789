"""One started program: its log, its end, and the wait until it is ready."""

import asyncio
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
        self._group_ended = False
        account = program.account
        with open(program.log_file, "ab", opener=_for_owner_only) as log:
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
        """False once the program has ended; what it left behind in its group is ended then, too."""
        if self._process.poll() is None:
            return True
        self._end_group()
        return False

    def readiness(self, ready: Callable[[], bool], deadline_s: float) -> Callable[[], bool]:
        """A question to ask again and again: is it ready?

        It raises ProcessEndedError or ProcessSlowError, each with the end of the log.
        """
        give_up = time.monotonic() + deadline_s

        def is_ready() -> bool:
            # Looked at first: a program whose end is what is waited for may end between the two questions.
            running = self.running
            if ready():
                return True
            if not running:
                raise ProcessEndedError(self.program, self._process.returncode)
            if time.monotonic() > give_up:
                raise ProcessSlowError(self.program, deadline_s)
            return False

        return is_ready

    def wait_until(self, ready: Callable[[], bool], deadline_s: float) -> None:
        """Return when `ready()` is true. Raises as `readiness` does."""
        is_ready = self.readiness(ready, deadline_s)
        while not is_ready():
            time.sleep(_POLL_S)

    def finish(self, deadline_s: float) -> None:
        """Wait for a program that ends by itself. Raises ProcessEndedError unless its status is 0."""
        try:
            status = self._process.wait(timeout=deadline_s)
        except subprocess.TimeoutExpired:
            self.kill()
            raise ProcessSlowError(self.program, deadline_s) from None
        self._end_group()
        if status:
            raise ProcessEndedError(self.program, status)

    def stop(self, grace_s: float = 10.0) -> int:
        """Ask it to stop, then end what is left of its group. Returns the exit status (negative: the signal)."""
        self._process.send_signal(self.program.stop_signal)
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=grace_s)
        return self.kill()

    def kill(self) -> int:
        """`kill -9` the program and everything it started, and wait until none is left. Returns the exit status."""
        descendants = _descendants(self.pid) if self._process.poll() is None else []
        self._end_group()
        for descendant in descendants:
            with suppress(psutil.NoSuchProcess):
                descendant.kill()
        status = self._process.wait(timeout=_END_S)
        _await_end(descendants)
        return status

    def _end_group(self) -> None:
        """End the process group, once: afterwards its number may belong to strangers."""
        if self._group_ended:
            return
        self._group_ended = True
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        process_tether().forget(self.pid)


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


async def patiently(is_ready: Callable[[], bool]) -> None:
    """Return when a `readiness` question is answered yes; its errors pass through."""
    while not is_ready():  # noqa: ASYNC110 - what is waited for happens in another process
        await asyncio.sleep(_POLL_S)


def log_tail(log_file: Path) -> str:
    """The last lines of a log, at most 2,000 bytes."""
    if not log_file.exists():
        return ""
    with log_file.open("rb") as log:
        log.seek(max(0, log_file.stat().st_size - _LOG_TAIL_BYTES))
        return log.read().decode(errors="replace").strip()


def _for_owner_only(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


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
