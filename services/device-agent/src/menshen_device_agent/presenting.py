"""The way of a presentation: spool it, ask the centre, decide alone after the deadline, act, say so."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from menshen_rulebook.types import Identifier, Outcome
from menshen_servicekit.clock import Clock

from menshen_device_agent.events import Answer, Asked
from menshen_device_agent.interlocking import DoorSide, Interlocks, Lock, held_shut, open_to_all
from menshen_device_agent.journal import Journal
from menshen_device_agent.repeating import Repeats
from menshen_device_agent.waiting import Waiting


class Centre(Protocol):
    """Asks the access service. Two implementations: the stream to it, and none for an agent that stands alone."""

    async def decide(self, asked: Asked) -> Answer | None:
        """The centre's answer; None as soon as it is known that it will not answer."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What the lane shows and how long the decision took, measured from the end of the read."""

    asked: Asked
    answer: Answer
    latency_us: int


class Presenter:
    """Turns reads into acts. At most `limit` presentations are under way; more are refused, not queued."""

    def __init__(
        self,
        clock: Clock,
        new_id: Callable[[], str],
        journal: Journal,
        centre: Centre,
        decide_alone: Callable[[Asked], Answer],
        hold: Callable[[Shown, DoorSide, Callable[[Shown], None]], None],
        deadline_s: float = 0.3,
        limit: int = 64,
        learn: Callable[[Asked, Answer], None] = lambda _asked, _answer: None,
        interlocks: Interlocks | None = None,
        repeat_within_ms: Callable[[str], int] = lambda _: 0,
    ) -> None:
        self._clock = clock
        self._new_id = new_id
        self._journal = journal
        self._centre = centre
        self._decide_alone = decide_alone
        self._hold = hold
        self._deadline_s = deadline_s
        self._limit = limit
        self._learn = learn
        self._interlocks = interlocks
        self._lock = Lock(journal, interlocks.bars if interlocks else open_to_all)
        self._waiting = Waiting(clock.monotonic)
        self._repeats = Repeats(clock.monotonic, repeat_within_ms)
        self._under_way: set[asyncio.Task[None]] = set()

    def present(
        self,
        access_point: str,
        identifiers: tuple[Identifier, ...],
        reader: str,
        door: DoorSide,
        show: Callable[[Shown], None],
        *,
        tid: str | None = None,
        pin: str = "",
        plate: str = "",
    ) -> bool:
        """Begin; False when too many are under way. A repeat is shown the answer it repeats, once there is one."""
        repeated = None if pin else self._repeats.of(access_point, identifiers)
        if repeated is not None:
            if repeated.asked is not None and repeated.answer is not None:
                show(Shown(repeated.asked, repeated.answer, 0))
            return True
        if len(self._under_way) >= self._limit:
            return False
        now = self._clock.reading()
        asked = Asked(
            event_id=self._new_id(),
            access_point=access_point,
            at_ms=now.at_ms,
            clock_error_ms=now.error_ms,
            identifiers=identifiers,
            reader=reader,
            tid=tid,
            pin=pin,
            plate=plate,
            awaiting=self._waiting.joining(access_point, identifiers),
            open_interlock_doors=self._interlocks.open_doors(access_point) if self._interlocks else (),
        )
        self._repeats.begin(asked)
        began = self._clock.monotonic()
        task = asyncio.get_running_loop().create_task(self._go(asked, began, door, show), name="presentation")
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        return True

    def ended(self, event_id: str) -> None:
        """The passage on this decision was taken, or was not: whoever presents again presents anew."""
        self._repeats.ended(event_id)

    async def close(self) -> None:
        """Let what is under way end: each is bounded by the deadline."""
        await asyncio.gather(*self._under_way, return_exceptions=True)

    async def _go(self, asked: Asked, began: float, door: DoorSide, show: Callable[[Shown], None]) -> None:
        asked = self._journal.presented(asked)
        answer = await self._ask(asked) or self._decide_alone(asked)
        latency_us = int((self._clock.monotonic() - began) * 1_000_000)
        self._journal.decided(asked, answer)
        self._waiting.learn(asked, answer)
        self._learn(asked, answer)
        if answer.opens and (barred_by := self._lock.obey(asked, answer, door)):
            answer = held_shut(answer, barred_by)
        self._repeats.learn(asked, answer)
        shown = Shown(asked, answer, latency_us)
        if answer.outcome is Outcome.MANUAL_REVIEW:
            self._hold(shown, door, show)
        show(shown)

    async def _ask(self, asked: Asked) -> Answer | None:
        try:
            async with asyncio.timeout(self._deadline_s):
                return await self._centre.decide(asked)
        except TimeoutError:
            return None
