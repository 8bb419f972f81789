"""A simulated OSDP reader on a serial line."""

import asyncio
import secrets
from collections.abc import Callable
from types import TracebackType
from typing import Self

from .device_end import DeviceEnd
from .osdp_pd_machine import BUSY, NAK, Reader

NONCE_LENGTH = 8
REPLY_DELAY_S = 0.002
# Longer than the standard's 20 ms between characters: terminals on a busy machine deliver late.
GAP_S = 0.06


class OsdpPd:
    """An OSDP PD at one end of a line; `reader` holds what it shows (lamps, beep, text, relays) and is.

    `key` None is a reader in factory state: it speaks SCBK-D and takes a KEYSET. `unheard` counts the octets that came
    while it was silent. Use as `async with` or start() and close().
    """

    def __init__(self, path: str, *, address: int = 0, key: bytes | None = None) -> None:
        self.reader = Reader(address, key, lambda: secrets.token_bytes(NONCE_LENGTH))
        self._end = DeviceEnd(path, self._heard)
        self.unheard = 0
        self._heard_at_s = 0.0
        self._silent = False
        self._spoiled = 0
        self._changed = asyncio.Event()
        self._replies: set[asyncio.TimerHandle] = set()

    async def start(self) -> None:
        """Open the line; OSError if it is not there."""
        self._end.start()

    async def close(self) -> None:
        """Leave the line; may be called twice."""
        self._hush()
        self._end.close()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def present_card(self, bits: str, *, wiegand: bool = True) -> None:
        """Hold a card to the reader: its bits as a text of 0 and 1, told at the next poll."""
        self.reader.present_card(bits, wiegand=wiegand)

    def type_keys(self, keys: str) -> None:
        """Press keys: digits, '*' and '#'."""
        self.reader.type_keys(keys)

    def tamper(self, *, active: bool = True) -> None:
        """Open or close the housing."""
        self.reader.set_local_status(tampered=active, power_failed=self.reader.power_failed)

    def fail_power(self, *, active: bool = True) -> None:
        self.reader.set_local_status(tampered=self.reader.tampered, power_failed=active)

    def set_input(self, number: int, *, active: bool) -> None:
        """Move a contact wired to the reader."""
        self.reader.set_input(number, active=active)

    def go_silent(self) -> None:
        """Unplugged: hear nothing, say nothing."""
        self._silent = True
        self._hush()

    def come_back(self) -> None:
        """Plugged in again: as after power-on, the secure channel forgotten."""
        self.reader.reboot()
        self._silent = False

    def reboot(self) -> None:
        """A power blip: the secure channel is forgotten."""
        self.reader.reboot()

    def refuse_next(self, code: int) -> None:
        """Answer the next command with NAK."""
        self.reader.faults.append((NAK, bytes((code,))))

    def be_busy_next(self) -> None:
        self.reader.faults.append((BUSY, b""))

    def spoil_next(self, replies: int = 1) -> None:
        """Break the check of the next replies."""
        self._spoiled += replies

    async def until(self, condition: Callable[[Reader], bool], *, within_s: float = 5.0) -> None:
        """Wait for a state of the reader; TimeoutError if it does not come."""
        async with asyncio.timeout(within_s):
            while not condition(self.reader):
                self._changed.clear()
                await self._changed.wait()

    def _heard(self, octets: bytes) -> None:
        if self._silent:
            self.unheard += len(octets)
            self._changed.set()
            return
        now_s = asyncio.get_running_loop().time()
        if now_s - self._heard_at_s > GAP_S:
            self.reader.forget_partial()
        self._heard_at_s = now_s
        reply = self.reader.hear(octets)
        self._changed.set()
        if reply:
            handle = asyncio.get_running_loop().call_later(REPLY_DELAY_S, self._say, reply)
            self._replies.add(handle)

    def _say(self, reply: bytes) -> None:
        self._replies = {handle for handle in self._replies if handle.when() > asyncio.get_running_loop().time()}
        if self._spoiled:
            self._spoiled -= 1
            reply = reply[:-1] + bytes((reply[-1] ^ 0x55,))
        self._end.write(b"\xff" + reply)

    def _hush(self) -> None:
        for handle in self._replies:
            handle.cancel()
        self._replies.clear()
