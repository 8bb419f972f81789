"""An agent's stream to one process, without doors: presentations out, decisions back, passages reported."""

import asyncio
import itertools
from collections.abc import Callable, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Any

import grpc
from menshen.access.v1 import access_pb2, decision_pb2
from menshen.access.v1.access_pb2_grpc import AccessServiceStub
from menshen_cli.local.suite import Suite
from menshen_rulebook.policy import LANGUAGE
from menshen_rulebook.records import SCHEMA
from menshen_servicekit.clock import SystemClock
from menshen_servicekit.identity import Role, spiffe_uri

CLOCK = SystemClock()
OPENS = (decision_pb2.OUTCOME_GRANT, decision_pb2.OUTCOME_GRANT_WITH_REMINDER)


class AgentStream:
    """`async with` opens and closes it. `sent` are the events that a history must hold, as (event id, kind).

    `pulses` are those the centre sent.
    """

    def __init__(
        self,
        suite: Suite,
        process: str,
        agent_id: str,
        site: str,
        points: Sequence[str],
        doors: Sequence[str] = (),
    ) -> None:
        self._stub = AccessServiceStub(suite.channel(process, spiffe_uri(Role.AGENT, agent_id, site), retry=False))
        self._site = site
        self._points = points
        self._doors = doors
        self._numbers = itertools.count(1)
        self._writing = asyncio.Lock()
        self._waiting: dict[str, asyncio.Future[decision_pb2.Decision]] = {}
        self.sent: set[tuple[str, int]] = set()
        self.pulses: asyncio.Queue[access_pb2.Pulse] = asyncio.Queue()

    async def __aenter__(self) -> "AgentStream":
        self._call = self._stub.Authorize()
        hello = access_pb2.AgentHello(spool_epoch=1, access_points=self._points, doors=self._doors)
        await self._call.write(access_pb2.AuthorizeRequest(site=self._site, hello=hello))
        welcome = await self._call.read()
        assert welcome.WhichOneof("body") == "welcome", welcome
        self._reading = asyncio.create_task(self._read())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._call.done_writing()
        self._reading.cancel()
        with suppress(asyncio.CancelledError):
            await self._reading
        self._call.cancel()

    async def present(self, access_point: str, card: str, event_id: str, *, pin: str = "") -> decision_pb2.Decision:
        """The decision; asked again, under the same id, as long as the centre does not decide."""
        shown = decision_pb2.Presentation(
            event_id=event_id,
            access_point=access_point,
            identifiers=[decision_pb2.Identifier(type=decision_pb2.IDENTIFIER_TYPE_CARD, value=card)],
            at_ms=CLOCK.now_ms(),
            spool=self._place(),
            pin=pin,
        )
        async with asyncio.timeout(30):
            while True:
                answered = self._waiting[event_id] = asyncio.get_running_loop().create_future()
                await self._write(access_pb2.AuthorizeRequest(site=self._site, presentation=shown))
                with suppress(_UndecidedError):
                    decision: decision_pb2.Decision = await answered
                    self.sent.add((event_id, decision_pb2.EVENT_KIND_CENTRE))
                    return decision

    async def report(self, event_id: str, kind: Any, access_point: str, door: str = "", **detail: str) -> None:
        """What became of a grant, or what happened at a door."""
        obeyed = decision_pb2.EVENT_KIND_CENTRE if kind == decision_pb2.EVENT_KIND_ACTED else 0
        event = access_pb2.AgentEvent(
            event_id=event_id,
            kind=kind,
            access_point=access_point,
            door=door,
            detail=detail,
            at_ms=CLOCK.now_ms(),
            spool=self._place(),
            obeyed=obeyed,  # type: ignore[arg-type]  # zero is UNSPECIFIED
        )
        self.sent.add((event_id, kind))
        await self._write(access_pb2.AuthorizeRequest(site=self._site, event=event))

    async def held(self, wanted: Callable[[access_pb2.EdgeHolds], bool]) -> access_pb2.EdgeHolds:
        """What holds for the site, as an edge is told, once it is as wanted."""
        request = access_pb2.SyncEdgeRequest(site=self._site, record_schema=SCHEMA, policy_language=LANGUAGE)
        async with asyncio.timeout(10):
            async for response in self._stub.SyncEdge(request):
                if response.WhichOneof("body") == "holds" and wanted(response.holds):
                    return response.holds
        raise AssertionError("the stream to the edge ended")

    async def _write(self, message: access_pb2.AuthorizeRequest) -> None:
        async with self._writing:
            await self._call.write(message)

    def _place(self) -> decision_pb2.SpoolPosition:
        return decision_pb2.SpoolPosition(epoch=1, number=next(self._numbers))

    async def _read(self) -> None:
        while (message := await self._call.read()) is not grpc.aio.EOF:
            body = message.WhichOneof("body")
            if body == "decision":
                self._waiting.pop(message.decision.event_id).set_result(message.decision)
            elif body == "pulse":
                self.pulses.put_nowait(message.pulse)
            elif body == "not_decided":
                self._waiting.pop(message.not_decided.event_id).set_exception(_UndecidedError())


class _UndecidedError(Exception):
    """The centre did not decide."""
