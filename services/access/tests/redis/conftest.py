"""Builders for the tests of the function library."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from menshen_access.domain.events import EventKind, EventPayload
from menshen_access.domain.store import CommitAnswer, CommitRequest, EventAnswer, Happening
from menshen_access.ports import StoreAwayError
from menshen_access.redis.commit import RedisStore
from menshen_rulebook.types import FOREVER_MS, Effect, Guard, NowWithin
from menshen_servicekit.clock import SystemClock
from menshen_servicekit.ids import Uuid7Factory

SITE = "north"
STREAM_LIMIT = 50


class Commits:
    """Commits decisions to the site `north`; whatever a test leaves out is what lets the commit through."""

    def __init__(self, store: RedisStore, clock: SystemClock, new_id: Uuid7Factory) -> None:
        self.store = store
        self.clock = clock
        self.new_id = new_id

    def payload(self, event_id: str = "", **core: Any) -> EventPayload:
        given = {"event_id": event_id or self.new_id(), "kind": 1, "site": SITE, "agent_id": "north-1"}
        return EventPayload({**given, "epoch": 1, "number": 1, **core})

    def send(
        self,
        effects: Sequence[Effect] = (),
        guards: Sequence[Guard] = (),
        *,
        event_id: str = "",
        now_ms: int = 0,
        absent_keys: tuple[str, ...] = (),
    ) -> "asyncio.Future[CommitAnswer | StoreAwayError]":
        event = self.payload(event_id)
        request = CommitRequest(
            event,
            event.encode(),
            now_ms or self.clock.now_ms(),
            (NowWithin(0, FOREVER_MS), *guards),
            effects,
            absent_keys,
        )
        future: asyncio.Future[CommitAnswer | StoreAwayError] = asyncio.get_running_loop().create_future()
        self.store.commit(SITE, request, future.set_result)
        return future

    async def __call__(self, *arguments: Any, **keywords: Any) -> CommitAnswer:
        answer = await asyncio.wait_for(self.send(*arguments, **keywords), 5)
        assert isinstance(answer, CommitAnswer), answer
        return answer

    async def report(
        self, event_id: str, kind: EventKind, at_ms: int = 0, obeyed: EventKind = EventKind.UNSPECIFIED, **keywords: Any
    ) -> EventAnswer:
        happening = Happening(event_id, kind, at_ms or self.clock.now_ms(), event_id, obeyed, **keywords)
        event = self.payload(event_id, kind=int(kind))
        return await asyncio.wait_for(self.store.append(SITE, happening, event), 5)


@pytest.fixture
async def commit(live: Any, clock: SystemClock, new_id: Uuid7Factory) -> Commits:
    """Commits to a site that is ready."""
    await live.make_ready(SITE)
    return Commits(RedisStore(live.clients, live.generations, STREAM_LIMIT), clock, new_id)


Commit = Callable[..., Any]
