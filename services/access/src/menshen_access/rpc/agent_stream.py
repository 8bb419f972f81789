"""One agent's stream once it is accepted: presentations in, decisions out in any order, events on their way."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

import grpc
import structlog
from menshen.access.v1 import access_pb2, decision_pb2
from menshen_servicekit.clock import Clock
from menshen_servicekit.status import DomainError, Trouble

from menshen_access.deciding import Deciding
from menshen_access.decision_metrics import DecisionMetrics
from menshen_access.domain.asking import Answer, Cause, Undecided
from menshen_access.domain.reported import Reported
from menshen_access.domain.store import EventAnswer
from menshen_access.events_in import EventsIn, held_to
from menshen_access.ports import GateAlarms, NotReadyError, StoreAwayError
from menshen_access.rpc.convert import MalformedError, asked_of, lane_decision, not_decided, reported_of
from menshen_access.rpc.outbox import Outbox

MOST_UNDER_WAY: Final = 256
"""Presentations and reports of one stream under way at once; past it the stream is not read."""

_log = structlog.get_logger(__name__)
_Response = access_pb2.AuthorizeResponse


@dataclass(frozen=True, slots=True)
class Binding:
    """What an agent drives, as it said in its hello and as the plan confirms."""

    site: str
    agent_id: str
    access_points: frozenset[str]
    doors: frozenset[str]


@dataclass(frozen=True, slots=True)
class StreamParts:
    """What every stream works with."""

    deciding: Deciding
    events: EventsIn
    alarms: GateAlarms
    clock: Clock
    metrics: DecisionMetrics


class AgentStream:
    """Reads one stream. `report` runs beside `read_from`. What reports mean does not depend on their order."""

    def __init__(self, parts: StreamParts, binding: Binding, outbox: Outbox) -> None:
        self._parts = parts
        self._binding = binding
        self._outbox = outbox
        self._loop = asyncio.get_running_loop()
        self._deciding = 0
        self._appending = 0
        self._reports: deque[Reported] = deque()
        self._is_reporting = False
        self._changed: asyncio.Future[None] | None = None
        self._reported = asyncio.Event()
        self.is_read_out = False

    async def read_from(self, read: Callable[[], Awaitable[Any]]) -> None:
        """Take messages until the agent closes its side. DomainError FORBIDDEN for what is not the agent's own."""
        while (message := await read()) is not grpc.aio.EOF:
            body = message.WhichOneof("body")
            if body == "presentation":
                self._present(message.presentation)
            elif body == "event":
                self._take_report(message.event)
            else:
                raise DomainError(Trouble.INVALID, "MESSAGE_UNEXPECTED", "此处不接受该消息", "not expected here")
            if self._under_way() >= MOST_UNDER_WAY:
                await self._wait_below(MOST_UNDER_WAY)

    async def report(self) -> None:
        """Append reported decisions, whose subjects are looked up first, until cancelled."""
        while True:
            while self._reports:
                self._is_reporting = True
                await self._append(self._reports.popleft())
                self._is_reporting = False
                self._note_done()
            self._reported.clear()
            await self._reported.wait()

    async def finish(self) -> None:
        """Wait until everything taken has been answered or appended."""
        await self._wait_below(1)

    def _present(self, message: decision_pb2.Presentation) -> None:
        binding = self._binding
        if message.access_point not in binding.access_points:
            raise self._foreign(message.access_point)
        try:
            asked = asked_of(binding.site, binding.agent_id, message)
        except MalformedError as error:
            self._parts.metrics.refused(Cause.INVALID)
            self._write(Undecided(message.event_id[:36], Cause.INVALID, str(error)))
            return
        self._deciding += 1
        self._parts.deciding.decide(held_to(asked, self._parts.clock.now_ms()), self._answer)

    def _answer(self, answer: Answer) -> None:
        self._deciding -= 1
        self._write(answer)
        self._note_done()

    def _write(self, answer: Answer) -> None:
        if isinstance(answer, Undecided):
            self._outbox.put(_Response(not_decided=not_decided(answer)))
        else:
            self._outbox.put(_Response(decision=lane_decision(answer)))

    def _take_report(self, message: access_pb2.AgentEvent) -> None:
        binding = self._binding
        if message.access_point and message.access_point not in binding.access_points:
            raise self._foreign(message.access_point)
        if message.door and message.door not in binding.doors:
            raise self._foreign(message.door)
        try:
            reported = reported_of(binding.site, binding.agent_id, message)
        except MalformedError as error:
            _log.warning("report_malformed", site=binding.site, agent=binding.agent_id, fault=str(error))
            return
        if reported.decision is None:
            self._appending += 1
            self._parts.events.take(binding.site, binding.agent_id, reported).add_done_callback(self._appended)
        else:
            self._reports.append(reported)
            self._reported.set()

    def _appended(self, done: "asyncio.Future[EventAnswer]") -> None:
        """What was not appended is not acknowledged, so the agent uploads it later."""
        done.cancelled() or done.exception()
        self._appending -= 1
        self._note_done()

    async def _append(self, reported: Reported) -> None:
        with suppress(NotReadyError, StoreAwayError):
            await self._parts.events.receive(self._binding.site, self._binding.agent_id, reported)

    def _foreign(self, access_point: str) -> DomainError:
        self._parts.alarms.foreign_access_point(self._binding.site, self._binding.agent_id, access_point)
        return DomainError(
            Trouble.FORBIDDEN,
            "FOREIGN_ACCESS_POINT",
            "该通行点不属于此代理",
            "not a door of this agent",
        )

    def _under_way(self) -> int:
        return self._deciding + self._appending + len(self._reports) + self._is_reporting

    async def _wait_below(self, limit: int) -> None:
        while self._under_way() >= limit:
            self._changed = self._loop.create_future()
            await self._changed

    def _note_done(self) -> None:
        if self._changed is not None and not self._changed.done():
            self._changed.set_result(None)
