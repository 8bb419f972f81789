"""One reader on one line: keeps it asking, tells what it sees and whether it lives.

States and moves are the table `MOVES`; everything else reacts to replies. The caller owns the line and the clock:

    session.feed(data, now_ms)          bytes that came
    session.outgoing(now_ms)            bytes to send now, perhaps none; also lets time pass
    session.next_deadline_ms()          when to call outgoing() at the latest
    session.events()                    what happened since the last call
    session.lost(now_ms)                the line is gone; the next outgoing() starts over

`now_ms` may be any clock that never goes back.
"""

from dataclasses import dataclass, field
from enum import Enum, auto

from . import messages
from .events import AntennaLost, Event, Offline, Online, TagRead
from .frame import Frame, Framer
from .messages import MemoryBank, Round, Tag
from .settings import Mode, Settings, TidReading

EVENT_LIMIT = 4096
REMEMBERED_TIDS = 1024
TID_WORDS = messages.TID_BYTES // messages.WORD_BYTES
BROADCAST = 0xFF


class State(Enum):
    PROBING = auto()
    AWAITING_INFORMATION = auto()
    READY = auto()
    AWAITING_ROUND = auto()
    AWAITING_MEMORY = auto()


class Step(Enum):
    ASKED_INFORMATION = auto()
    ASKED_ROUND = auto()
    ASKED_MEMORY = auto()
    ANSWERED = auto()
    UNANSWERED = auto()
    LOST = auto()


MOVES: dict[tuple[State, Step], State] = {
    (State.PROBING, Step.ASKED_INFORMATION): State.AWAITING_INFORMATION,
    (State.AWAITING_INFORMATION, Step.ANSWERED): State.READY,
    (State.AWAITING_INFORMATION, Step.UNANSWERED): State.PROBING,
    (State.READY, Step.ASKED_INFORMATION): State.AWAITING_INFORMATION,
    (State.READY, Step.ASKED_ROUND): State.AWAITING_ROUND,
    (State.READY, Step.ASKED_MEMORY): State.AWAITING_MEMORY,
    (State.AWAITING_ROUND, Step.ANSWERED): State.READY,
    (State.AWAITING_ROUND, Step.UNANSWERED): State.READY,
    (State.AWAITING_MEMORY, Step.ANSWERED): State.READY,
    (State.AWAITING_MEMORY, Step.UNANSWERED): State.READY,
} | {(state, Step.LOST): State.PROBING for state in State}


@dataclass(slots=True)
class _Wanted:
    """A tag whose TID is to be read, as it was last seen."""

    tag: Tag
    antenna_port: int


@dataclass(slots=True)
class Session:
    """See the module. Buffers are bounded: beyond `EVENT_LIMIT` unread events tag reads are dropped and counted."""

    settings: Settings = field(default_factory=Settings)
    framer: Framer = field(default_factory=Framer)
    state: State = State.PROBING
    online: bool = False
    malformed: int = 0
    dropped_reads: int = 0
    _events: list[Event] = field(default_factory=list)
    _due_ms: int | None = None
    _heard_ms: int = 0
    _port_index: int = 0
    _faulty_ports: set[int] = field(default_factory=set)
    _wanted: dict[bytes, _Wanted] = field(default_factory=dict)
    _tid_tried_ms: dict[bytes, int] = field(default_factory=dict)
    _reading: _Wanted | None = None

    def feed(self, data: bytes, now_ms: int) -> None:
        """Take bytes from the line: any bytes, any chunking."""
        for frame in self.framer.feed(data, now_ms):
            self._take(frame, now_ms)

    def outgoing(self, now_ms: int) -> bytes:
        """The bytes to send now; empty if there is nothing to say or an answer is awaited."""
        for frame in self.framer.expire(now_ms):
            self._take(frame, now_ms)
        if self.online and now_ms - self._heard_ms >= self.settings.lost_after_ms:
            self._lose(now_ms)
        if self._due_ms is not None and now_ms < self._due_ms:
            return b""
        if self.state in _AWAITING:
            self._move(Step.UNANSWERED)
            self._reading = None
        return self._ask(now_ms)

    def next_deadline_ms(self) -> int | None:
        """When `outgoing` is due; None before its first call: at once."""
        moments = [self._due_ms, self.framer.deadline_ms()]
        if self.online:
            moments.append(self._heard_ms + self.settings.lost_after_ms)
        return min((moment for moment in moments if moment is not None), default=None)

    def events(self) -> list[Event]:
        """Events since the last call, in order."""
        events, self._events = self._events, []
        return events

    def lost(self, now_ms: int) -> None:
        """The line is gone: forget what is under way."""
        self._lose(now_ms)
        self._due_ms = None

    def _lose(self, now_ms: int) -> None:
        self._move(Step.LOST)
        self.framer.reset()
        self._wanted.clear()
        self._reading = None
        self._due_ms = now_ms
        if self.online:
            self.online = False
            self._events.append(Offline(now_ms))

    def _move(self, step: Step) -> None:
        self.state = MOVES[self.state, step]

    def _ask(self, now_ms: int) -> bytes:
        if self.settings.mode is Mode.PUSH:
            return self._ask_information(now_ms)
        self.framer.reset()
        if self.state is State.PROBING:
            return self._ask_information(now_ms)
        wanted = next(iter(self._wanted.values()), None)
        return self._ask_round(now_ms) if wanted is None else self._ask_tid(wanted, now_ms)

    def _ask_information(self, now_ms: int) -> bytes:
        self._move(Step.ASKED_INFORMATION)
        self._due_ms = now_ms + self.settings.reply_ms
        return messages.reader_information(self.settings.address)

    def _ask_round(self, now_ms: int) -> bytes:
        self._move(Step.ASKED_ROUND)
        settings = self.settings
        self._due_ms = now_ms + settings.scan_time_ms + settings.reply_ms
        port = settings.antenna_ports[self._port_index % len(settings.antenna_ports)]
        self._port_index += 1
        fast_id = settings.tid_reading is TidReading.FAST_ID
        scan = Round(settings.q, settings.gen2_session, fast_id, port, settings.scan_time_ms)
        return messages.inventory(settings.address, settings.layout, scan)

    def _ask_tid(self, wanted: _Wanted, now_ms: int) -> bytes:
        self._move(Step.ASKED_MEMORY)
        self._due_ms = now_ms + self.settings.reply_ms
        self._reading = wanted
        del self._wanted[wanted.tag.epc]
        self._tid_tried_ms[wanted.tag.epc] = now_ms
        if len(self._tid_tried_ms) > REMEMBERED_TIDS:
            del self._tid_tried_ms[next(iter(self._tid_tried_ms))]
        return messages.read_memory(self.settings.address, wanted.tag.epc, MemoryBank.TID, 0, TID_WORDS)

    def _take(self, frame: Frame, now_ms: int) -> None:
        if BROADCAST != self.settings.address != frame.address:
            return
        reply = messages.parse(frame, self.settings.layout)
        if isinstance(reply, messages.Malformed):
            self.malformed += 1
            return
        self._heard_ms = max(self._heard_ms, now_ms)
        trusted = not frame.resynced
        match reply:
            case messages.ReaderInformation():
                self._take_information(reply, now_ms)
            case messages.Inventory():
                self._take_tags(reply.tags, reply.antenna_ports, now_ms, trusted=trusted)
                self._take_round_end(reply, now_ms)
            case messages.Pushed():
                self._come_online("", 0, now_ms)
                self._take_tags(reply.tags, reply.antenna_ports, now_ms, trusted=trusted)
            case messages.Heartbeat():
                self._come_online("", 0, now_ms)
            case messages.AntennaFault():
                self._take_antenna_fault(reply, now_ms)
            case messages.Memory():
                self._take_memory(reply, now_ms, trusted=trusted)
            case messages.Refused():
                self._take_refusal(reply, now_ms)

    def _take_information(self, reply: messages.ReaderInformation, now_ms: int) -> None:
        if self.state is not State.AWAITING_INFORMATION:
            return
        self._move(Step.ANSWERED)
        self._due_ms = now_ms + (self.settings.probe_ms if self.settings.mode is Mode.PUSH else 0)
        self._come_online(reply.firmware, reply.model, now_ms)

    def _come_online(self, firmware: str, model: int, now_ms: int) -> None:
        if not self.online:
            self.online = True
            self._events.append(Online(firmware, model, now_ms))

    def _take_tags(self, tags: tuple[Tag, ...], ports: tuple[int, ...], now_ms: int, *, trusted: bool) -> None:
        if not self.online:
            return
        for tag in tags:
            for port in ports:
                self._report(tag, tag.tid if trusted else None, port, now_ms)
            self._want_tid(tag, ports[0], now_ms)

    def _report(self, tag: Tag, tid: bytes | None, port: int, now_ms: int) -> None:
        if len(self._events) >= EVENT_LIMIT:
            self.dropped_reads += 1
            return
        text = None if tid is None else tid.hex().upper()
        self._events.append(TagRead(tag.epc.hex().upper(), text, port, tag.rssi_raw, now_ms))

    def _want_tid(self, tag: Tag, port: int, now_ms: int) -> None:
        settings = self.settings
        if settings.tid_reading is not TidReading.EXPLICIT or settings.mode is Mode.PUSH:
            return
        readable = len(tag.epc) <= 30 and len(tag.epc) % messages.WORD_BYTES == 0
        tried_ms = self._tid_tried_ms.get(tag.epc)
        due = tried_ms is None or now_ms - tried_ms >= settings.tid_hold_ms
        if readable and due and len(self._wanted) < REMEMBERED_TIDS:
            self._tid_tried_ms.pop(tag.epc, None)
            self._wanted[tag.epc] = _Wanted(tag, port)

    def _take_round_end(self, reply: messages.Inventory, now_ms: int) -> None:
        self._faulty_ports.difference_update(reply.antenna_ports)
        if self.state is not State.AWAITING_ROUND:
            return
        if reply.last:
            self._finish(now_ms)
        else:
            self._due_ms = now_ms + self.settings.scan_time_ms + self.settings.reply_ms

    def _take_antenna_fault(self, reply: messages.AntennaFault, now_ms: int) -> None:
        ports = reply.antenna_ports or (self._asked_port(),)
        if self.online:
            fresh = [port for port in ports if port not in self._faulty_ports]
            self._faulty_ports.update(fresh)
            self._events.extend(AntennaLost(port, now_ms) for port in fresh)
        if self.state is State.AWAITING_ROUND:
            self._finish(now_ms)

    def _asked_port(self) -> int:
        ports = self.settings.antenna_ports
        return ports[(self._port_index - 1) % len(ports)]

    def _take_memory(self, reply: messages.Memory, now_ms: int, *, trusted: bool) -> None:
        wanted, self._reading = self._reading, None
        if self.state is not State.AWAITING_MEMORY or wanted is None:
            return
        self._finish(now_ms)
        if trusted and len(reply.content) == messages.TID_BYTES:
            self._report(wanted.tag, reply.content, wanted.antenna_port, now_ms)

    def _take_refusal(self, reply: messages.Refused, now_ms: int) -> None:
        """A refusal of what was asked ends the wait; TID and round are tried again in their time."""
        if self.state in _ASKED_COMMAND and reply.command == _ASKED_COMMAND[self.state]:
            self._reading = None
            self._finish(now_ms)

    def _finish(self, now_ms: int) -> None:
        self._move(Step.ANSWERED)
        self._due_ms = now_ms + (0 if self._wanted else self.settings.pause_ms)


_ASKED_COMMAND = {
    State.AWAITING_ROUND: messages.Command.INVENTORY,
    State.AWAITING_MEMORY: messages.Command.READ_MEMORY,
}
_AWAITING = {State.AWAITING_INFORMATION, *_ASKED_COMMAND}
