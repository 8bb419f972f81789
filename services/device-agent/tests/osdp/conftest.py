"""A deterministic line between sessions and simulated readers."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from hypothesis import settings
from menshen_device_agent.protocols.osdp import Bus, Event, Session, Settings
from menshen_simulators.osdp_pd_machine import Reader

ADDRESS = 5
SCBK = bytes.fromhex("0F1E2D3C4B5A69788796A5B4C3D2E1F0")

settings.register_profile("osdp", deadline=None)
settings.load_profile("osdp")


def _counting(prefix: str) -> Callable[[], bytes]:
    count = 0

    def nonce() -> bytes:
        nonlocal count
        count += 1
        return prefix.encode() + count.to_bytes(7, "big")

    return nonce


@dataclass
class Line:
    """Plays one speaker (a session or a bus) against readers in protocol time.

    A reply arrives `delay_ms` after its command. `tamper` may change or drop (None) each reply; a `cut` line loses
    everything. Every call checks that the speaker neither spins nor speaks into a reply.
    """

    speaker: Session | Bus
    readers: list[Reader]
    delay_ms: int = 8
    now_ms: int = 1_000_000
    cut: bool = False
    tamper: Callable[[bytes], bytes | None] = bytes
    events: list[tuple[int, Event]] = field(default_factory=list)
    sent: list[tuple[int, bytes]] = field(default_factory=list)
    heard: list[bytes] = field(default_factory=list)
    _flight: list[tuple[int, bytes]] = field(default_factory=list)

    def run(self, duration_ms: int) -> "Line":
        return self.until(lambda _line: False, within_ms=duration_ms)

    def until(self, done: Callable[["Line"], bool], *, within_ms: int) -> "Line":
        """Stop when `done`, or when the time is over."""
        end_ms = self.now_ms + within_ms
        while True:
            self._step()
            if done(self) or self.now_ms >= end_ms:
                return self
            self.now_ms = min(self._next_ms(), end_ms)

    def break_off(self) -> "Line":
        """The port is gone and back at once; what was under way is lost."""
        self._flight.clear()
        self.speaker.lost(self.now_ms)
        return self

    def told(self, kind: type) -> list[Event]:
        return [event for _, event in self.events if isinstance(event, kind)]

    def told_ms(self, kind: type) -> list[int]:
        return [at_ms for at_ms, event in self.events if isinstance(event, kind)]

    def _step(self) -> None:
        arrived = [octets for at_ms, octets in self._flight if at_ms <= self.now_ms]
        self._flight = [entry for entry in self._flight if entry[0] > self.now_ms]
        for octets in arrived:
            self.heard.append(octets)
            self.speaker.feed(octets, self.now_ms)
        while sent := self.speaker.outgoing(self.now_ms):
            assert not self._flight, "spoke into a reply"
            self.sent.append((self.now_ms, sent))
            self._carry(sent)
        self.events += [(self.now_ms, event) for event in self.speaker.events()]

    def _carry(self, sent: bytes) -> None:
        replies = [] if self.cut else [reader.hear(sent) for reader in self.readers]
        for reply in filter(None, replies):
            changed = self.tamper(reply)
            if changed is not None:
                self._flight.append((self.now_ms + self.delay_ms, changed))

    def _next_ms(self) -> int:
        due_ms = self.speaker.next_deadline_ms()
        assert due_ms is not None
        assert due_ms > self.now_ms, "the speaker spins"
        return min([due_ms, *(at_ms for at_ms, _ in self._flight)])


@pytest.fixture
def a_reader() -> Callable[..., Reader]:
    def build(address: int = ADDRESS, key: bytes | None = SCBK) -> Reader:
        return Reader(address, key, _counting("R"))

    return build


@pytest.fixture
def a_session() -> Callable[..., Session]:
    def build(address: int = ADDRESS, nonces: Callable[[], bytes] | None = None, **changes: object) -> Session:
        return Session(Settings(address, SCBK, **changes), nonces or _counting("A"))

    return build


@pytest.fixture(scope="session")
def a_line() -> Callable[..., Line]:
    return Line


@pytest.fixture
def line(a_session: Callable[..., Session], a_reader: Callable[..., Reader]) -> Line:
    """One session and one reader that share a key."""
    return Line(a_session(), [a_reader()])
