"""The ACU's side of the conversation with one PD. No I/O and no clock.

Instants are milliseconds of any one clock that does not go backwards. The driver feeds what it reads, writes what
`outgoing` gives until that is empty, wakes at `next_deadline_ms` and drains `events`.
"""

from collections import deque
from collections.abc import Callable

from . import frame
from .decoding import decode
from .events import Alarm, Event, Failure, InstallEnded, Offline, OfflineCause, Online, RestartCause, Restarted
from .exchange import Exchange
from .handshake import Handshake
from .install import InstallWindow
from .journal import Journal, Tally
from .liveness import Liveness
from .messages import AnyCommand, Keyset, Order, Poll
from .opening import Opening
from .orders import Orders
from .replies import CONVERSATION_OVER, SECURITY_WANTED, Ack, Message, NakCode, NakReply, Reply
from .secure_channel import Refusal, SecureChannel
from .settings import Settings
from .states import TRANSITIONS, Signal, State

ORDER_WITHIN_MS = 2000
_PROVING = frozenset((State.CHALLENGE, State.CRYPTOGRAM, State.KEYING))


class Session:
    """One PD. `nonces` gives 8 unpredictable bytes at each call (in production from `secrets`)."""

    def __init__(self, settings: Settings, nonces: Callable[[], bytes]) -> None:
        self.settings = settings
        self.tally = Tally()
        handshake = Handshake(settings.scbk, nonces)
        self._framer = frame.Framer()
        self._install = InstallWindow(handshake)
        self._opening = Opening(handshake)
        self._liveness = Liveness(settings.lost_after_ms)
        self._journal = Journal(settings.address)
        self._orders = Orders()
        self._questions: deque[AnyCommand] = deque()
        self._state = State.SYNC
        self._exchange: Exchange | None = None
        self._sequence = 0
        self._ready_ms = 0
        self._poll_due_ms = 0
        self._failures = 0

    @property
    def state(self) -> State:
        return self._state

    @property
    def online(self) -> bool:
        return self._liveness.online is True

    @property
    def outstanding(self) -> bool:
        """A command is out without an answer, in time or overdue."""
        return self._exchange is not None and not self._exchange.resting

    @property
    def counters(self) -> frame.Counters:
        return self._framer.counters

    def feed(self, data: bytes, now_ms: int) -> None:
        """Bytes from the line; any bytes in any chunks."""
        for reply in self._framer.feed(data):
            self._receive(reply, now_ms)
        if self._exchange and self._framer.partial:
            self._exchange.receiving(now_ms)

    def outgoing(self, now_ms: int) -> bytes:
        """The next bytes for the line, one command at most; empty while there is nothing to send."""
        self.tick(now_ms)
        if self._exchange and now_ms < self._exchange.deadline_ms:
            return b""
        self.tally.retries += self._exchange is not None
        self._exchange = self._exchange or self._compose(now_ms)
        if self._exchange is None:
            return b""
        self._framer.reset()
        return self._exchange.send(self.settings, now_ms)

    def next_deadline_ms(self) -> int | None:
        """When to call `outgoing` again at the latest; not in the future when it has something already."""
        due_ms = self._exchange.deadline_ms if self._exchange else self._due_ms()
        return min((due_ms, *self._watches()))

    def watch_deadline_ms(self) -> int | None:
        """When to call `tick` at the latest while another PD holds the line."""
        return min(self._watches(), default=None)

    def events(self) -> tuple[Event, ...]:
        """What happened since the last call."""
        return self._journal.drain()

    def lost(self, now_ms: int) -> None:
        """The line broke. Go on with `outgoing` when it is back."""
        self._leave(OfflineCause.LINE)
        self._start_over(now_ms)
        self._failures = 0

    def submit(self, order: Order, now_ms: int, within_ms: int = ORDER_WITHIN_MS) -> bool:
        """Queue an order to be sent within that time or not at all; `Done` or `Failed` tells how it ended.

        False, and no event, when the PD is offline or the queue is full.
        """
        return self.online and self._orders.add(order, now_ms + within_ms)

    def install(self, now_ms: int, until_ms: int) -> None:
        """Until then a PD that holds SCBK-D is given this session's own key; `InstallEnded` tells how it ended.

        The key crosses the line under the published SCBK-D: only with the whole line under one's eyes.
        """
        if self._state is State.ACTIVE:
            self._journal.tell(InstallEnded(self.settings.address, installed=True))
            return
        self._install.open(until_ms)
        self._start_over(now_ms)

    def awaiting(self, now_ms: int) -> bool:
        """A command is out and its reply may still come: nobody else may speak on the line."""
        return self._exchange is not None and not self._exchange.resting and now_ms < self._exchange.deadline_ms

    def tick(self, now_ms: int) -> None:
        """Let time pass: expiries, silence, the end of the install window. Sends nothing."""
        self._liveness.begin(now_ms)
        self._journal.failed(Failure.EXPIRED, *self._orders.expired(now_ms))
        if self._install.over(now_ms):
            self._close_install(installed=False)
            self._start_over(now_ms)
        if self._exchange and not self._exchange.tries_left and now_ms >= self._exchange.deadline_ms:
            self._restart(RestartCause.SILENT, now_ms)
        lost_ms = self._liveness.deadline_ms
        if lost_ms is not None and now_ms >= lost_ms:
            self._leave(OfflineCause.SILENT)
            if self._state is State.ACTIVE:
                self._start_over(now_ms)

    def _watches(self) -> tuple[int, ...]:
        watches = (self._liveness.deadline_ms, self._install.until_ms, self._orders.first_expiry_ms)
        return tuple(instant for instant in watches if instant is not None)

    def _due_ms(self) -> int:
        if self._state is State.ACTIVE and not self._orders and not self._questions:
            return max(self._ready_ms, self._poll_due_ms)
        return self._ready_ms

    def _compose(self, now_ms: int) -> Exchange | None:
        if now_ms < self._due_ms():
            return None
        command = self._choose()
        if isinstance(command, Alarm):
            self._refuse(command, now_ms)
            return None
        if isinstance(command, Poll):
            self._poll_due_ms = now_ms + self.settings.poll_ms
        self._sequence = 0 if self._state is State.SYNC else self._sequence % 3 + 1
        tries = 1 if self._state is State.SYNC else self.settings.tries
        wire = self._opening.wire(self._state, self.settings.address, self._sequence, command)
        return Exchange(command, self.settings.address, self._sequence, wire, tries)

    def _choose(self) -> AnyCommand | Alarm:
        if self._state is State.KEYING:
            return Keyset(self.settings.scbk)
        if self._state is not State.ACTIVE:
            return self._opening.command(self._state)
        order = self._orders.next()
        if order is not None:
            return order
        return self._questions.popleft() if self._questions else Poll()

    def _receive(self, reply: frame.Frame, now_ms: int) -> None:
        exchange, channel = self._exchange, self._opening.channel
        in_clear = reply.security is None
        if exchange is None or not exchange.answered_by(reply):
            self.tally.strays += 1
        elif in_clear and reply.code == Reply.BUSY:
            exchange.postpone(now_ms + self.settings.busy_ms)
        elif in_clear and reply.code == Reply.NAK:
            self._nak_in_clear(decode(reply.code, reply.data), now_ms)
        elif channel is None:
            self._opened(reply, now_ms)
        else:
            self._secured(reply, exchange, channel, now_ms)

    def _opened(self, reply: frame.Frame, now_ms: int) -> None:
        verdict = self._opening.judge(self._state, reply, decode(reply.code, reply.data))
        if isinstance(verdict, Alarm):
            self._refuse(verdict, now_ms)
        elif verdict is Signal.RESTART:
            self._restart(RestartCause.STRANGE, now_ms)
        else:
            self._settle(now_ms)
            self._state = TRANSITIONS[self._state][verdict]
            if self._state is State.ACTIVE:
                self._activate(now_ms)

    def _secured(self, reply: frame.Frame, exchange: Exchange, channel: SecureChannel, now_ms: int) -> None:
        clear = channel.open(reply)
        if isinstance(clear, Refusal):
            self.tally.refusals += 1
            self._journal.alarm(Alarm.PLAINTEXT if clear is Refusal.PLAINTEXT else Alarm.BAD_MAC, now_ms)
            return
        self._settle(now_ms)
        message = decode(reply.code, clear)
        if self._state is State.KEYING:
            self._keyed(message, now_ms)
        else:
            self._liveness.proved(now_ms)
            self._failures = 0
            self._conclude(exchange.command, message, now_ms)

    def _settle(self, now_ms: int) -> None:
        """The outstanding command is answered."""
        self._exchange = None
        self._ready_ms = now_ms + self.settings.turnaround_ms

    def _activate(self, now_ms: int) -> None:
        if self._liveness.proved(now_ms):
            self._journal.tell(Online(self.settings.address))
        self._close_install(installed=True)
        if self.settings.ask_status:
            self._questions.extend(self._opening.questions())

    def _keyed(self, message: Message, now_ms: int) -> None:
        if isinstance(message, Ack):
            self._install.keyed()
            self._start_over(now_ms)
        else:
            self._restart(RestartCause.NAK, now_ms)

    def _conclude(self, command: AnyCommand, message: Message, now_ms: int) -> None:
        """An authentic reply in ACTIVE."""
        self._journal.report(message)
        if isinstance(command, Order):
            self._journal.conclude(command, message)
        if isinstance(command, Poll) and not isinstance(message, Ack):
            self._poll_due_ms = now_ms
        if isinstance(message, NakReply) and (isinstance(command, Poll) or message.code in CONVERSATION_OVER):
            self._restart(RestartCause.NAK, now_ms)

    def _nak_in_clear(self, message: Message, now_ms: int) -> None:
        """Not authentic, so it can only cost time: what a PD that lost its channel says, too."""
        code = message.code if isinstance(message, NakReply) else NakCode.UNSPECIFIED
        if self._state is State.SYNC and code in SECURITY_WANTED:  # it is there, which is all the first poll asks
            self._settle(now_ms)
            self._state = TRANSITIONS[self._state][Signal.ADVANCE]
            return
        self._journal.report(message)
        if self._exchange and code is NakCode.BAD_CHECK:
            self._exchange.hasten(now_ms + self.settings.turnaround_ms)
        elif code is not NakCode.BAD_SEQUENCE and self._state in _PROVING:
            self._refuse(Alarm.CHALLENGE_REFUSED, now_ms)
        else:
            self._restart(RestartCause.NAK, now_ms)

    def _refuse(self, kind: Alarm, now_ms: int) -> None:
        """The policy is broken: no channel, no reader."""
        if not self._install.probing:
            self._journal.alarm(kind, now_ms)
        self.tally.refusals += 1
        self._install.failed()
        self._leave(OfflineCause.REFUSED)
        self._start_over(now_ms)
        self._ready_ms = now_ms + self.settings.longest_pause_ms

    def _restart(self, cause: RestartCause, now_ms: int) -> None:
        if self.online:
            self._journal.tell(Restarted(self.settings.address, cause))
        self.tally.restarts += 1
        if self._state in _PROVING:
            self._install.failed()
        self._start_over(now_ms)
        self._ready_ms = now_ms + self.settings.pause_ms(self._failures)
        self._failures += 1

    def _leave(self, cause: OfflineCause) -> None:
        """Go offline; an opening under way goes on."""
        self._journal.failed(Failure.OFFLINE, *self._orders.clear())
        self._journal.forget_status()
        if self._liveness.leave():
            self._journal.tell(Offline(self.settings.address, cause))

    def _start_over(self, now_ms: int) -> None:
        exchange, self._exchange = self._exchange, None
        if exchange and isinstance(exchange.command, Order):
            self._journal.failed(Failure.UNCERTAIN, exchange.command)
        self._questions.clear()
        self._opening.reset()
        self._framer.reset()
        self._state = TRANSITIONS[self._state][Signal.RESTART]
        self._ready_ms = now_ms

    def _close_install(self, *, installed: bool) -> None:
        if self._install.close():
            self._journal.tell(InstallEnded(self.settings.address, installed=installed))
