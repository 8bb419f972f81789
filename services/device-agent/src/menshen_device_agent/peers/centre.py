"""The one open stream to the access service: presentations and events up; decisions, watermarks and reviews down."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

import grpc
import structlog
from menshen.access.v1 import access_pb2
from menshen.access.v1.access_pb2_grpc import AccessServiceStub

from menshen_device_agent.commanding import PulseCommand
from menshen_device_agent.events import Answer, Asked
from menshen_device_agent.journal import Entry
from menshen_device_agent.peers.convert import answer_of, event_message, presentation_message

_log = structlog.get_logger(__name__)

OUTBOX_LIMIT = 1_000
OPEN_TIMEOUT_S = 5.0
REFUSALS = frozenset(
    {
        grpc.StatusCode.PERMISSION_DENIED,
        grpc.StatusCode.UNAUTHENTICATED,
        grpc.StatusCode.FAILED_PRECONDITION,
        grpc.StatusCode.INVALID_ARGUMENT,
    }
)
"""What says that trying again changes nothing: a person must look at the certificate or the configuration."""


@dataclass(frozen=True, slots=True)
class Greeting:
    """What the agent says of itself when the stream opens."""

    site: str
    access_points: tuple[str, ...]
    doors: tuple[str, ...]
    rulebook: str


@dataclass(frozen=True, slots=True)
class Resolution:
    """A review ended."""

    review_id: str
    event_id: str
    access_point: str
    opens: bool


@dataclass(frozen=True, slots=True)
class CentreEvents:
    """Whom the link tells. Calls come on the event loop and must neither wait nor raise."""

    recorded: Callable[[int, int], None]
    """(epoch, number): everything up to it is in PostgreSQL."""
    opened: Callable[[int, int], None]
    """(epoch, number): the stream is open and the centre knows this much."""
    lost: Callable[[], None]
    """The stream broke."""
    resolved: Callable[[Resolution], None]
    """A review ended."""
    upload_due: Callable[[], None]
    """The centre may have lost what it has not acknowledged."""
    refused: Callable[[str, str], None]
    """(status, why): the centre does not accept this agent."""
    pulse: Callable[[PulseCommand], None]
    """An operator lets somebody pass once."""


class CentreLink:
    """Owns the stream while `run` runs. What cannot be sent is not kept here: the spool has it."""

    def __init__(
        self,
        channel: grpc.aio.Channel,
        greeting: Greeting,
        spool_position: Callable[[], tuple[int, int]],
        events: CentreEvents,
    ) -> None:
        self._stub = AccessServiceStub(channel)
        self._greeting = greeting
        self._position = spool_position
        self._events = events
        self._outbox: deque[access_pb2.AuthorizeRequest] = deque()
        self._outgoing = asyncio.Event()
        self._waiting: dict[str, asyncio.Future[Answer | None]] = {}
        self.online = False

    async def decide(self, asked: Asked) -> Answer | None:
        """Ask; None at once while the stream is not open, and as soon as the centre says it will not decide."""
        if not self.online or len(self._outbox) >= OUTBOX_LIMIT:
            return None
        answer: asyncio.Future[Answer | None] = asyncio.get_running_loop().create_future()
        self._waiting[asked.event_id] = answer
        epoch, _ = self._position()
        self._send(
            access_pb2.AuthorizeRequest(site=self._greeting.site, presentation=presentation_message(asked, epoch))
        )
        try:
            return await answer
        finally:
            self._waiting.pop(asked.event_id, None)

    def report(self, entry: Entry) -> None:
        """Send an event on if the stream is open and has room."""
        if not self.online or len(self._outbox) >= OUTBOX_LIMIT:
            return
        message = event_message(entry.event)
        message.spool.epoch, message.spool.number = self._position()[0], entry.number
        self._send(access_pb2.AuthorizeRequest(site=self._greeting.site, event=message))

    async def run(self) -> None:
        """Hold one stream until it breaks, which raises; whoever owns the link runs it again, after a pause."""
        call = self._stub.Authorize(self._requests(), wait_for_ready=False)
        try:
            async with asyncio.timeout(OPEN_TIMEOUT_S):
                first = await call.read()
            if not isinstance(first, access_pb2.AuthorizeResponse):
                raise ConnectionError("the stream ended before it began")
            self._open(first.welcome)
            # grpc refuses to iterate over a call that was read from.
            while isinstance(response := await call.read(), access_pb2.AuthorizeResponse):
                self._take(response)
            raise ConnectionError("the stream ended")
        except grpc.aio.AioRpcError as error:
            if error.code() in REFUSALS:
                self._events.refused(error.code().name, error.details() or "")
            raise
        finally:
            call.cancel()
            self._close()

    async def _requests(self) -> AsyncIterator[access_pb2.AuthorizeRequest]:
        yield self._hello()
        while True:
            await self._outgoing.wait()
            while self._outbox:
                yield self._outbox.popleft()
            self._outgoing.clear()

    def _hello(self) -> access_pb2.AuthorizeRequest:
        epoch, number = self._position()
        return access_pb2.AuthorizeRequest(
            site=self._greeting.site,
            hello=access_pb2.AgentHello(
                spool_epoch=epoch,
                spool_number=number,
                access_points=self._greeting.access_points,
                doors=self._greeting.doors,
                rulebook=self._greeting.rulebook,
            ),
        )

    def _send(self, request: access_pb2.AuthorizeRequest) -> None:
        self._outbox.append(request)
        self._outgoing.set()

    def _open(self, welcome: access_pb2.AgentWelcome) -> None:
        self.online = True
        _log.info("centre_online", recorded=welcome.recorded.number)
        self._events.opened(welcome.recorded.epoch, welcome.recorded.number)

    def _close(self) -> None:
        was_online, self.online = self.online, False
        self._outbox.clear()
        self._outgoing.clear()
        for answer in self._waiting.values():
            if not answer.done():
                answer.set_result(None)
        if was_online:
            _log.warning("centre_offline")
            self._events.lost()

    def _take(self, response: access_pb2.AuthorizeResponse) -> None:
        body = response.WhichOneof("body")
        if body == "decision":
            self._answer(response.decision.event_id, answer_of(response.decision))
        elif body == "not_decided":
            _log.warning("centre_did_not_decide", cause=int(response.not_decided.cause))
            self._answer(response.not_decided.event_id, None)
        elif body == "acknowledgement":
            recorded = response.acknowledgement.recorded
            self._events.recorded(recorded.epoch, recorded.number)
        elif body == "review":
            review = response.review
            self._events.resolved(Resolution(review.review_id, review.event_id, review.access_point, review.open))
        elif body == "upload_due":
            self._events.upload_due()
        elif body == "pulse":
            self._events.pulse(_pulse(response.pulse))

    def _answer(self, event_id: str, answer: Answer | None) -> None:
        waiting = self._waiting.get(event_id)
        if waiting is not None and not waiting.done():
            waiting.set_result(answer)


def _pulse(message: access_pb2.Pulse) -> PulseCommand:
    return PulseCommand(message.event_id, message.access_point, message.operator, message.reason, message.expires_at_ms)
