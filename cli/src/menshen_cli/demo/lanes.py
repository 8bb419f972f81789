"""People and vehicles at the lanes, one at a time at each: present, see the answer, pass.

passage = await lanes.walk("n1-p1-in", person.card)
passage.shown.outcome, passage.shown.text_zh, passage.passed
"""

import asyncio
import itertools
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import grpc
from menshen.device.v1 import device_pb2
from menshen_simulators.barriers import Boom
from menshen_simulators.installation import Installation, wiegand34
from menshen_simulators.uhf_reader import SimulatedTag

from .university import LANE_OF, Lane

if TYPE_CHECKING:
    from menshen.device.v1.device_pb2_grpc import DeviceServiceAsyncStub

_ANSWER_S = 6.0
_WALK_S = 4.0
_STRIDE_S, _FOLLOWING_S = 0.3, 0.7
_QUIET_S = 4.0
_LOOK_S = 0.02
_RETRY_S = 0.2
_OPENING = frozenset({"GRANT", "GRANT_WITH_REMINDER"})
REVIEW = "MANUAL_REVIEW"


@dataclass(frozen=True, slots=True)
class Shown:
    """What a lane showed, as its agent told it."""

    access_point: str
    event_id: str
    outcome: str
    reason_code: str
    text_zh: str
    text_en: str
    edge: bool
    latency_us: int
    at_ms: int

    @property
    def opens(self) -> bool:
        return self.outcome in _OPENING


@dataclass(frozen=True, slots=True)
class Passage:
    """One presentation: its number in the ledger, what the lane showed (None: nothing in time), who passed."""

    presentation: int
    shown: Shown | None
    passed: int = 0


class Lanes:
    """The lanes of an installation. `listeners` hear everything any lane shows, in order, on the event loop."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._waiting: dict[str, asyncio.Future[Shown]] = {}
        self._numbers = itertools.count(1)
        self._following: set[asyncio.Task[None]] = set()
        self.listeners: list[Callable[[Shown], None]] = []

    def follow(self, stub: "DeviceServiceAsyncStub", site: str) -> None:
        """Hear what the lanes of an agent show, through its restarts, until close()."""
        task = asyncio.get_running_loop().create_task(self._follow(stub, site), name="lanes")
        self._following.add(task)

    async def close(self) -> None:
        """Stop hearing."""
        for task in self._following:
            task.cancel()
        await asyncio.gather(*self._following, return_exceptions=True)
        self._following.clear()

    async def present(self, access_point: str, card: int, *, pin: str = "") -> Passage:
        """Hold a card to a reader, type a PIN if there is one, see the answer and walk away."""
        async with self._turns[LANE_OF[access_point].lane_id]:
            number, shown = await self._show_card(access_point, card, pin)
            return Passage(number, shown)

    async def walk(
        self,
        access_point: str,
        card: int,
        *,
        pin: str = "",
        persons: int = 1,
        review_s: float = 0.0,
        insists_s: float = 0.0,
    ) -> Passage:
        """Present a card and go through if the lane opens; in a review, wait at most `review_s` for the guard.

        More than one person on one grant is tailgating. Who is refused goes away, or pushes the door for `insists_s`
        and goes through if it gives way.
        """
        lane = LANE_OF[access_point]
        door = self._installation.doors[lane.lane_id]
        async with self._turns[lane.lane_id]:
            await _until(lambda: not door.is_unlocked, _QUIET_S)
            passed: int | None = None
            with self._expecting(access_point) as answer:
                number = self._hold_card(access_point, card, pin)
                # People go when the lane opens: on a busy machine it may be locked again before the answer is heard.
                await _until(lambda: answer.done() or door.is_unlocked, _ANSWER_S)
                if door.is_unlocked:
                    passed = await door.walk(persons=persons, passage_s=_walking_s(persons))
                shown = await _within(answer, _ANSWER_S)
            patience_s = _patience(shown, review_s) or insists_s
            if passed is None:
                passed = 0
                if patience_s:
                    walking_s = _walking_s(persons)
                    passed = await door.walk(patience_s=patience_s, persons=persons, passage_s=walking_s)
            return Passage(number, shown, passed)

    async def drive(self, access_point: str, tag: SimulatedTag, *, review_s: float = 0.0) -> Passage:
        """Come with a tag on the windscreen, go through if the boom rises, else turn round."""
        lane = LANE_OF[access_point]
        barrier = self._installation.barriers[lane.lane_id]
        async with self._turns[lane.lane_id]:
            await _until(lambda: barrier.boom is Boom.DOWN, _QUIET_S)
            barrier.set_loop(taken=True)
            try:
                number, shown = await self._show_tag(access_point, tag)
                patience_s = _patience(shown, review_s)
                passed = await barrier.drive(patience_s=patience_s) if patience_s else False
            finally:
                barrier.set_loop(taken=False)
                self._installation.uhf[access_point].leave(tag.epc)
            return Passage(number, shown, int(passed))

    def turn(self, lane: Lane) -> asyncio.Lock:
        """Hold it to have a lane for oneself, e.g. to force its door."""
        return self._turns[lane.lane_id]

    async def _show_card(self, access_point: str, card: int, pin: str) -> tuple[int, Shown | None]:
        with self._expecting(access_point) as answer:
            return self._hold_card(access_point, card, pin), await _within(answer, _ANSWER_S)

    def _hold_card(self, access_point: str, card: int, pin: str) -> int:
        number = next(self._numbers)
        self._installation.present_card(access_point, wiegand34(card), presentation=number)
        if pin:
            self._installation.readers[access_point].type_keys(f"{pin}#")
        return number

    async def _show_tag(self, access_point: str, tag: SimulatedTag) -> tuple[int, Shown | None]:
        number = next(self._numbers)
        with self._expecting(access_point) as answer:
            self._installation.show_tag(access_point, tag, presentation=number)
            return number, await _within(answer, _ANSWER_S)

    def _expecting(self, access_point: str) -> "_Expectation":
        return _Expectation(self._waiting, access_point)

    async def _follow(self, stub: "DeviceServiceAsyncStub", site: str) -> None:
        while True:
            with suppress(grpc.aio.AioRpcError):
                async for response in stub.WatchLanes(device_pb2.WatchLanesRequest(site=site), wait_for_ready=True):
                    self._hear(_shown(response))
            await asyncio.sleep(_RETRY_S)

    def _hear(self, shown: Shown) -> None:
        answer = self._waiting.get(shown.access_point)
        if answer is not None and not answer.done():
            answer.set_result(shown)
        for listener in self.listeners:
            listener(shown)


class _Expectation:
    """The next answer at an access point, while it is waited for."""

    def __init__(self, waiting: "dict[str, asyncio.Future[Shown]]", access_point: str) -> None:
        self._waiting = waiting
        self._access_point = access_point

    def __enter__(self) -> "asyncio.Future[Shown]":
        answer: asyncio.Future[Shown] = asyncio.get_running_loop().create_future()
        self._waiting[self._access_point] = answer
        return answer

    def __exit__(self, *_error: object) -> None:
        self._waiting.pop(self._access_point, None)


def _walking_s(persons: int) -> float:
    """How long they take; who follows another leaves a gap that the counter of passages can see."""
    return _STRIDE_S if persons == 1 else _FOLLOWING_S * persons


def _patience(shown: Shown | None, review_s: float) -> float:
    if shown is None:
        return 0.0
    if shown.outcome == REVIEW:
        return review_s
    return _WALK_S if shown.opens else 0.0


async def _within(answer: "asyncio.Future[Shown]", wait_s: float) -> Shown | None:
    try:
        async with asyncio.timeout(wait_s):
            return await answer
    except TimeoutError:
        return None


async def _until(condition: Callable[[], bool], wait_s: float) -> None:
    """Return when it holds, or when the wait is over: a door that an emergency released never locks."""
    loop = asyncio.get_running_loop()
    give_up = loop.time() + wait_s
    while not condition() and loop.time() < give_up:  # noqa: ASYNC110 -- doors and booms have no event for rest
        await asyncio.sleep(_LOOK_S)


def _shown(response: device_pb2.WatchLanesResponse) -> Shown:
    return Shown(
        access_point=response.access_point,
        event_id=response.event_id,
        outcome=response.outcome,
        reason_code=response.reason_code,
        text_zh=response.text_zh,
        text_en=response.text_en,
        edge=response.edge,
        latency_us=response.latency_us,
        at_ms=response.at_ms,
    )
