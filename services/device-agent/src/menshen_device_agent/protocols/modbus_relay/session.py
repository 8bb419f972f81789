"""One relay board on one line: polls its inputs, keeps its outputs as wanted, pulses its relays.

States and moves are the table `MOVES`. One request is in flight at a time. The caller owns the line and the clock:

    session.feed(data, now_ms)          bytes that came
    session.outgoing(now_ms)            bytes to send now, perhaps none; also lets time pass
    session.next_deadline_ms()          when to call outgoing() at the latest
    session.events()                    what happened since the last call
    session.lost(now_ms)                the line is gone; the next outgoing() starts over

and orders: `pulse()` (never twice for one key) and `set_output()` (kept and written again after every outage); after
either, call outgoing(). `now_ms` may be any clock that never goes back.
"""

from dataclasses import dataclass
from enum import Enum, auto

from . import messages
from .events import Event, InputsChanged, Offline, Online, OutputsRead, PulseConfirmed, PulseFailed, PulseTrouble
from .frame import Frame, Framer
from .messages import Function, Request
from .pulses import Pulse, Pulses
from .settings import Settings

OVERDUE_POLLS = 3
PULSE_SLACK_MS = 500
"""How much later than counted here a board may end a pulse before its relay is taken to hang."""


class State(Enum):
    SEARCHING = auto()
    CALLING = auto()
    READY = auto()
    AWAITING = auto()


class Step(Enum):
    ASKED = auto()
    ANSWERED = auto()
    UNANSWERED = auto()
    LOST = auto()


MOVES: dict[tuple[State, Step], State] = {
    (State.SEARCHING, Step.ASKED): State.CALLING,
    (State.CALLING, Step.ANSWERED): State.READY,
    (State.CALLING, Step.UNANSWERED): State.SEARCHING,
    (State.READY, Step.ASKED): State.AWAITING,
    (State.AWAITING, Step.ANSWERED): State.READY,
    (State.AWAITING, Step.UNANSWERED): State.READY,
} | {(state, Step.LOST): State.SEARCHING for state in State}


@dataclass(slots=True)
class _InFlight:
    """The request whose answer is awaited; with the order it carries out, if any."""

    request: Request
    order: Pulse | None = None


class Session:
    """See the module. Every queue is bounded."""

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings or Settings()
        self.framer = Framer(self.settings.unit, self.settings.gap_ms)
        self.state = State.SEARCHING
        self.stray_replies = 0
        self._events: list[Event] = []
        self._pulses = Pulses(self.settings)
        self._wanted: dict[int, bool] = {}
        self._unwritten: dict[int, bool] = {}
        self._pulsed_until_ms: dict[int, int] = {}
        self._in_flight: _InFlight | None = None
        self._due_ms: int | None = None
        self._quiet_until_ms = 0
        self._heard_ms = 0
        self._inputs_due_ms = 0
        self._outputs_due_ms = 0
        self._inputs: tuple[bool, ...] | None = None
        self._outputs: tuple[bool, ...] | None = None

    @property
    def online(self) -> bool:
        return self.state in (State.READY, State.AWAITING)

    def pulse(self, relay: int, duration_ms: int, key: str, now_ms: int) -> bool:
        """Order one opening of `duration_ms`; PulseConfirmed or PulseFailed with the same key follows.

        False, and nothing more happens, if `key` was ordered within `pulse_memory_ms`. ValueError if the duration is
        not one the board can count.
        """
        messages.pulse(relay, duration_ms)
        if not self._pulses.remember(key, now_ms):
            return False
        order = Pulse(key, relay, duration_ms, now_ms)
        if not self.online:
            self._fail(order, PulseTrouble.OFFLINE, now_ms)
        elif self._pulses.is_full():
            self._fail(order, PulseTrouble.FULL, now_ms)
        else:
            self._pulses.waiting.append(order)
        return True

    def set_output(self, relay: int, *, on: bool) -> None:
        """Want a relay energised or released from now on, through outages and restarts of the board.

        One that is to stay released may be pulsed all the same: the pulse is let run out.
        """
        self._wanted[relay] = on
        self._unwritten[relay] = on

    def feed(self, data: bytes, now_ms: int) -> None:
        """Take bytes from the line: any bytes, any chunking."""
        for frame in self.framer.feed(data, now_ms):
            self._take(frame, now_ms)

    def outgoing(self, now_ms: int) -> bytes:
        """The bytes to send now; empty if there is nothing to say or an answer is awaited."""
        for frame in self.framer.expire(now_ms):
            self._take(frame, now_ms)
        if self.online and now_ms - self._heard_ms >= self.settings.offline_after_ms:
            self._lose(now_ms)
        for order in self._pulses.take_stale(now_ms):
            self._fail(order, PulseTrouble.EXPIRED, now_ms)
        if self._in_flight is not None:
            if self._due_ms is not None and now_ms < self._due_ms:
                return b""
            self._give_up(self._in_flight, now_ms)
        return self._ask(now_ms)

    def next_deadline_ms(self) -> int | None:
        """When `outgoing` is due."""
        if self._in_flight is not None:
            moments = [self._due_ms, self.framer.deadline_ms()]
        elif not self.online:
            moments = [self._inputs_due_ms]
        elif self._unwritten or self._pulses.waiting:
            moments = [self._quiet_until_ms]
        else:
            moments = [max(self._quiet_until_ms, min(self._inputs_due_ms, self._outputs_due_ms))]
        if self.online:
            moments.append(self._heard_ms + self.settings.offline_after_ms)
        return min((moment for moment in moments if moment is not None), default=None)

    def events(self) -> list[Event]:
        """Events since the last call, in order."""
        events, self._events = self._events, []
        return events

    def lost(self, now_ms: int) -> None:
        """The line is gone: orders under way fail, wanted outputs stay wanted."""
        self._lose(now_ms)

    def _ask(self, now_ms: int) -> bytes:
        if now_ms < self._quiet_until_ms:
            return b""
        asked = self._next(now_ms)
        if asked is None:
            return b""
        self.state = MOVES[self.state, Step.ASKED]
        self.framer.reset()
        self._in_flight = asked
        self._due_ms = now_ms + self.settings.reply_ms
        return asked.request.encode(self.settings.unit)

    def _next(self, now_ms: int) -> _InFlight | None:
        """A second sending, outputs, pulses, reading; but nothing else keeps the inputs waiting for long."""
        settings = self.settings
        late_ms = now_ms - self._inputs_due_ms
        if self._pulses.waiting and self._pulses.waiting[0].sent:
            return self._send_pulse(self._pulses.waiting.popleft(), now_ms)
        inputs_first = not self.online or late_ms >= OVERDUE_POLLS * settings.poll_ms
        if inputs_first and late_ms >= 0:
            return self._poll_inputs(now_ms)
        if not self.online:
            return None
        if self._unwritten:
            relay, on = next(iter(self._unwritten.items()))
            return _InFlight(messages.write_coil(relay, on=on))
        if self._pulses.waiting:
            return self._send_pulse(self._pulses.waiting.popleft(), now_ms)
        if now_ms >= self._outputs_due_ms:
            self._outputs_due_ms = now_ms + settings.outputs_poll_ms
            return _InFlight(messages.read_coils(settings.relay_count))
        return self._poll_inputs(now_ms) if late_ms >= 0 else None

    def _poll_inputs(self, now_ms: int) -> _InFlight:
        self._inputs_due_ms = now_ms + self.settings.poll_ms
        return _InFlight(messages.read_inputs(self.settings.input_count))

    def _send_pulse(self, order: Pulse, now_ms: int) -> _InFlight:
        if order.first_sent_ms is None:
            order.first_sent_ms = now_ms
        order.sent += 1
        self._pulsed_until_ms[order.relay] = now_ms + order.duration_ms + PULSE_SLACK_MS
        return _InFlight(order.request(), order)

    def _take(self, frame: Frame, now_ms: int) -> None:
        asked = self._in_flight
        reply = messages.Stray() if asked is None else messages.parse(frame, asked.request)
        if asked is None or isinstance(reply, messages.Stray):
            self.stray_replies += 1
            return
        self._in_flight = None
        self._heard_ms = now_ms
        self._quiet_until_ms = now_ms + self.settings.quiet_ms
        if not self.online:
            self._come_online(now_ms)
        self.state = MOVES[self.state, Step.ANSWERED]
        self._conclude(asked, reply, now_ms)

    def _come_online(self, now_ms: int) -> None:
        self._events.append(Online(now_ms))
        self._unwritten.update(self._wanted)
        self._outputs_due_ms = now_ms

    def _conclude(self, asked: _InFlight, reply: messages.Reply, now_ms: int) -> None:
        if asked.order is not None:
            self._conclude_pulse(asked.order, reply, now_ms)
        elif asked.request.function is Function.WRITE_COIL:
            self._wrote(asked.request, now_ms)
        elif isinstance(reply, messages.Bits):
            if asked.request.function is Function.READ_INPUTS:
                self._take_inputs(reply.bits, now_ms)
            else:
                self._take_outputs(reply.bits, now_ms)

    def _conclude_pulse(self, order: Pulse, reply: messages.Reply, now_ms: int) -> None:
        if isinstance(reply, messages.Echoed):
            self._events.append(PulseConfirmed(order.key, order.relay, now_ms))
            self._outputs_due_ms = now_ms
        else:
            # A refused second sending says nothing about the first.
            self._fail(order, PulseTrouble.REFUSED if order.sent == 1 else PulseTrouble.UNANSWERED, now_ms)

    def _wrote(self, request: Request, now_ms: int) -> None:
        """Written or refused: the relays as read decide whether to write again."""
        if self._unwritten.get(request.address) == (request.value != 0):
            del self._unwritten[request.address]
        self._outputs_due_ms = now_ms

    def _take_inputs(self, bits: tuple[bool, ...], now_ms: int) -> None:
        if bits != self._inputs:
            self._inputs = bits
            self._events.append(InputsChanged(bits, now_ms))

    def _take_outputs(self, bits: tuple[bool, ...], now_ms: int) -> None:
        for relay, on in self._wanted.items():
            is_pulsed = not on and now_ms < self._pulsed_until_ms.get(relay, now_ms)
            if relay < len(bits) and bits[relay] != on and not is_pulsed:
                self._unwritten[relay] = on
        if bits != self._outputs:
            self._outputs = bits
            self._events.append(OutputsRead(bits, now_ms))

    def _give_up(self, asked: _InFlight, now_ms: int) -> None:
        """The answer did not come in time."""
        self._in_flight = None
        self.state = MOVES[self.state, Step.UNANSWERED]
        if asked.order is None:
            return
        if self.online and self._pulses.may_retry(asked.order, now_ms):
            self._pulses.waiting.appendleft(asked.order)
        else:
            self._fail(asked.order, PulseTrouble.UNANSWERED, now_ms)

    def _lose(self, now_ms: int) -> None:
        was_online = self.online
        asked, self._in_flight = self._in_flight, None
        self.state = MOVES[self.state, Step.LOST]
        self.framer.reset()
        self._inputs = self._outputs = None
        self._inputs_due_ms = self._quiet_until_ms = now_ms
        if asked is not None and asked.order is not None:
            self._fail(asked.order, PulseTrouble.UNANSWERED, now_ms)
        while self._pulses.waiting:
            order = self._pulses.waiting.popleft()
            self._fail(order, PulseTrouble.UNANSWERED if order.sent else PulseTrouble.OFFLINE, now_ms)
        if was_online:
            self._events.append(Offline(now_ms))

    def _fail(self, order: Pulse, trouble: PulseTrouble, now_ms: int) -> None:
        self._events.append(PulseFailed(order.key, order.relay, trouble, now_ms))
