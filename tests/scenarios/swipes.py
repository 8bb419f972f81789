"""Swipes at an even rate on the open streams of several agents, and what each was answered."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from menshen.access.v1 import access_pb2, decision_pb2
from menshen.access.v1.access_pb2_grpc import AccessServiceStub
from menshen_rulebook.types import Subject
from menshen_servicekit.identity import Role, spiffe_uri
from scenarios.campus import CLOCK, Campus

_ANSWER_S = 5.0


@dataclass(frozen=True)
class Swipe:
    """Who shows a card where."""

    subject: Subject
    access_point: str


@dataclass
class AgentStream:
    """One agent's Authorize stream. `answers` holds (swipe, response) in the order of their arrival, `ended` what the
    agent heard of reviews.
    """

    site: str
    call: Any
    answers: list[tuple[Swipe, access_pb2.AuthorizeResponse]] = field(default_factory=list)
    ended: list[access_pb2.ReviewResolution] = field(default_factory=list)
    waiting: dict[str, Swipe] = field(default_factory=dict)
    _numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    async def show(self, swipe: Swipe, event_id: str) -> None:
        self.waiting[event_id] = swipe
        [card] = [i.value for credential in swipe.subject.credentials for i in credential.identifiers]
        shown = decision_pb2.Presentation(
            event_id=event_id,
            access_point=swipe.access_point,
            identifiers=[decision_pb2.Identifier(type=decision_pb2.IDENTIFIER_TYPE_CARD, value=card)],
            at_ms=CLOCK.now_ms(),
            spool=decision_pb2.SpoolPosition(epoch=1, number=next(self._numbers)),
        )
        await self.call.write(access_pb2.AuthorizeRequest(site=self.site, presentation=shown))

    async def read(self) -> None:
        """Collect what comes, for ever."""
        while True:
            response = await self.call.read()
            if response.HasField("review"):
                self.ended.append(response.review)
            event_id = response.decision.event_id or response.not_decided.event_id
            if event_id in self.waiting:
                self.answers.append((self.waiting.pop(event_id), response))


@asynccontextmanager
async def agent_streams(campus: Campus, points: Sequence[str]) -> AsyncIterator[list[AgentStream]]:
    """An agent for each access point, its stream welcomed."""
    streams = []
    for number, point in enumerate(points, 1):
        uri = spiffe_uri(Role.AGENT, f"{campus.site}-{number}", campus.site)
        call = AccessServiceStub(campus.suite.channel("access", uri)).Authorize()
        hello = access_pb2.AgentHello(spool_epoch=1, access_points=[point, point.replace("-in", "-out")])
        await call.write(access_pb2.AuthorizeRequest(site=campus.site, hello=hello))
        welcome = await asyncio.wait_for(call.read(), _ANSWER_S)
        assert welcome.WhichOneof("body") == "welcome", welcome
        streams.append(AgentStream(campus.site, call))
    readers = [asyncio.create_task(stream.read()) for stream in streams]
    try:
        yield streams
    finally:
        for reader in readers:
            reader.cancel()
        await asyncio.gather(*readers, return_exceptions=True)
        for stream in streams:
            stream.call.cancel()


async def swipe_evenly(
    campus: Campus, rounds: Sequence[tuple[AgentStream, Swipe]], per_second: int, is_over: Callable[[], bool]
) -> int:
    """Show the swipes of `rounds` in turn at that rate until it is over, whether answered or not; how many."""
    loop = asyncio.get_running_loop()
    started = loop.time()
    tick = asyncio.Event()
    for shown, (stream, swipe) in enumerate(itertools.cycle(rounds)):
        if is_over():
            return shown
        tick.clear()
        loop.call_at(started + shown / per_second, tick.set)
        await tick.wait()
        await stream.show(swipe, campus.new_id())
    raise AssertionError("there are no swipes")
