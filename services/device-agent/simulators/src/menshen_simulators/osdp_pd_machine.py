"""A simulated OSDP reader without its line: octets in, octets out."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from .osdp_pd_line import Ear, Packet, checked, opening_octets
from .osdp_pd_vault import FACTORY_KEY, Vault

UID = bytes.fromhex("CAFE000101020304")
ACK, NAK, BUSY = 0x40, 0x41, 0x79
NAK_LENGTH, NAK_UNKNOWN, NAK_SEQUENCE, NAK_SECURITY = 2, 3, 4, 6
_OPEN_COMMANDS = frozenset((0x60, 0x61, 0x62, 0x76, 0x77))
_KEY_CODES = {"*": 0x7F, "#": 0x0D}

Answer = tuple[int, bytes]


@dataclass(frozen=True, slots=True)
class Lamp:
    """An LED as last ordered. Times in milliseconds; `duration_ms` 0 means permanent."""

    colour: int = 0
    off_colour: int = 0
    on_ms: int = 0
    off_ms: int = 0
    duration_ms: int = 0


@dataclass(frozen=True, slots=True)
class Beep:
    """The buzzer as last ordered."""

    tone: int = 0
    on_ms: int = 0
    off_ms: int = 0
    count: int = 0


@dataclass(frozen=True, slots=True)
class Relay:
    """An output as last ordered: the standard's control code and its timer."""

    control: int = 0
    duration_ms: int = 0

    @property
    def on(self) -> bool:
        return self.control in (2, 4, 5)


@dataclass(slots=True)
class Reader:
    """A PD's whole visible and hidden state. `key` None means factory state: it speaks SCBK-D and takes a KEYSET.

    `nonces` gives 8 octets a call. `hear` answers what the ACU sent; nothing else ever speaks. What was told is kept
    until the next command says that it arrived: an ACU that gave up waiting and begins anew is told it again.
    """

    address: int
    key: bytes | None
    nonces: Callable[[], bytes]
    inputs: list[bool] = field(default_factory=lambda: [False, False])
    lamps: dict[int, Lamp] = field(default_factory=dict)
    beep: Beep = field(default_factory=Beep)
    text: str = ""
    relays: list[Relay] = field(default_factory=lambda: [Relay(), Relay()])
    baud: int = 9600
    tampered: bool = False
    power_failed: bool = False
    offers_security: bool = True
    heard: int = 0
    repeated: int = 0
    faults: deque[Answer] = field(default_factory=deque)
    _pending: deque[Answer] = field(default_factory=deque)
    _unconfirmed: Answer | None = None
    _ear: Ear = field(default_factory=Ear)
    _vault: Vault | None = None
    _last: Packet | None = None
    _said: bytes = b""

    @property
    def secure(self) -> bool:
        return self._vault is not None and self._vault.open

    def present_card(self, bits: str, *, wiegand: bool = True, reader: int = 0) -> None:
        """A card's bits, first bit first, as a text of 0 and 1."""
        packed = int(bits.ljust(-(-len(bits) // 8) * 8, "0"), 2).to_bytes(-(-len(bits) // 8), "big")
        self._pending.append((0x50, bytes((reader, int(wiegand))) + len(bits).to_bytes(2, "little") + packed))

    def type_keys(self, keys: str, *, reader: int = 0) -> None:
        """Digits, '*' and '#'."""
        codes = bytes(_KEY_CODES.get(sign, ord(sign)) for sign in keys)
        self._pending.append((0x53, bytes((reader, len(codes))) + codes))

    def set_local_status(self, *, tampered: bool, power_failed: bool) -> None:
        self.tampered, self.power_failed = tampered, power_failed
        self._pending.append(self._local_status())

    def set_input(self, number: int, *, active: bool) -> None:
        self.inputs[number] = active
        self._pending.append((0x49, bytes(self.inputs)))

    def reboot(self) -> None:
        """Forget the conversation and what it was about to tell in it, as after a power blip; the key stays."""
        self._unconfirmed = None
        self._vault = None
        self._last = None
        self._said = b""
        self._ear.forget()

    def forget_partial(self) -> None:
        """The line was quiet for too long for a packet to go on."""
        self._ear.forget()

    def hear(self, octets: bytes) -> bytes:
        """The replies to the packets that `octets` complete."""
        return b"".join(self._turn(packet) for packet in self._ear.hear(octets) if packet.address == self.address)

    def _turn(self, packet: Packet) -> bytes:
        self.heard += 1
        if self.faults:
            code, payload = self.faults.popleft()
            return self._plain(packet, code, payload)
        if packet.sequence and self._last and packet.whole == self._last.whole:
            self.repeated += 1
            return self._said
        if packet.sequence == 0:
            if self._unconfirmed:
                self._pending.appendleft(self._unconfirmed)
            self.reboot()
        elif self._last is None or packet.sequence != self._last.sequence % 3 + 1:
            return self._plain(packet, NAK, bytes((NAK_SEQUENCE,)))
        self._said = self._respond(packet)
        self._last = packet
        return self._said

    def _respond(self, packet: Packet) -> bytes:
        if packet.block[:1] in (b"\x11", b"\x13"):
            return self._shake(packet)
        if packet.block:
            return self._respond_securely(packet)
        if self.secure or packet.command not in _OPEN_COMMANDS:
            return self._plain(packet, NAK, bytes((NAK_SECURITY,)))
        code, payload = (ACK, b"") if packet.command == 0x60 else self._obey(packet.command, packet.payload)
        return self._plain(packet, code, payload)

    def _respond_securely(self, packet: Packet) -> bytes:
        vault = self._vault
        if vault is None or not vault.open or not vault.admit(packet.covered, packet.mac):
            self._vault = None
            return self._plain(packet, NAK, bytes((NAK_SECURITY,)))
        self._unconfirmed = None
        payload = vault.reveal(packet.payload) if packet.payload else b""
        code, answer = self._obey(packet.command, payload)
        block = b"\x18" if answer else b"\x16"
        hidden = vault.conceal(answer) if answer else b""
        octets = opening_octets(packet.address, packet.sequence, code, hidden, block=block, uses_crc=packet.uses_crc)
        return checked(octets + vault.stamp(octets), uses_crc=packet.uses_crc)

    def _shake(self, packet: Packet) -> bytes:
        key = FACTORY_KEY if self.key is None else self.key
        kind = bytes((self.key is not None,))
        if packet.block[1:] != kind or not self.offers_security:
            return self._plain(packet, NAK, bytes((NAK_SECURITY,)))
        if packet.command == 0x76 and len(packet.payload) == 8:
            nonce = self.nonces()
            self._vault = Vault(key, packet.payload, nonce)
            return self._plain(packet, 0x76, UID + nonce + self._vault.cryptogram, b"\x12" + kind)
        first_mac = self._vault.accept(packet.payload) if self._vault and packet.command == 0x77 else None
        if first_mac is None:
            self._vault = None
            return self._plain(packet, 0x78, b"\0" * 16, b"\x14\xff")
        return self._plain(packet, 0x78, first_mac, b"\x14\x01")

    def _plain(self, packet: Packet, code: int, payload: bytes, block: bytes = b"") -> bytes:
        sequence = 0 if code == BUSY else packet.sequence
        octets = opening_octets(packet.address, sequence, code, payload, block=block, uses_crc=packet.uses_crc)
        return checked(octets, uses_crc=packet.uses_crc)

    def _obey(self, command: int, payload: bytes) -> Answer:
        match command:
            case 0x60:
                self._unconfirmed = self._pending.popleft() if self._pending else None
                return self._unconfirmed or (ACK, b"")
            case 0x61:
                return 0x45, bytes.fromhex("CAFE00") + b"\x01\x01" + b"\x01\x02\x03\x04" + b"\x01\x00\x00"
            case 0x62:
                return 0x46, self._capabilities()
            case 0x64 | 0x65 | 0x66 | 0x67:
                return self._status(command)
            case _:
                return self._act(command, payload)

    def _capabilities(self) -> bytes:
        table = [(1, 1, len(self.inputs)), (2, 1, len(self.relays)), (3, 1, 0), (4, 1, 1), (5, 1, 1), (6, 1, 1)]
        table += [(8, 1, 0), (9, int(self.offers_security), 1), (10, 0, 1), (11, 0, 1), (13, 0, 1)]
        return b"".join(bytes(row) for row in table)

    def _local_status(self) -> Answer:
        return 0x48, bytes((self.tampered, self.power_failed))

    def _status(self, command: int) -> Answer:
        match command:
            case 0x64:
                return self._local_status()
            case 0x65:
                return 0x49, bytes(self.inputs)
            case 0x66:
                return 0x4A, bytes(relay.on for relay in self.relays)
            case _:
                return 0x4B, b"\0"

    def _act(self, command: int, payload: bytes) -> Answer:
        """Orders; a payload of the wrong length is refused."""
        match command, len(payload):
            case 0x68, 4 if payload[0] < len(self.relays):
                self.relays[payload[0]] = Relay(payload[1], 100 * int.from_bytes(payload[2:4], "little"))
                return 0x4A, bytes(relay.on for relay in self.relays)
            case 0x69, 14:
                self._light(payload)
            case 0x6A, 5:
                self.beep = Beep(payload[1], payload[2] * 100, payload[3] * 100, payload[4])
            case 0x6B, size if size >= 6 and size == 6 + payload[5]:
                self.text = payload[6:].decode("ascii", "replace")
            case 0x6E, 5:
                self.address, self.baud = payload[0], int.from_bytes(payload[1:], "little")
                return 0x54, payload
            case 0x75, 18:
                self.key = payload[2:]
            case ((0x68 | 0x69 | 0x6A | 0x6B | 0x6E | 0x75), _):
                return NAK, bytes((NAK_LENGTH,))
            case _:
                return NAK, bytes((NAK_UNKNOWN,))
        return ACK, b""

    def _light(self, payload: bytes) -> None:
        lamp = self.lamps.get(payload[1], Lamp())
        on, off, colour, off_colour = payload[3:7] if payload[2] == 2 else payload[10:14]
        if payload[2] == 2 or payload[9] == 1:
            duration = 100 * int.from_bytes(payload[7:9], "little") if payload[2] == 2 else 0
            lamp = replace(
                lamp, colour=colour, off_colour=off_colour, on_ms=on * 100, off_ms=off * 100, duration_ms=duration
            )
        self.lamps[payload[1]] = lamp
