"""The edge and the centre answer alike: same records, plan, presentation, and what holds beside the plan.

Each side goes its own way. The edge keeps packed records by key and asks its decider; the presentation then crosses the
wire, and the centre finds the same packed records in its cache and judges on them. What holds beside the plan comes to
the edge over the wire, and to the centre's decisions as Redis keeps it.

What an edge does not have is left out at the centre as well, because there they may differ by design (decision record
4): presence and reservations (anti-passback), counts (occupancy), what was used once, wrong PINs in a row, and PINs
themselves, which an edge cannot verify.
"""

from dataclasses import replace
from itertools import product
from typing import Any, NamedTuple

import pytest
from harness.rulebook_strategies import (
    ANY_PLANS,
    CARD,
    IDENTIFIERS,
    INSTANTS,
    NOW_MS,
    ORDERS,
    POINTS,
    many,
    mostly,
    some,
    subjects,
)
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from menshen.access.v1.access_pb2 import EdgeHolds
from menshen_access.domain.administration import HoldSet, RaisedHold
from menshen_access.domain.circumstances import circumstances_of, decode_circumstances
from menshen_access.domain.commands import GivenOrder
from menshen_access.domain.store import LiveRead
from menshen_access.domain.subject_records import keys_of
from menshen_access.domain.threat_levels import SetThreatLevel
from menshen_access.rpc.convert import asked_of
from menshen_access.rpc.edge import holds_message
from menshen_access.subject_cache import SubjectCache
from menshen_device_agent.edge.deciding import EdgeDecider, EdgeRules
from menshen_device_agent.edge.holding import EdgeHolding, EdgeRecord, EdgeRecords
from menshen_device_agent.events import Asked
from menshen_device_agent.peers.convert import presentation_message
from menshen_device_agent.peers.edge import beside_the_plan
from menshen_rulebook.decide import decide
from menshen_rulebook.plan import SitePlan
from menshen_rulebook.records import pack
from menshen_rulebook.types import IdentifierType, LiveState, OpenReview, PinVerdict, Subject

SITE, AGENT = "north", "agent-1"
EVENT_ID = "01957b2e-0000-7000-8000-000000000001"
QUICK_WORLDS, FULL_WORLDS = 150, 2_100
SWIPES, MOMENTS = 4, 4
CASES = SWIPES * MOMENTS * len(POINTS)
"""What is asked of each world: every swipe at every access point at every moment."""


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


class Edge:
    """The agent's way."""

    def __init__(self, world: World) -> None:
        held = EdgeRecords()
        held.apply(records_of(world))
        told = EdgeHolds.FromString(holds_message(world.held).SerializeToString())
        self._holding = EdgeHolding(held, world.plan, holds_version=told.version, **beside_the_plan(SITE, told))

    def answer(self, asked: Asked, now_ms: int) -> Any:
        forever = EdgeRules(stale_after_ms=1 << 62)
        decider = EdgeDecider(SITE, AGENT, At(now_ms), lambda: self._holding, _never, _never, forever)
        given = decider.decide(asked)
        reasons = [(why.code, tuple(sorted(why.arguments))) for why in given.reasons]
        subjects_ = tuple(zip(given.subject_ids, given.subject_versions, strict=True))
        return given.outcome, reasons, subjects_, given.plan_version, given.decided_at_ms, bool(given.review_id)


class Centre:
    """The service's way, up to the commit."""

    def __init__(self, world: World) -> None:
        kept = circumstances_of(SITE, world.held)
        self._plan, self._circumstances = world.plan, decode_circumstances(kept.version, kept.encode())
        self._keys: dict[str, str | None] = {}
        self._records: dict[str, tuple[int, bytes]] = {}
        for record in records_of(world):
            self._keys |= dict.fromkeys(record.keys, record.subject_id)
            self._records[record.subject_id] = (record.version, record.record)
        self._cache = SubjectCache(len(world.people))

    def answer(self, asked: Asked, now_ms: int) -> Any:
        told = asked_of(SITE, AGENT, presentation_message(asked, epoch=1))
        if self._cache.find(told.keys) is None:
            self._cache.learn(self._read(told.keys))
        found = self._cache.find(told.keys)
        assert found is not None
        people = tuple(cached.subject for cached in found.subjects if cached.subject is not None)
        verdict = PinVerdict.UNVERIFIABLE if told.pin else PinVerdict.NONE
        shown = replace(told.presentation, pin_verdict=verdict)
        beside = self._circumstances
        live = LiveState(
            holds=beside.holds,
            holds_version=beside.version,
            stale_sources=beside.stale_sources,
            threat_levels=beside.threat_levels,
            orders=beside.orders,
        )
        decision = decide(shown, people, shown.access_point_id, self._plan, live, now_ms)
        reasons = [(reason.code, tuple(sorted(reason.arguments))) for reason in decision.reasons]
        subjects_ = tuple((one.subject_id, one.version) for one in people)
        is_reviewed = any(isinstance(effect, OpenReview) for effect in decision.effects)
        return decision.outcome, reasons, subjects_, decision.plan_version, decision.now_ms, is_reviewed

    def _read(self, keys: tuple[str, ...]) -> LiveRead:
        leads = {key: self._keys.get(key) for key in keys}
        records = {name: self._records[name] for name in leads.values() if name is not None}
        return LiveRead(1, 1, records, {}, {}, frozenset(), leads)


def _never(_: str) -> bool:
    return False


def compare(world: World) -> None:
    """Every swipe at every access point at every moment."""
    edge, centre = Edge(world), Centre(world)
    for swipe, name, now_ms in product(world.swipes, POINTS, world.moments):
        asked = replace(swipe, access_point=name)
        assert edge.answer(asked, now_ms) == centre.answer(asked, now_ms), (asked, now_ms)


def _worlds(count: int, **more: Any) -> settings:
    quietly = [HealthCheck.too_slow, HealthCheck.data_too_large]
    return settings(max_examples=count, deadline=None, suppress_health_check=quietly, **more)


@_worlds(QUICK_WORLDS)
@given(worlds)
def test_edge_and_centre_decide_alike(world: World) -> None:
    compare(world)


@pytest.mark.full
@pytest.mark.timeout(900)
def test_edge_and_centre_decide_alike_in_a_hundred_thousand_cases() -> None:
    seen = 0

    @_worlds(FULL_WORLDS, phases=(Phase.generate, Phase.shrink))
    @given(worlds)
    def compared(world: World) -> None:
        nonlocal seen
        compare(world)
        seen += CASES

    compared()

    assert seen >= 100_000
