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
from typing import Any

import pytest
from harness.edge_worlds import AGENT, MOMENTS, SITE, SWIPES, At, World, held_by_edge, records_of, worlds
from harness.rulebook_strategies import POINTS
from hypothesis import HealthCheck, Phase, given, settings
from menshen_access.domain.circumstances import circumstances_of, decode_circumstances
from menshen_access.domain.store import LiveRead
from menshen_access.rpc.convert import asked_of
from menshen_access.subject_cache import SubjectCache
from menshen_device_agent.edge.deciding import EdgeDecider, EdgeRules
from menshen_device_agent.events import Asked
from menshen_device_agent.peers.convert import presentation_message
from menshen_rulebook.decide import decide
from menshen_rulebook.types import LiveState, OpenReview, PinVerdict

QUICK_WORLDS, FULL_WORLDS = 150, 2_100
CASES = SWIPES * MOMENTS * len(POINTS)
"""What is asked of each world: every swipe at every access point at every moment."""


class Edge:
    """The agent's way."""

    def __init__(self, world: World) -> None:
        self._holding = held_by_edge(world)

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
