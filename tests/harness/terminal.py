"""A command on a pseudo-terminal, as somebody at a keyboard has it; and the same command without one."""

import asyncio
import fcntl
import os
import pty
import re
import struct
import sys
import termios
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from harness.patience import eventually

MENSHEN = (sys.executable, "-m", "menshen_cli")
CTRL_C, CTRL_D = "\x03", "\x04"
_ROWS, _COLUMNS = 50, 200
_ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_ON_ITS_TERMINAL = "import os, sys; os.open(os.ttyname(0), os.O_RDWR); os.execv(sys.argv[1], sys.argv[1:])"
"""A session without a terminal takes the first one it opens: from then on Ctrl-C reaches the command."""


@dataclass(frozen=True)
class Ended:
    """What a command printed, and its exit status."""

    status: int
    printed: str


async def run(*arguments: str, language: str = "en", deadline_s: float = 30.0) -> Ended:
    """`menshen` with these arguments, from its start to its end."""
    process = await asyncio.create_subprocess_exec(
        *MENSHEN,
        *arguments,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env=_environment(language),
    )
    async with _watched(process):
        printed, _ = await asyncio.wait_for(process.communicate(), deadline_s)
    return Ended(process.returncode or 0, printed.decode())


class Terminal:
    """Somebody at a running command: `type` what they type, wait `until` they read something."""

    def __init__(self, process: asyncio.subprocess.Process, descriptor: int) -> None:
        self._process = process
        self._descriptor = descriptor
        self._printed = bytearray()
        self._read = 0
        asyncio.get_running_loop().add_reader(descriptor, self._take)

    @property
    def text(self) -> str:
        """Everything printed, without colours; what was typed is echoed into it."""
        return _ANSI.sub("", self._printed.decode("utf-8", "replace")).replace("\r\n", "\n")

    async def until(self, *words: str, deadline_s: float = 15.0) -> str:
        """What was printed since the last call, once all these words stand in it."""
        try:
            await eventually(lambda: all(word in self.text[self._read :] for word in words), deadline_s)
        except AssertionError:
            raise AssertionError(f"expected {words}, read\n{self.text[self._read :]}") from None
        unread = self.text[self._read :]
        self._read += len(unread)
        return unread

    def type(self, line: str) -> None:
        """A line and Enter."""
        os.write(self._descriptor, line.encode() + b"\n")

    def press(self, key: str) -> None:
        """A key that needs no Enter."""
        os.write(self._descriptor, key.encode())

    async def status(self, deadline_s: float = 10.0) -> int:
        """The exit status, once the command has ended by itself."""
        try:
            return await asyncio.wait_for(self._process.wait(), deadline_s)
        except TimeoutError:
            raise AssertionError(f"goes on after {deadline_s:g} s, read\n{self.text}") from None

    def close(self) -> None:
        asyncio.get_running_loop().remove_reader(self._descriptor)
        os.close(self._descriptor)

    def _take(self) -> None:
        try:
            self._printed += os.read(self._descriptor, 65536)
        except OSError:  # nobody has the other end open any more
            asyncio.get_running_loop().remove_reader(self._descriptor)


@asynccontextmanager
async def at_terminal(*arguments: str, language: str = "en") -> AsyncIterator[Terminal]:
    """`menshen` with these arguments on a terminal of its own."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", _ROWS, _COLUMNS, 0, 0))
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        _ON_ITS_TERMINAL,
        *MENSHEN,
        *arguments,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
        env=_environment(language),
    )
    os.close(theirs)
    terminal = Terminal(process, ours)
    try:
        async with _watched(process):
            yield terminal
    finally:
        terminal.close()


@asynccontextmanager
async def _watched(process: asyncio.subprocess.Process) -> AsyncIterator[None]:
    try:
        yield
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()


def _environment(language: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MENSHEN_")}
    settings = {"MENSHEN_LANGUAGE": language, "TERM": "xterm", "LANG": "C.UTF-8", "COLUMNS": f"{_COLUMNS}"}
    return {**kept, **settings, "GRPC_VERBOSITY": "NONE"}
