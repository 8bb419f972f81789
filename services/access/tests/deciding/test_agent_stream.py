"""The agents' stream over mutual TLS against a real Redis."""

import asyncio
from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path
from typing import Any

import grpc
import pytest
from harness.patience import eventually
from menshen.access.v1 import access_pb2 as pb
from menshen.access.v1 import decision_pb2
from menshen.access.v1.access_pb2_grpc import AccessServiceStub, add_AccessServiceServicer_to_server
from menshen_access.domain.commands import Command, GivenCommand
from menshen_access.domain.events import SpoolPosition
from menshen_access.ports import ReviewEnd
from menshen_access.rpc.access import AccessServicer
from menshen_access.rpc.agent_stream import StreamParts
from menshen_access.rpc.authorize import AuthorizeCall, AuthorizeParts
from menshen_access.rpc.decide import DecideCall
from menshen_servicekit.authorization import Allow, AuthorizationTable
from menshen_servicekit.channel import open_channel
from menshen_servicekit.clock import SystemClock
from menshen_servicekit.identity import Role, spiffe_uri
from menshen_servicekit.pki import Authority
from menshen_servicekit.server import Service, build_server
from menshen_servicekit.telemetry import Metrics

SITE = "north"
ACCESS = "/menshen.access.v1.AccessService/"


class Background:
    """What the stream is told by the rest of the service, and what it tells."""

    def __init__(self) -> None:
        self.tells: list[Callable[[SpoolPosition], None]] = []
        self.review_tells: list[Callable[[ReviewEnd], None]] = []
        self.pulses = Pulsing()

    async def recorded(self, site: str, agent_id: str, epoch: int) -> SpoolPosition:
        return SpoolPosition(epoch, 41)

    def watch(self, site: str, whom: Any, tell: Any) -> Callable[[], None]:
        tells: list[Any] = self.review_tells if isinstance(whom, frozenset) else self.tells
        tells.append(tell)
        return lambda: tells.remove(tell) if tell in tells else None


class Pulsing:
    """What tells a stream its pulses."""

    def __init__(self) -> None:
        self.tells: list[Callable[[GivenCommand], None]] = []

    def watch(self, site: str, access_points: frozenset[str], tell: Callable[[GivenCommand], None]) -> Any:
        self.tells.append(tell)
        return lambda: self.tells.remove(tell)


class House:
    """A server with the gate behind it, and clients of it."""

    def __init__(self, gate: Any, authority: Authority, clock: SystemClock, folder: Path) -> None:
        self.gate = gate
        self.background = Background()
        self.stopping = asyncio.Event()
        self._authority = authority
        self._clock = clock
        self._channels: list[grpc.aio.Channel] = []

    async def start(self) -> None:
        gate, background = self.gate, self.background
        streams = StreamParts(gate.deciding, gate.events, gate.alarms, self._clock, gate.counted)
        parts = AuthorizeParts(
            streams, gate.views, background, background, background.pulses, gate.generations, self.stopping
        )
        authorize = AuthorizeCall(parts)
        decide = DecideCall(gate.deciding, gate.views, self._clock)
        servicer = AccessServicer(authorize, decide, decide, decide)
        agents, access = (Allow(Role.AGENT),), spiffe_uri(Role.SERVICE, "access")
        self.server = build_server(
            listen="127.0.0.1:0",
            tls=self._authority.issue("access", access, self._clock.now_ms(), dns=("access",)),
            services=[
                Service("menshen.access.v1.AccessService", partial(add_AccessServiceServicer_to_server, servicer))
            ],
            table=AuthorizationTable({ACCESS + "Authorize": agents, ACCESS + "Decide": agents}),
            metrics=Metrics(),
        )
        await self.server.start()

    def stub(self, agent: str = "north-1", site: str = SITE) -> AccessServiceStub:
        tls = self._authority.issue(f"{site}-{agent}", spiffe_uri(Role.AGENT, agent, site), self._clock.now_ms())
        channel = open_channel(self.server.address, tls, server_name="access", retry=False)
        self._channels.append(channel)
        return AccessServiceStub(channel)

    async def stream(self, **hello: Any) -> Any:
        """An accepted stream of the agent north-1; the welcome is read."""
        call = await self.opened(**hello)
        welcome = await asyncio.wait_for(call.read(), 5)
        assert welcome.WhichOneof("body") == "welcome", welcome
        return call

    async def opened(self, site: str = SITE, **hello: Any) -> Any:
        call = self.stub(site=site).Authorize(timeout=30)
        said = {"access_points": ["n-in", "n-out"], "doors": ["n-door"], "spool_epoch": 7, **hello}
        await call.write(pb.AuthorizeRequest(site=site, hello=pb.AgentHello(**said)))
        return call

    async def stop(self) -> None:
        self.stopping.set()
        for channel in self._channels:
            await channel.close()
        await self.server.stop(1)


@pytest.fixture
async def house(gate: Any, clock: SystemClock, tmp_path: Path) -> AsyncIterator[House]:
    """A serving house with one member of staff, card AA."""
    await gate.put(gate.staff("c:1", "AA"))
    made = House(gate, Authority.create(tmp_path, clock.now_ms()), clock, tmp_path)
    await made.start()
    yield made
    await made.stop()


def presentation(house: House, card: str = "AA", **changes: Any) -> pb.AuthorizeRequest:
    given = {
        "event_id": house.gate.new_id(),
        "access_point": "n-in",
        "identifiers": [decision_pb2.Identifier(type=decision_pb2.IDENTIFIER_TYPE_CARD, value=card)],
        "at_ms": house.gate.clock.now_ms(),
        "spool": decision_pb2.SpoolPosition(epoch=7, number=42),
    }
    return pb.AuthorizeRequest(site=SITE, presentation=decision_pb2.Presentation(**{**given, **changes}))


async def read(call: Any) -> Any:
    return await asyncio.wait_for(call.read(), 5)


async def failure(call: Any) -> tuple[grpc.StatusCode, str]:
    """How a stream ended."""
    code = await asyncio.wait_for(call.code(), 5)
    return code, await call.details()


async def test_an_agent_is_asked_for_its_tail_when_a_generation_ends_and_when_one_is_in_force(house: House) -> None:
    stream = await house.stream()

    house.gate.generations.doubt(SITE)
    ended = await read(stream)
    await house.gate.generations.inspect(SITE)
    in_force = await read(stream)

    assert [message.WhichOneof("body") for message in (ended, in_force)] == ["upload_due", "upload_due"]


async def test_a_presentation_on_the_stream_is_decided(house: House) -> None:
    call = await house.stream()
    request = presentation(house)

    await call.write(request)
    decision = (await read(call)).decision

    assert decision.event_id == request.presentation.event_id
    assert decision.outcome == decision_pb2.OUTCOME_GRANT
    assert list(decision.subject_ids) == ["c:1"]
    assert decision.kind == decision_pb2.EVENT_KIND_CENTRE


async def test_the_welcome_names_the_watermark_and_the_time(house: House) -> None:
    call = await house.opened()

    welcome = (await read(call)).welcome

    assert (welcome.recorded.epoch, welcome.recorded.number) == (7, 41)
    assert abs(welcome.now_ms - house.gate.clock.now_ms()) < 10_000


async def test_many_presentations_are_under_way_at_once_and_each_is_answered_once(house: House) -> None:
    call = await house.stream()
    requests = [presentation(house, f"F{number:03X}") for number in range(600)]

    async def write() -> None:
        for request in requests:
            await call.write(request)

    writing = asyncio.create_task(write())
    answered = [(await read(call)).decision.event_id for _ in requests]
    await writing

    assert sorted(answered) == sorted(request.presentation.event_id for request in requests)


@pytest.mark.parametrize(
    ("hello", "names"),
    [
        ({"access_points": ["n-in", "x-in"]}, "x-in"),
        ({"doors": ["n-door", "x-door"]}, "x-door"),
        ({"doors": []}, "n-door"),
    ],
    ids=["unknown access point", "unknown door", "door left out"],
)
async def test_a_hello_that_does_not_match_the_plan_is_refused_by_name(
    house: House, hello: dict[str, Any], names: str
) -> None:
    code, details = await failure(await house.opened(**hello))

    assert code is grpc.StatusCode.FAILED_PRECONDITION
    assert names in details


async def test_an_access_point_added_to_the_plan_is_accepted_at_once(house: House) -> None:
    await house.stream()
    wider = house.gate.plan(2)
    await house.gate.put_plan(wider)

    call = await house.stream(access_points=["n-in", "l-in"], doors=["n-door", "l-door"])

    await call.write(presentation(house, access_point="l-in"))
    assert (await read(call)).decision.plan_version == 2


async def test_a_foreign_access_point_ends_the_stream_and_is_told(house: House) -> None:
    call = await house.stream()

    await call.write(presentation(house, access_point="l-in"))

    assert (await failure(call))[0] is grpc.StatusCode.PERMISSION_DENIED
    assert house.gate.alarms.foreign == [(SITE, "north-1", "l-in")]


async def test_another_site_than_the_certificates_is_refused(house: House) -> None:
    call = await house.stream()

    request = presentation(house)
    request.site = "east"
    await call.write(request)

    assert (await failure(call))[0] is grpc.StatusCode.PERMISSION_DENIED


async def test_a_stream_without_a_hello_is_refused(house: House) -> None:
    call = house.stub().Authorize(timeout=30)

    await call.write(presentation(house))

    assert (await failure(call))[0] is grpc.StatusCode.INVALID_ARGUMENT


@pytest.mark.parametrize(
    "changes",
    [
        {"event_id": "not-a-uuid"},
        {"event_id": "00000000-0000-7000-8000-000000000000"},
        {"identifiers": [decision_pb2.Identifier(type=99, value="AA")]},  # type: ignore[arg-type]
        {"identifiers": [decision_pb2.Identifier(type=decision_pb2.IDENTIFIER_TYPE_CARD, value="")]},
        {"reader": "r" * 1000},
    ],
    ids=["no uuid", "another century", "unknown type", "empty value", "too long"],
)
async def test_a_malformed_presentation_is_answered_and_the_stream_goes_on(
    house: House, changes: dict[str, Any]
) -> None:
    call = await house.stream()

    await call.write(presentation(house, **changes))
    refused = (await read(call)).not_decided
    await call.write(presentation(house))
    decided = (await read(call)).decision

    assert refused.cause == pb.NOT_DECIDED_CAUSE_INVALID
    assert refused.detail
    assert decided.outcome == decision_pb2.OUTCOME_GRANT


async def test_while_redis_is_rebuilt_a_presentation_is_not_decided(house: House) -> None:
    call = await house.stream()
    generations = house.gate.generations
    await generations.begin(SITE, await generations.inspect(SITE))

    assert (await read(call)).WhichOneof("body") == "upload_due"
    await call.write(presentation(house))

    assert (await read(call)).not_decided.cause == pb.NOT_DECIDED_CAUSE_NOT_READY


async def test_a_passage_reported_on_the_stream_moves_the_register(house: House) -> None:
    call = await house.stream()
    request = presentation(house)
    await call.write(request)
    await read(call)

    taken = pb.AgentEvent(
        event_id=request.presentation.event_id,
        kind=decision_pb2.EVENT_KIND_TAKEN,
        access_point="n-in",
        at_ms=house.gate.clock.now_ms(),
        spool=decision_pb2.SpoolPosition(epoch=7, number=43),
    )
    await call.write(pb.AuthorizeRequest(site=SITE, event=taken))

    async def inside() -> bool:
        counts = await house.gate.projection.occupancy(SITE, ["campus"], house.gate.clock.now_ms())
        return bool(counts["campus"] == (1, 0))

    await eventually(inside)


async def test_a_pulse_reaches_the_agent_with_who_why_and_until_when(house: House) -> None:
    call = await house.stream()

    [tell] = house.background.pulses.tells
    tell(GivenCommand("event-7", "n-in", Command.PULSE, "operator/li", "a courier", 1_000, 3_000))
    told = await asyncio.wait_for(call.read(), 5)
    await call.done_writing()
    await asyncio.wait_for(call.read(), 5)

    pulse = told.pulse
    assert (pulse.event_id, pulse.access_point, pulse.operator, pulse.reason, pulse.expires_at_ms) == (
        "event-7",
        "n-in",
        "operator/li",
        "a courier",
        3_000,
    )
    await eventually(lambda: not house.background.pulses.tells)


async def test_watermarks_and_ends_of_reviews_reach_the_agent(house: House) -> None:
    call = await house.stream()

    house.background.tells[0](SpoolPosition(7, 44))
    house.background.review_tells[0](ReviewEnd("review-1", "event-1", "n-in", opens=True))
    messages = [await read(call), await read(call)]

    told = {message.WhichOneof("body"): message for message in messages}
    assert told["acknowledgement"].acknowledgement.recorded.number == 44
    assert (told["review"].review.review_id, told["review"].review.open) == ("review-1", True)


async def test_a_stream_ends_cleanly_when_the_agent_leaves(house: House) -> None:
    call = await house.stream()
    await call.write(presentation(house))

    await call.done_writing()
    messages = [await read(call), await read(call)]

    assert messages[0].decision.outcome == decision_pb2.OUTCOME_GRANT
    assert messages[1] is grpc.aio.EOF
    assert await call.code() is grpc.StatusCode.OK
    await eventually(lambda: not house.background.tells)


async def test_a_stream_ends_cleanly_at_shutdown_with_its_last_answers_written(house: House) -> None:
    call = await house.stream()
    await call.write(presentation(house))
    await read(call)

    house.stopping.set()

    assert await read(call) is grpc.aio.EOF
    assert await call.code() is grpc.StatusCode.OK


async def test_a_unary_decision_brings_the_texts(house: House) -> None:
    request = presentation(house, card="FFFF").presentation

    response = await house.stub().Decide(pb.DecideRequest(site=SITE, presentation=request), timeout=5)

    assert response.decision.outcome == decision_pb2.OUTCOME_DENY
    assert response.decision.reasons[0].holder.zh
    assert response.decision.reasons[0].guard.en


async def test_a_unary_presentation_that_is_malformed_names_the_field(house: House) -> None:
    request = presentation(house, event_id="no").presentation

    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await house.stub().Decide(pb.DecideRequest(site=SITE, presentation=request), timeout=5)

    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert "event_id" in (caught.value.details() or "")
