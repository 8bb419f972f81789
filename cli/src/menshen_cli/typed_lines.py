"""Lines typed at a terminal while other things go on."""

import asyncio
import os
from contextlib import suppress
from threading import Thread

_CHUNK_BYTES = 4096


class TypedLines:
    """Lines from a descriptor, once in a running loop; `next` gives them one by one, then None for ever.

    A thread waits for them: a terminal made non-blocking would be so for whoever else writes to it. The thread holds no
    lock and is abandoned, or a command could not end before one more line was typed.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._loop = asyncio.get_running_loop()
        self._lines: asyncio.Queue[str | None] = asyncio.Queue()
        Thread(target=self._read, name="typed lines", daemon=True).start()

    async def next(self) -> str | None:
        """The next line without its end."""
        line = await self._lines.get()
        if line is None:
            self._lines.put_nowait(None)
        return line

    def _read(self) -> None:
        begun = b""
        while chunk := self._chunk():
            *whole, begun = (begun + chunk).split(b"\n")
            for line in whole:
                self._put(line.decode("utf-8", "replace"))
        if begun:
            self._put(begun.decode("utf-8", "replace"))
        self._put(None)

    def _chunk(self) -> bytes:
        """Nothing at the end, which a terminal that was taken away tells as an error."""
        try:
            return os.read(self._descriptor, _CHUNK_BYTES)
        except OSError:
            return b""

    def _put(self, line: str | None) -> None:
        with suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(self._lines.put_nowait, line)
