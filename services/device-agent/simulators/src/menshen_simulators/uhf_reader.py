"""A UHFReader288 with tags in its field: inventory rounds with FastID, memory reads, real-time mode, loss of power."""

import asyncio
import random
from dataclasses import dataclass

from menshen_simulators.device_end import DeviceEnd
from menshen_simulators.ledger import Journal, no_journal
from menshen_simulators.timers import Timers

INVENTORY, READ_MEMORY, INFORMATION, REAL_TIME = 0x01, 0x02, 0x21, 0xEE
OK, ROUND_DONE, ROUND_MORE, HEARTBEAT = 0x00, 0x01, 0x03, 0x28
ANTENNA_ERROR, NO_TAG, TAG_ERROR, BAD_COMMAND, BAD_PARAMETER = 0xF8, 0xFB, 0xFC, 0xFE, 0xFF
FAST_ID_BIT, TID_BANK = 0x20, 2
SILENCE_S = 0.05
_INFORMATION = bytes.fromhex("00160c034e001e0a01000000")
_ANY_ADDRESS = 0xFF


def reader_crc(data: bytes) -> bytes:
    """CRC-16/MCRF4XX as it goes on the wire."""
    value = 0xFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (0x8408 if value & 1 else 0)
    return bytes((value & 0xFF, value >> 8))


@dataclass(frozen=True, slots=True)
class SimulatedTag:
    """A tag: identifiers as hexadecimal text; `tid` None or `tid_readable` False: no reader gets its TID.

    `fast_id` says whether it answers FastID, `visibility` how likely a round catches it, `rssi` what the reader shows.
    """

    epc: str
    tid: str | None = None
    tid_readable: bool = True
    fast_id: bool = True
    visibility: float = 1.0
    rssi: int = 0x6B


class UhfReader:
    """One reader on one terminal path.

    `enter()` and `leave()` move tags; a round takes `round_s` and then reports every tag it caught, so that a tag is
    read up to 1 / round_s times a second. `real_time(on=True)` makes it report by itself. Ledger: `TAG_ENTERED`,
    `TAG_LEFT`, `READER_POWER`. `reads` counts reported tags.
    """

    def __init__(
        self,
        path: str,
        *,
        name: str = "reader",
        address: int = 0,
        antenna_count: int = 4,
        round_s: float = 0.02,
        heartbeat_s: float = 1.0,
        seed: int = 0,
        journal: Journal = no_journal,
    ) -> None:
        self.name = name
        self.reads = 0
        self.rounds = 0
        self.broken_antennas: set[int] = set()
        self._address = address
        self._antenna_count = antenna_count
        self._round_s = round_s
        self._heartbeat_s = heartbeat_s
        self._journal = journal
        self._chance = random.Random(seed)  # noqa: S311 -- which tag a round misses, not a secret
        self._field: dict[str, tuple[SimulatedTag, int]] = {}
        self._buffer = bytearray()
        self._heard_s = 0.0
        self._powered = True
        self._timers = Timers()
        self._pending: asyncio.TimerHandle | None = None
        self._pushing: asyncio.TimerHandle | None = None
        self._quiet_s = 0.0
        self._end = DeviceEnd(path, self._received)

    def start(self) -> None:
        """Open the line and answer."""
        self._end.start()

    def close(self) -> None:
        """Leave the line; timers end."""
        self._end.close()
        self._timers.close()

    def enter(self, tag: SimulatedTag, antenna_port: int = 1) -> None:
        """Bring a tag into the field of one antenna (from 1)."""
        self._field[tag.epc] = (tag, antenna_port)
        self._journal("TAG_ENTERED", self.name, epc=tag.epc, tid=tag.tid, antenna_port=antenna_port)

    def leave(self, epc: str) -> None:
        """Take a tag out of the field."""
        if self._field.pop(epc, None) is not None:
            self._journal("TAG_LEFT", self.name, epc=epc)

    def power_off(self) -> None:
        """Fall silent, in the middle of a round if one runs."""
        self._powered = False
        self._buffer.clear()
        self._timers.cancel(self._pending)
        self._journal("READER_POWER", self.name, on=False)

    def power_on(self) -> None:
        """Answer again."""
        self._powered = True
        self._journal("READER_POWER", self.name, on=True)

    def real_time(self, *, on: bool) -> None:
        """Report tags unasked, one frame each, and a heartbeat while there are none."""
        self._timers.cancel(self._pushing)
        self._pushing = self._timers.after(self._round_s, self._push) if on else None

    def _received(self, data: bytes) -> None:
        if not self._powered:
            return
        heard_s, self._heard_s = self._heard_s, asyncio.get_running_loop().time()
        if self._heard_s - heard_s > SILENCE_S:
            self._buffer.clear()
        self._buffer += data
        while self._buffer and len(self._buffer) > self._buffer[0]:
            frame = bytes(self._buffer[: self._buffer[0] + 1])
            if len(frame) >= 5 and reader_crc(frame[:-2]) == frame[-2:]:
                del self._buffer[: len(frame)]
                self._obey(frame[1], frame[2], frame[3:-2])
            else:
                del self._buffer[0]

    def _obey(self, address: int, command: int, body: bytes) -> None:
        if address not in (self._address, _ANY_ADDRESS):
            return
        match command:
            case 0x01:
                self._inventory(body)
            case 0x02:
                self._read_memory(body)
            case 0x21:
                self._reply(INFORMATION, OK, _INFORMATION)
            case _:
                self._reply(command, BAD_COMMAND, b"")

    def _reply(self, command: int, status: int, body: bytes) -> None:
        if not self._powered:
            return
        frame = bytes((len(body) + 5, self._address, command, status)) + body
        self._end.write(frame + reader_crc(frame))

    def _inventory(self, body: bytes) -> None:
        """QValue Session MaskMem MaskAdr(2) MaskLen [mask] Target Ant ScanTime."""
        if len(body) not in (0, 9) or (body and not 0x80 <= body[7] < 0x80 + self._antenna_count):
            self._reply(INVENTORY, BAD_PARAMETER, b"")
            return
        fast_id = bool(body and body[0] & FAST_ID_BIT)
        antenna_port = body[7] - 0x7F if body else 1
        self._timers.cancel(self._pending)
        self._pending = self._timers.after(self._round_s, lambda: self._end_round(antenna_port, fast_id=fast_id))

    def _end_round(self, antenna_port: int, *, fast_id: bool) -> None:
        self.rounds += 1
        antenna = bytes((1 << antenna_port - 1,))
        if antenna_port in self.broken_antennas:
            self._reply(INVENTORY, ANTENNA_ERROR, antenna)
            return
        for tag in (tag for tag, port in self._caught() if port == antenna_port):
            self.reads += 1
            self._reply(INVENTORY, ROUND_MORE, antenna + b"\x01" + self._record(tag, fast_id=fast_id))
        self._reply(INVENTORY, ROUND_DONE, antenna + b"\x00")

    def _caught(self) -> list[tuple[SimulatedTag, int]]:
        return [(tag, port) for tag, port in self._field.values() if self._chance.random() < tag.visibility]

    @staticmethod
    def _record(tag: SimulatedTag, *, fast_id: bool) -> bytes:
        content = bytes.fromhex(tag.epc)
        marker = 0
        if fast_id and tag.fast_id and tag.tid_readable and tag.tid is not None:
            content += bytes.fromhex(tag.tid)
            marker = 0x80
        return bytes((marker | len(content),)) + content + bytes((tag.rssi,))

    def _read_memory(self, body: bytes) -> None:
        """ENum EPC Mem WordPtr Num Pwd(4)."""
        size = body[0] * 2 if body else 0
        if len(body) != size + 8 or not body[size + 3]:
            self._reply(READ_MEMORY, BAD_PARAMETER, b"")
            return
        epc, (bank, first, words) = body[1 : 1 + size], body[1 + size : 4 + size]
        found = self._field.get(epc.hex().upper())
        if found is None:
            self._reply(READ_MEMORY, NO_TAG, b"")
            return
        content = self._bank(found[0], bank)[first * 2 : (first + words) * 2]
        if len(content) == words * 2:
            self._reply(READ_MEMORY, OK, content)
        else:
            self._reply(READ_MEMORY, TAG_ERROR, b"\x03")

    @staticmethod
    def _bank(tag: SimulatedTag, bank: int) -> bytes:
        if bank != TID_BANK or tag.tid is None or not tag.tid_readable:
            return b""
        return bytes.fromhex(tag.tid)

    def _push(self) -> None:
        caught = self._caught()
        for tag, port in caught:
            self.reads += 1
            self._reply(REAL_TIME, OK, bytes((1 << port - 1,)) + self._record(tag, fast_id=False))
        self._quiet_s = 0.0 if caught else self._quiet_s + self._round_s
        if self._quiet_s >= self._heartbeat_s:
            self._quiet_s = 0.0
            self._reply(REAL_TIME, HEARTBEAT, bytes(16))
        self.real_time(on=True)
