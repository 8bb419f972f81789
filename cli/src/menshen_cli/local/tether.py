"""Processes on a tether: whatever a parent starts ends with it, even when the parent is killed.

The parent holds the write end of a pipe; a watcher process holds the read end and a list of process groups. When the
last write end closes, the parent is gone, and the watcher kills every group still listed. A started process adds its
own group before it becomes the program, so a parent that dies half-way through a start leaves nothing behind either.
A pipe works alike on Linux and macOS and, unlike a parent-death signal, does not depend on which thread started what.

Run as a script by an interpreter without site packages (`python -I -S tether.py PART ...`):
`watch FD` is the watcher; `launch FD UID GID -- ARGV...` lists itself, drops to UID:GID (`-` keeps), becomes ARGV.
"""

import fcntl
import os
import signal
import subprocess
import sys
import termios
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

_SCRIPT = str(Path(__file__).resolve())
_INTERPRETER = [sys.executable, "-I", "-S", _SCRIPT]


class Tether:
    """The parent's end of the pipe, and the watcher that reads the other one."""

    def __init__(self) -> None:
        read_end, self._write_end = os.pipe()
        try:
            self._watcher = subprocess.Popen(
                [*_INTERPRETER, "watch", str(read_end)],
                pass_fds=(read_end,),
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        finally:
            os.close(read_end)

    def launch(
        self,
        argv: Sequence[str],
        *,
        environment: Mapping[str, str],
        folder: Path,
        log: BinaryIO,
        account: tuple[int, int] | None = None,
    ) -> "subprocess.Popen[bytes]":
        """Start `argv` as (uid, gid) when given; its pid is also its process group.

        It stays in the session of this process: where the kernel weighs sessions against each other, what gives way in
        one gives way to nobody in another. It has no controlling terminal all the same.
        """
        uid, gid = account or ("-", "-")
        return subprocess.Popen(
            [*_INTERPRETER, "launch", str(self._write_end), str(uid), str(gid), "--", *argv],
            pass_fds=(self._write_end,),
            env=dict(environment),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            process_group=0,
        )

    def forget(self, group: int) -> None:
        """Take a process group off the list: it has ended, and its number may be used again."""
        os.write(self._write_end, b"-%d\n" % group)

    def close(self) -> None:
        """End every group still listed, and the watcher."""
        os.close(self._write_end)
        self._watcher.wait(timeout=10)


_of_process: dict[int, Tether] = {}
_making = threading.Lock()


def process_tether() -> Tether:
    """The one tether of this process, made at first use; a forked process gets its own."""
    pid = os.getpid()
    with _making:
        if pid not in _of_process:
            _of_process[pid] = Tether()
        return _of_process[pid]


def _watch(descriptor: int) -> None:
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    groups: set[int] = set()
    rest = b""
    while chunk := os.read(descriptor, 4096):
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            group = int(line[1:])
            (groups.add if line.startswith(b"+") else groups.discard)(group)
    for group in groups:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)


def _leave_the_terminal() -> None:
    """A program that drops to another account must not be able to type into the terminal of this one."""
    with suppress(OSError):
        terminal = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY)
        try:
            fcntl.ioctl(terminal, termios.TIOCNOTTY)
        finally:
            os.close(terminal)


def _launch(descriptor: int, uid: str, gid: str, argv: list[str]) -> None:
    os.write(descriptor, b"+%d\n" % os.getpid())
    os.close(descriptor)
    _leave_the_terminal()
    if uid != "-":
        os.setgroups([])
        os.setgid(int(gid))
        os.setuid(int(uid))
    os.umask(0o077)
    try:
        os.execve(argv[0], argv, os.environ)  # noqa: S606 - becoming the program is the point
    except OSError as trouble:
        os.write(2, f"cannot run {argv[0]}: {trouble.strerror}\n".encode())
        os._exit(127)


if __name__ == "__main__":
    if sys.argv[1] == "watch":
        _watch(int(sys.argv[2]))
    else:
        _launch(int(sys.argv[2]), sys.argv[3], sys.argv[4], sys.argv[6:])
