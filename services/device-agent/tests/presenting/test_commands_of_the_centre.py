"""An operator's pulse: once for an id, not after its time, not against an interlock, and never silently undone."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import grpc
import pytest
from harness.patience import eventually
from menshen.access.v1 import access_pb2, decision_pb2
from menshen.access.v1.access_pb2_grpc import AccessServiceServicer, add_AccessServiceServicer_to_server
from menshen_device_agent.commanding import REMEMBERED, Commands, PulseCommand
from menshen_device_agent.edge.file import EdgeFile
from menshen_device_agent.edge.keeping import EdgeKeeper
from menshen_device_agent.events import EventKind
from menshen_device_agent.journal import Journal
from menshen_device_agent.peers.centre import CentreEvents, CentreLink, Greeting
from menshen_device_agent.peers.convert import encode_event, positioned
from menshen_device_agent.peers.edge import EdgeLink
from menshen_device_agent.spool import Spool
from menshen_rulebook.types import Hold, HoldScope, Order, OrderKind
from menshen_servicekit.clock import ManualClock
from menshen_servicekit.ids import Uuid7Factory

NOW_MS = 1_800_000_000_000
EVENT_ID = "0198f000-0000-7000-8000-00000000000a"


class ADoor:
    """Keeps what it was told to do."""

    def __init__(self) -> None:
        self.answers = True
        self.operated: list[tuple[str, str, str, str]] = []

    def operate(self, operator: str, reason: str, event_id: str = "", access_point: str = "") -> None:
        self.operated.append((operator, reason, event_id, access_point))


class Post:
    """One door that can be commanded, its interlock and its journal."""

    def __init__(self, folder: Path) -> None:
        self.clock = ManualClock(NOW_MS)
        self.door = ADoor()
        self.barred_by = ""
        self.spool = Spool(folder / "spool.db", self.clock.now_ms)
        journal = Journal(self.spool, self.clock, Uuid7Factory(self.clock), encode_event, lambda _: None)
        self.commands = Commands({"n-in": self.door}, journal, self.clock, lambda _: self.barred_by)

    def recorded(self) -> list[tuple[EventKind, str, dict[str, str]]]:
        found = [positioned(entry.body, 1, entry.number) for entry in self.spool.after(0, 20)]
        return [(EventKind(event.kind), event.event_id, dict(event.detail)) for event in found]


def a_command(event_id: str = EVENT_ID, access_point: str = "n-in", expires_at_ms: int = NOW_MS) -> PulseCommand:
    return PulseCommand(event_id, access_point, "duty", "parcel", expires_at_ms)


@pytest.fixture
def post(tmp_path: Path) -> Post:
    return Post(tmp_path)


def test_the_same_command_opens_once(post: Post) -> None:
    post.commands.pulse(a_command())
    post.commands.pulse(a_command())

    assert post.door.operated == [("duty", "parcel", EVENT_ID, "n-in")]


def test_ids_are_remembered_within_bounds(post: Post) -> None:
    for number in range(REMEMBERED + 1):
        post.commands.pulse(a_command(f"e{number}"))
    post.commands.pulse(a_command(f"e{REMEMBERED}"))

    assert len(post.door.operated) == REMEMBERED + 1


def _late(post: Post) -> None:
    post.clock.advance_ms(1)


def _silent(post: Post) -> None:
    post.door.answers = False


def _barred(post: Post) -> None:
    post.barred_by = "outer"


@pytest.mark.parametrize(
    ("bring_about", "detail"),
    [
        (_late, {"cause": "COMMAND_EXPIRED"}),
        (_silent, {"cause": "BOARD_SILENT"}),
        (_barred, {"cause": "INTERLOCK_OPEN", "door": "outer"}),
    ],
)
def test_what_is_not_obeyed_is_recorded_with_its_cause(
    post: Post, bring_about: Callable[[Post], None], detail: dict[str, str]
) -> None:
    bring_about(post)

    post.commands.pulse(a_command())

    assert post.door.operated == []
    assert post.recorded() == [(EventKind.NOT_TAKEN, EVENT_ID, detail)]


def test_a_command_for_another_door_opens_nothing_and_records_nothing(post: Post) -> None:
    post.commands.pulse(a_command(access_point="e-in"))

    assert (post.door.operated, post.recorded()) == ([], [])


class ACentre(AccessServiceServicer):
    """Says hello, gives one command, and streams one set of holds and orders."""

    async def Authorize(self, request_iterator: Any, context: Any) -> AsyncIterator[access_pb2.AuthorizeResponse]:
        yield access_pb2.AuthorizeResponse(welcome=access_pb2.AgentWelcome())
        pulse = access_pb2.Pulse(
            event_id=EVENT_ID, access_point="n-in", operator="duty", reason="parcel", expires_at_ms=NOW_MS
        )
        yield access_pb2.AuthorizeResponse(pulse=pulse)

    async def SyncEdge(self, request: Any, context: Any) -> AsyncIterator[access_pb2.SyncEdgeResponse]:
        secure = {"access_point": "n-in", "kind": decision_pb2.ORDER_KIND_SECURE, "until_ms": NOW_MS}
        unknown: Any = 77
        orders = [
            access_pb2.EdgeOrder(order_id="o1", origin="duty", **secure),
            access_pb2.EdgeOrder(order_id="o2", kind=unknown),
        ]
        holds = [access_pb2.EdgeHold(hold_id="h1", origin="duty", area="campus")]
        yield access_pb2.SyncEdgeResponse(holds=access_pb2.EdgeHolds(version=4, holds=holds, orders=orders))


async def test_the_streams_bring_commands_and_orders(tmp_path: Path) -> None:
    told: list[PulseCommand] = []
    server = grpc.aio.server()
    add_AccessServiceServicer_to_server(ACentre(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    no_check: Any = None
    keeper = EdgeKeeper(EdgeFile(tmp_path / "edge.db"), no_check, lambda _: None)
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        events = CentreEvents(
            recorded=lambda *_: None,
            opened=lambda *_: None,
            lost=lambda: None,
            resolved=lambda _: None,
            upload_due=lambda: None,
            refused=lambda *_: None,
            pulse=told.append,
        )
        link = CentreLink(channel, Greeting("north", ("n-in",), ("n-door",), "1"), lambda: (1, 0), events)
        for stream in (link, EdgeLink(channel, "north", keeper)):
            with pytest.raises((grpc.aio.AioRpcError, ConnectionError)):
                await stream.run()
        await eventually(lambda: told, 5)
    await server.stop(None)
    keeper.close()

    assert told == [a_command()]
    assert (keeper.holding.holds, keeper.holding.holds_version) == ((Hold("h1", "duty", HoldScope.AREA, "campus"),), 4)
    assert keeper.holding.orders == (
        Order("o1", "duty", "n-in", OrderKind.SECURE, NOW_MS),
        Order("o2", "", "", OrderKind.UNSPECIFIED, 0),
    )
