"""A serial device that is opened exclusively and opened again whenever it comes back.

pyserial opens, configures and locks the device; reading and writing are done here, without waiting, on its descriptor:
this way the write buffer is bounded, a stalled write is noticed and a hang-up in the middle of a write is an ordinary
outage.
"""

import asyncio
import contextlib
import errno
import os
import termios
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import serial

from menshen_device_agent.transports.ports import LineListener, LineTrouble, Outage

READ_BYTES = 4096
BY_ID = Path("/dev/serial/by-id")

_TROUBLE_OF_ERRNO = {
    errno.ENOENT: LineTrouble.ABSENT,
    errno.ENODEV: LineTrouble.ABSENT,
    errno.ENXIO: LineTrouble.ABSENT,
    errno.EAGAIN: LineTrouble.BUSY,
    errno.EBUSY: LineTrouble.BUSY,
    errno.EACCES: LineTrouble.DENIED,
    errno.EPERM: LineTrouble.DENIED,
}


@dataclass(frozen=True, slots=True)
class SerialSettings:
    """One serial port.

    `path` should be a stable one (see `stable_path`). Re-opening starts after `retry_first_ms` and doubles up to
    `retry_cap_ms`; the first bytes received make it start over. Writing may hold `write_buffer_bytes`; if none of them
    leaves for `write_timeout_ms`, the line is given up and opened again.
    """

    path: str
    baud: int = 9600
    data_bits: Literal[5, 6, 7, 8] = 8
    parity: Literal["N", "E", "O"] = "N"
    stop_bits: Literal[1, 2] = 1
    retry_first_ms: int = 200
    retry_cap_ms: int = 5_000
    open_timeout_ms: int = 3_000
    write_timeout_ms: int = 1_000
    write_buffer_bytes: int = 4_096


def stable_path(path: str, directory: Path = BY_ID) -> str:
    """The name under `directory` (udev's by-id links) of the device at `path`, or `path` itself where there is none."""
    target = Path(path).resolve()
    if directory.is_dir():
        for link in sorted(directory.iterdir()):
            if link.resolve() == target:
                return str(link)
    return path


def retry_delay_ms(settings: SerialSettings, failures: int, chance: float) -> float:
    """The pause after the `failures`-th failure in a row (from 1): doubled up to the cap, less up to half by `chance`.

    `chance` is in [0, 1): agents that lose a hub together do not come back together.
    """
    doublings = min(failures - 1, 16)
    pause_ms: float = min(settings.retry_cap_ms, settings.retry_first_ms * 2**doublings)
    return pause_ms * (1 - chance / 2)


class SerialTransport:
    """A `Transport` over one serial device; `jitter` returns a number in [0, 1) for each pause."""

    def __init__(self, settings: SerialSettings, *, jitter: Callable[[], float]) -> None:
        self._settings = settings
        self._jitter = jitter
        self._listener: LineListener | None = None
        self._task: asyncio.Task[None] | None = None
        self._port: _OpenPort | None = None
        self._outage: Outage | None = None
        self._failures = 0

    @property
    def is_open(self) -> bool:
        return self._port is not None

    @property
    def outage(self) -> Outage | None:
        return self._outage

    def start(self, listener: LineListener) -> None:
        self._listener = listener
        self._task = asyncio.get_running_loop().create_task(self._run(listener), name=f"line {self._settings.path}")

    def write(self, data: bytes) -> bool:
        return self._port is not None and self._port.write(data)

    async def close(self) -> None:
        task, self._task = self._task, None
        if task is None:
            return
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    async def _run(self, listener: LineListener) -> None:
        while True:
            device = await self._open(listener)
            if device is not None:
                await self._carry(device, listener)
            self._failures += 1
            await asyncio.sleep(retry_delay_ms(self._settings, self._failures, self._jitter()) / 1000)

    async def _open(self, listener: LineListener) -> serial.Serial | None:
        opening = asyncio.get_running_loop().run_in_executor(None, _open_device, self._settings)
        try:
            return await asyncio.wait_for(asyncio.shield(opening), self._settings.open_timeout_ms / 1000)
        except (OSError, ValueError, termios.error) as error:
            # TimeoutError is an OSError: the thread may still succeed, and what it opened must not stay locked.
            opening.add_done_callback(_release_late)
            self._begin_outage(listener, _outage_of(self._settings.path, error))
            return None
        except asyncio.CancelledError:
            opening.add_done_callback(_release_late)
            raise

    def _begin_outage(self, listener: LineListener, outage: Outage) -> None:
        begins = self._outage is None
        self._outage = outage
        if begins:
            listener.lost(outage)

    async def _carry(self, device: serial.Serial, listener: LineListener) -> None:
        port = _OpenPort(device, self._settings, self._receive)
        self._port, self._outage = port, None
        try:
            listener.opened()
            outage = await port.ended
        finally:
            self._port = None
            port.stop()
            await asyncio.get_running_loop().run_in_executor(None, _release, device)
        self._begin_outage(listener, outage)

    def _receive(self, data: bytes) -> None:
        self._failures = 0
        if self._listener is not None and self._task is not None:
            self._listener.received(data)


class _OpenPort:
    """One opening of the device: reads and writes without waiting until `ended` tells why it is over."""

    def __init__(self, device: serial.Serial, settings: SerialSettings, received: Callable[[bytes], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._settings = settings
        self._received = received
        self._descriptor: int = device.fileno()
        self._unsent = bytearray()
        self._stall: asyncio.TimerHandle | None = None
        self.ended: asyncio.Future[Outage] = self._loop.create_future()
        self._loop.add_reader(self._descriptor, self._readable)

    def write(self, data: bytes) -> bool:
        if self.ended.done() or len(self._unsent) + len(data) > self._settings.write_buffer_bytes:
            return False
        idle = not self._unsent
        self._unsent += data
        if idle:
            self._flush()
        return True

    def stop(self) -> None:
        self._loop.remove_reader(self._descriptor)
        self._loop.remove_writer(self._descriptor)
        self._watch(progress=False)

    def _end(self, outage: Outage) -> None:
        if not self.ended.done():
            self.ended.set_result(outage)
        self.stop()

    def _readable(self) -> None:
        try:
            data = os.read(self._descriptor, READ_BYTES)
        except BlockingIOError:
            return
        except OSError as error:
            self._hung_up(error)
            return
        if data:
            self._received(data)
        else:
            self._hung_up(None)

    def _flush(self) -> None:
        try:
            written = os.write(self._descriptor, self._unsent)
        except BlockingIOError:
            written = 0
        except OSError as error:
            self._hung_up(error)
            return
        del self._unsent[:written]
        if self._unsent:
            self._loop.add_writer(self._descriptor, self._flush)
            self._watch(progress=written > 0)
        else:
            self._loop.remove_writer(self._descriptor)
            self._watch(progress=False)

    def _watch(self, *, progress: bool) -> None:
        """Keep the stall timer: running while bytes wait, started again on progress, stopped otherwise."""
        waiting = bool(self._unsent) and not self.ended.done()
        if self._stall is not None and (progress or not waiting):
            self._stall.cancel()
            self._stall = None
        if waiting and self._stall is None:
            self._stall = self._loop.call_later(self._settings.write_timeout_ms / 1000, self._stalled)

    def _stalled(self) -> None:
        self._end(Outage(LineTrouble.STALLED, f"{self._settings.path}: nothing written in time"))

    def _hung_up(self, error: OSError | None) -> None:
        reason = os.strerror(error.errno) if error is not None and error.errno else "end of file"
        self._end(Outage(LineTrouble.HUNG_UP, f"{self._settings.path}: {reason}"))


def _open_device(settings: SerialSettings) -> serial.Serial:
    return serial.Serial(
        port=settings.path,
        baudrate=settings.baud,
        bytesize=settings.data_bits,
        parity=settings.parity,
        stopbits=settings.stop_bits,
        timeout=0,
        write_timeout=0,
        exclusive=True,
    )


def _release(device: serial.Serial) -> None:
    """Close without waiting for unsent bytes: a driver may hold a close for half a minute to send them."""
    with contextlib.suppress(OSError, termios.error):
        device.reset_output_buffer()
    with contextlib.suppress(OSError, termios.error):
        device.close()


def _release_late(opening: asyncio.Future[serial.Serial]) -> None:
    if not opening.cancelled() and opening.exception() is None:
        _release(opening.result())


def _outage_of(path: str, error: Exception) -> Outage:
    if isinstance(error, TimeoutError):
        return Outage(LineTrouble.FAULT, f"{path}: not opened in time")
    number = error.errno if isinstance(error, OSError) else None
    trouble = _TROUBLE_OF_ERRNO.get(number or 0, LineTrouble.FAULT)
    if trouble is LineTrouble.BUSY:
        return Outage(trouble, f"{path}: already held by another opener")
    return Outage(trouble, f"{path}: {os.strerror(number) if number else 'not a usable serial device'}")
