"""What an OSDP session tells its driver. Every event names the PD's address; instants belong to the driver's clock."""

from dataclasses import dataclass, field
from enum import Enum, auto

from .messages import Order
from .replies import CardFormat, NakCode, ReaderState


class OfflineCause(Enum):
    """SILENT: no authentic reply within the threshold. REFUSED: a handshake broke the security policy. LINE: the driver
    said that the line broke."""

    SILENT = auto()
    REFUSED = auto()
    LINE = auto()


class RestartCause(Enum):
    """Why an online session starts over; it stays online while it succeeds within the threshold."""

    NAK = auto()
    SILENT = auto()
    STRANGE = auto()
    COMMUNICATION_SET = auto()


class Alarm(Enum):
    """Breaches of the security policy. Whatever raised one was not accepted.

    PLAINTEXT: a reply outside the secure channel. DOWNGRADE: PDCAP without the secure channel. DEFAULT_KEY: SCBK-D
    offered. CHALLENGE_REFUSED: NAK to the challenge. WRONG_KEY: a cryptogram that fails. REPLAY: a cryptogram seen in
    an earlier handshake. BAD_CONFIRMATION: RMAC_I with another status than 1 or another MAC than computed.
    BAD_MAC: a reply that is not authentic. BAD_NONCE: the caller's nonce repeats or has not 8 bytes.
    """

    PLAINTEXT = auto()
    DOWNGRADE = auto()
    DEFAULT_KEY = auto()
    CHALLENGE_REFUSED = auto()
    WRONG_KEY = auto()
    REPLAY = auto()
    BAD_CONFIRMATION = auto()
    BAD_MAC = auto()
    BAD_NONCE = auto()


class Failure(Enum):
    """Why an order failed. UNCERTAIN: it was sent and the answer is missing; it may have been obeyed."""

    EXPIRED = auto()
    OFFLINE = auto()
    NAK = auto()
    UNCERTAIN = auto()
    TOO_LONG = auto()


@dataclass(frozen=True, slots=True)
class Online:
    address: int
    secure: bool = True


@dataclass(frozen=True, slots=True)
class Offline:
    """Also told once for a PD that has never answered since the session began."""

    address: int
    cause: OfflineCause


@dataclass(frozen=True, slots=True)
class Restarted:
    address: int
    cause: RestartCause


@dataclass(frozen=True, slots=True)
class CardRead:
    """`bits` holds `count` bits, first bit first, the last byte filled up with zeros."""

    address: int
    reader: int
    bits: bytes = field(repr=False)
    count: int
    format: CardFormat


@dataclass(frozen=True, slots=True)
class Keys:
    """`digits` of 0-9, '*' and '#', as many as one reply carried."""

    address: int
    reader: int
    digits: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Tamper:
    """Told when the state becomes known after `Online` and at each change; so are the four below."""

    address: int
    active: bool


@dataclass(frozen=True, slots=True)
class Power:
    address: int
    failed: bool


@dataclass(frozen=True, slots=True)
class InputChanged:
    """Inputs count from 0."""

    address: int
    number: int
    active: bool


@dataclass(frozen=True, slots=True)
class OutputChanged:
    """Outputs count from 0."""

    address: int
    number: int
    active: bool


@dataclass(frozen=True, slots=True)
class ReaderChanged:
    address: int
    reader: int
    state: ReaderState


@dataclass(frozen=True, slots=True)
class Nak:
    address: int
    code: NakCode


@dataclass(frozen=True, slots=True)
class SecurityAlarm:
    """One per kind and minute, so that a fault that lasts does not flood."""

    address: int
    kind: Alarm


@dataclass(frozen=True, slots=True)
class Done:
    """The PD acknowledged the order."""

    address: int
    order: Order


@dataclass(frozen=True, slots=True)
class Failed:
    address: int
    order: Order
    cause: Failure


@dataclass(frozen=True, slots=True)
class CommunicationSet:
    """The PD takes this address and speed from the next frame on: make a new session on a port of that speed."""

    address: int
    new_address: int
    baud: int


@dataclass(frozen=True, slots=True)
class InstallEnded:
    """The install window closed: with the PD's own key stored and in use, or not."""

    address: int
    installed: bool


Event = (
    Online
    | Offline
    | Restarted
    | CardRead
    | Keys
    | Tamper
    | Power
    | InputChanged
    | OutputChanged
    | ReaderChanged
    | Nak
    | SecurityAlarm
    | Done
    | Failed
    | CommunicationSet
    | InstallEnded
)
