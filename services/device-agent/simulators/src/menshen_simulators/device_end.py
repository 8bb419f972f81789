"""A simulator's own end of a serial line, without any serial library."""

import asyncio
import contextlib
import os
import termios
import tty
from collections.abc import Callable

READ_BYTES = 4096


class DeviceEnd:
    """A simulator's end of a line: the raw bytes of one terminal path, on the running loop.

    `received` gets every chunk as it comes; `lost` is called once if the line hangs up. Writes never wait: what
    exceeds `buffer_bytes` is dropped, as a device without flow control does. After `lost` it may be started again.
    """

    def __init__(
        self,
        path: str,
        received: Callable[[bytes], None],
        *,
        lost: Callable[[], None] = lambda: None,
        buffer_bytes: int = 65_536,
    ) -> None:
        self._path = path
        self._received = received
        self._lost = lost
        self._limit = buffer_bytes
        self._unsent = bytearray()
        self._descriptor: int | None = None

    def start(self) -> None:
        """Open the path; OSError if it is not there."""
        descriptor = os.open(self._path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC)
        tty.setraw(descriptor, termios.TCSANOW)
        self._descriptor = descriptor
        asyncio.get_running_loop().add_reader(descriptor, self._readable)

    def close(self) -> None:
        """Release the terminal; may be called twice."""
        if self._descriptor is None:
            return
        loop = asyncio.get_running_loop()
        loop.remove_reader(self._descriptor)
        loop.remove_writer(self._descriptor)
        with contextlib.suppress(OSError):
            os.close(self._descriptor)
        self._descriptor = None
        self._unsent.clear()

    def write(self, data: bytes) -> None:
        """Send `data`; dropped when the end is closed or its buffer is full."""
        if self._descriptor is None or len(self._unsent) + len(data) > self._limit:
            return
        self._unsent += data
        self._flush()

    def _readable(self) -> None:
        if self._descriptor is None:
            return
        try:
            chunk = os.read(self._descriptor, READ_BYTES)
        except BlockingIOError:
            return
        except OSError:
            chunk = b""
        if chunk:
            self._received(chunk)
        else:
            self._hang_up()

    def _flush(self) -> None:
        if self._descriptor is None:
            return
        loop = asyncio.get_running_loop()
        try:
            del self._unsent[: os.write(self._descriptor, self._unsent)]
        except BlockingIOError:
            loop.add_writer(self._descriptor, self._flush)
            return
        except OSError:
            self._hang_up()
            return
        if self._unsent:
            loop.add_writer(self._descriptor, self._flush)
        else:
            loop.remove_writer(self._descriptor)

    def _hang_up(self) -> None:
        self.close()
        self._lost()
