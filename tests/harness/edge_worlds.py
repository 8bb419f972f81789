"""Random sites as an agent and the centre hold them, and what is presented there."""

from dataclasses import replace
from typing import NamedTuple

from hypothesis import strategies as st
from menshen.access.v1.access_pb2 import EdgeHolds
from menshen_access.domain.administration import HoldSet, RaisedHold
from menshen_access.domain.commands import GivenOrder
from menshen_access.domain.events import EventPayload, SpoolPosition, decode
from menshen_access.domain.reported import reported_event
from menshen_access.domain.subject_records import keys_of
from menshen_access.domain.threat_levels import SetThreatLevel
from menshen_access.rpc.convert import reported_of
from menshen_access.rpc.edge import holds_message
from menshen_device_agent.edge.deciding import EdgeDecider, EdgeRules
from menshen_device_agent.edge.holding import EdgeHolding, EdgeRecord, EdgeRecords
from menshen_device_agent.events import AgentEvent, Asked, EventKind
from menshen_device_agent.peers.convert import encode_event, positioned
from menshen_device_agent.peers.edge import beside_the_plan
from menshen_rulebook.plan import SitePlan
from menshen_rulebook.records import pack
from menshen_rulebook.types import IdentifierType, Subject

from harness.rulebook_strategies import (
    ANY_PLANS,
    CARD,
    IDENTIFIERS,
    INSTANTS,
    NOW_MS,
    ORDERS,
    many,
    mostly,
    some,
    subjects,
)

SITE, AGENT = "north", "agent-1"
EVENT_ID = "01957b2e-0000-7000-8000-000000000001"
SWIPES, MOMENTS = 4, 4
DAY_MS = 86_400_000


class World(NamedTuple):
    """What both sides hold, and what is asked of them."""

    plan: SitePlan
    people: tuple[Subject, ...]
    held: HoldSet
    swipes: tuple[Asked, ...]
    moments: tuple[int, ...]


class At:
    """A clock that stands."""

    def __init__(self, now_ms: int) -> None:
        self._now_ms = now_ms

    def now_ms(self) -> int:
        return self._now_ms

    def monotonic(self) -> float:
        return self._now_ms / 1000


known = IDENTIFIERS.filter(lambda identifier: identifier.type is not IdentifierType.UNSPECIFIED)
"""Every identifier a driver reads has a type; the centre refuses others before it decides."""

swipes = st.builds(
    Asked,
    st.just(EVENT_ID),
    st.just(""),
    INSTANTS,
    st.just(5),
    mostly((CARD,), many(known)),
    st.just("reader-1"),
    st.sampled_from([None, "AA", "CC"]),
    mostly("", st.just("2468")),
    st.none() | st.floats(35, 40),
    st.sampled_from(["", "A", "B"]),
)
holds = st.builds(
    RaisedHold,
    st.just("h"),
    st.just("o"),
    st.sampled_from(["", "campus", "library"]),
    mostly("", st.just("p1")),
    st.just("why"),
    st.just(NOW_MS),
)
levels = st.builds(
    SetThreatLevel,
    st.sampled_from(["", "campus", "library"]),
    st.integers(1, 3),
    st.just("o"),
    st.just("why"),
    st.just(NOW_MS),
)
orders = ORDERS.map(
    lambda one: GivenOrder(one.order_id, one.access_point_id, one.kind, one.origin, "", 0, one.until_ms)
)
helds = st.builds(
    HoldSet,
    st.just(5),
    mostly((), many(holds)),
    many(levels),
    some(st.sampled_from(["hr", "clinic", "office"])),
    mostly((), many(orders)),
)
worlds = st.builds(
    World,
    ANY_PLANS,
    st.tuples(subjects("c:1"), subjects("v:2"), subjects("c:3")) | st.tuples(subjects("c:1")),
    helds,
    st.tuples(*[swipes] * SWIPES),
    st.tuples(st.just(NOW_MS), *[st.integers(NOW_MS - 90_000_000, NOW_MS + 90_000_000) | INSTANTS] * (MOMENTS - 1)),
)


def records_of(world: World) -> list[EdgeRecord]:
    """The packed records as projected, for both sides."""
    return [EdgeRecord(one.subject_id, one.version, pack(one), keys_of(one)) for one in world.people]


def held_by_edge(world: World) -> EdgeHolding:
    """What the agent holds of it; what stands beside the plan has crossed the wire."""
    held = EdgeRecords()
    held.apply(records_of(world))
    told = EdgeHolds.FromString(holds_message(world.held).SerializeToString())
    return EdgeHolding(held, world.plan, holds_version=told.version, **beside_the_plan(SITE, told))


class Gate(NamedTuple):
    """How a gate stands that is cut off."""

    age_ms: int
    has_plan: bool = True
    released: bool = False
    wired_exit: bool = False
    used: frozenset[str] = frozenset()
    opened: frozenset[str] = frozenset()


def decided(world: World, gate: Gate, asked: Asked) -> bytes:
    """The spool's entry of a decision that such a gate makes alone at NOW_MS."""
    holding = held_by_edge(world)
    holding.current_at_ms = NOW_MS - gate.age_ms
    holding.plan = holding.plan if gate.has_plan else None
    return entry(holding, gate, asked)


def entry(holding: EdgeHolding, gate: Gate, asked: Asked) -> bytes:
    """The same on a holding of one's own."""
    decider = EdgeDecider(
        SITE,
        AGENT,
        At(NOW_MS),
        lambda: holding,
        lambda _: gate.released,
        lambda _: gate.wired_exit,
        EdgeRules(stale_after_ms=DAY_MS),
        lambda _: gate.opened,
        lambda _: gate.used,
    )
    answer = decider.decide(asked)
    kind, shown = EventKind.EDGE, replace(asked, pin="")
    return encode_event(
        AgentEvent(asked.event_id, kind, asked.at_ms, 5, asked.access_point, asked=shown, answer=answer)
    )


def recorded(body: bytes) -> EventPayload:
    """The event that the history keeps of an entry."""
    reported = reported_of(SITE, AGENT, positioned(body, 7, 1))
    assert reported.spool == SpoolPosition(7, 1)
    return decode(reported_event(SITE, AGENT, reported, (), ()).encode())
