"""The simulated PD's ear and mouth: OSDP packets as a reader sees them (SIA OSDP v2.2 clause 5)."""

from dataclasses import dataclass

SOM = 0x53
LONGEST = 1440
_CRC_SEED = 0x1D0F
_POLYNOMIAL = 0x1021


def crc(octets: bytes) -> int:
    """CRC-16, bit by bit as the standard's text describes it."""
    register = _CRC_SEED
    for octet in octets:
        register ^= octet << 8
        for _ in range(8):
            register = ((register << 1) ^ _POLYNOMIAL if register & 0x8000 else register << 1) & 0xFFFF
    return register


@dataclass(frozen=True, slots=True)
class Packet:
    """A packet from the ACU. `covered` is what its MAC covers; `block` the security block without its length."""

    address: int
    sequence: int
    uses_crc: bool
    block: bytes
    command: int
    payload: bytes
    mac: bytes
    covered: bytes
    whole: bytes


class Ear:
    """Collects octets and yields the packets whose check is right; wrong ones are counted in `garbled`."""

    def __init__(self) -> None:
        self.garbled = 0
        self._octets = b""

    def hear(self, octets: bytes) -> list[Packet]:
        self._octets += octets
        packets: list[Packet] = []
        while True:
            begin = self._octets.find(bytes((SOM,)))
            self._octets = self._octets[begin:] if begin >= 0 else b""
            if len(self._octets) < 5:
                return packets
            size = self._octets[2] | self._octets[3] << 8
            if self._octets[1] & 0x80 or not 7 <= size <= LONGEST:
                self._octets = self._octets[1:]
                continue
            if len(self._octets) < size:
                return packets
            packet = dissect(self._octets[:size])
            if packet is None:
                self.garbled += 1
                self._octets = self._octets[1:]
            else:
                packets.append(packet)
                self._octets = self._octets[size:]

    def forget(self) -> None:
        self._octets = b""


def dissect(whole: bytes) -> Packet | None:
    """The packet, or None when its check is wrong or its parts do not fit."""
    uses_crc, has_block = bool(whole[4] & 4), bool(whole[4] & 8)
    content, check = (whole[:-2], whole[-2:]) if uses_crc else (whole[:-1], whole[-1:])
    right = crc(content).to_bytes(2, "little") if uses_crc else bytes((-sum(content) & 0xFF,))
    if check != right:
        return None
    at = 5
    block = b""
    if has_block:
        at += content[5]
        block = content[6:at]
    mac_size = 4 if block[:1] in (b"\x15", b"\x17") else 0
    end = len(content) - mac_size
    if (has_block and not block) or at >= end:
        return None
    return Packet(
        address=whole[1],
        sequence=whole[4] & 3,
        uses_crc=uses_crc,
        block=block,
        command=content[at],
        payload=content[at + 1 : end],
        mac=content[end:],
        covered=content[:end],
        whole=whole,
    )


def opening_octets(
    address: int, sequence: int, code: int, payload: bytes, *, block: bytes = b"", uses_crc: bool = True
) -> bytes:
    """A reply's octets before MAC and check, its length already right for both."""
    with_mac = block[:1] in (b"\x16", b"\x18")
    front = bytes((len(block) + 1,)) + block if block else b""
    size = 5 + len(front) + 1 + len(payload) + (4 if with_mac else 0) + (2 if uses_crc else 1)
    control = sequence | (4 if uses_crc else 0) | (8 if block else 0)
    return bytes((SOM, address | 0x80, size & 0xFF, size >> 8, control)) + front + bytes((code,)) + payload


def checked(octets: bytes, *, uses_crc: bool = True) -> bytes:
    """The octets with their check, ready for the line."""
    return octets + (crc(octets).to_bytes(2, "little") if uses_crc else bytes((-sum(octets) & 0xFF,)))
