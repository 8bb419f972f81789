"""The tripwire on a real PostgreSQL: recorded decisions before and after a change, and the alarm in the outbox."""

import itertools
import json
from collections.abc import Sequence
from typing import Any

import pytest
from menshen_access.domain.history import entry_of
from menshen_access.domain.subject_records import FeedChange, FeedPlace
from menshen_access.domain.tripwire import Change, Tally
from menshen_access.noticeboard import Noticeboard
from menshen_access.planning import Planning
from menshen_access.postgres.administration import Administration
from menshen_access.postgres.ledgers import PooledLedger
from menshen_access.postgres.notices import Notices
from menshen_access.postgres.sites import Sites
from menshen_access.postgres.subjects import Subjects
from menshen_access.postgres.tripwire import Tripwires
from menshen_access.tripwire import LOOK_S, SETTLED_MS, Tripwire
from menshen_rulebook.types import Subject, SubjectKind
from menshen_servicekit.clock import ManualClock
from menshen_servicekit.ids import Uuid7Factory
from menshen_servicekit.postgres import Pool

GRANT, DENY, SECURITY = 1, 4, 11
MINUTE_MS = 60_000
NUMBERS = itertools.count(1)
PLAN = """
areas: [{id: outside}, {id: campus}]
access_points:
  - {id: n-in, from_area: outside, to_area: campus, direction: ENTRY, access_point_class: PEDESTRIAN}
  - {id: n-out, from_area: campus, to_area: outside, direction: EXIT, access_point_class: PEDESTRIAN}
"""
POLICY = """
{{language: 1, version: 7, site: {site}, title: {{zh: 校门管理, en: Gate rules}}, from: 2025-01-01T00:00:00+08:00}}
"""


class Gate:
    """A site of a test's own: an hour of quiet decisions, one in a hundred refused, then what a test lets happen."""

    def __init__(self, pool: Pool, sites: Sites, ledger: PooledLedger, event: Any) -> None:
        self.pool = pool
        self.site = f"wired-{next(NUMBERS)}"
        self.clock = ManualClock()
        self.new_id = Uuid7Factory(self.clock)
        self.planning = Planning(Administration(pool, sites), self._publish, self.clock, self.new_id)
        self.subjects = Subjects(pool, sites)
        self.store, self._plans = Tripwires(pool), Notices(pool, sites)
        self.wire = self.keeper()
        self._ledger, self._event = ledger, event

    def keeper(self) -> Tripwire:
        """The duty of a process that has just begun."""
        return Tripwire(self.site, self.store, self._plans, Noticeboard(), self.clock, self.new_id)

    async def decide(self, granted: int, refused: int, point: str = "n-in", span_ms: int = 10_000) -> None:
        """Decisions at even times of the span that then has passed, recorded at its end."""
        entries = []
        for number in range(granted + refused):
            is_refused = number < refused
            self.clock.advance_ms(span_ms // (granted + refused))
            given = {"outcome": DENY, "reasons": [["NOT_ASSIGNED", "", DENY]]} if is_refused else {"outcome": GRANT}
            made = self._event(
                event_id=self.new_id(), site=self.site, access_point=point, at_ms=self.clock.now_ms(), **given
            )
            entries.append(entry_of(made, late=False))
        await self._ledger.append(self.site, entries, self.clock.now_ms())

    async def activate(self) -> str:
        """A policy takes force now; its id."""
        document = POLICY.format(site=self.site)
        return (await self.planning.activate_policy(self.site, document, 0, "because", "operator/li")).policy_id

    async def alarms(self) -> list[tuple[int, dict[str, str]]]:
        rows = await self.pool.fetch("SELECT kind, detail FROM alarm_outbox WHERE site = $1", self.site)
        return [(row["kind"], json.loads(row["detail"])) for row in rows]

    async def _publish(self, _site: str) -> None:
        """Decisions are given, not made."""


@pytest.fixture
async def gate(pool: Pool, sites: Sites, ledger: PooledLedger, event: Any) -> Gate:
    made = Gate(pool, sites, ledger, event)
    await made.planning.put_plan(made.site, PLAN, 0, "because", "operator/li")
    await made.decide(198, 2, span_ms=50 * MINUTE_MS)
    made.clock.advance_ms(1_000)
    return made


async def test_a_policy_that_refuses_many_is_alarmed_about_once_with_what_to_roll_back_to(gate: Gate) -> None:
    policy_id = await gate.activate()
    assert await gate.wire.look() is None
    await gate.decide(10, 15)

    trips = [await keeper.look() for keeper in (gate.wire, gate.wire, gate.keeper())]

    assert await gate.store.listed(gate.site) == trips[:1]
    assert trips[1:] == [None, None]

    ((kind, detail),) = await gate.alarms()
    assert kind == SECURITY
    assert (detail["cause"], detail["policy_id"], detail["reason_code"]) == (
        "REFUSALS_JUMPED",
        policy_id,
        "NOT_ASSIGNED",
    )
    assert (detail["plan_version"], detail["roll_back_to"]) == ("2", "1")
    assert (detail["refused_before_percent"], detail["refused_after_percent"]) == ("1.0", "60.0")


def test_looks_follow_each_other_so_closely_that_a_minute_holds_many() -> None:
    assert LOOK_S * 1000 * 4 <= MINUTE_MS


async def test_a_plan_after_which_as_many_are_refused_as_before_alarms_nobody(gate: Gate) -> None:
    await gate.planning.put_plan(gate.site, "areas: [{id: campus}]", 1, "because", "operator/li")
    await gate.decide(95, 5)

    assert await gate.wire.look() is None
    assert await gate.alarms() == []


class Counting(Tripwires):
    """Implements TripStore: notes the ends of the spans that are counted."""

    def __init__(self, pool: Pool) -> None:
        super().__init__(pool)
        self.ends: list[int] = []

    async def tally(self, site: str, exits: Sequence[str], from_ms: int, to_ms: int) -> Tally:
        self.ends.append(to_ms)
        return await super().tally(site, exits, from_ms, to_ms)


async def test_what_came_before_a_change_is_counted_until_the_recorder_has_it_and_then_no_more(gate: Gate) -> None:
    gate.store = counting = Counting(gate.pool)
    wire = gate.keeper()
    changed_ms = gate.clock.now_ms()
    await gate.activate()

    counted = []
    for passed_ms in (0, SETTLED_MS, MINUTE_MS, MINUTE_MS):
        gate.clock.advance_ms(passed_ms)
        counting.ends.clear()
        await wire.look()
        counted.append(counting.ends.count(changed_ms))

    assert counted == [1, 1, 0, 0]


async def test_refusals_that_jump_without_a_change_are_not_its_matter(gate: Gate) -> None:
    gate.clock.advance_ms(20 * MINUTE_MS)
    await gate.decide(0, 50)

    assert await gate.wire.look() is None


async def test_a_plan_is_held_responsible_for_an_hour_and_no_longer(gate: Gate) -> None:
    await gate.planning.put_plan(gate.site, "areas: [{id: campus}]", 1, "because", "operator/li")
    gate.clock.advance_ms(61 * MINUTE_MS)
    await gate.decide(0, 50)

    assert await gate.wire.look() is None


async def test_what_happens_at_exits_neither_hides_nor_makes_a_jump(gate: Gate) -> None:
    await gate.planning.put_plan(gate.site, "areas: [{id: campus}]", 1, "because", "operator/li")
    await gate.decide(400, 0, "n-out")
    await gate.decide(10, 15)

    trip = await gate.wire.look()

    assert trip is not None
    assert (trip.change.change_id, trip.after.decided) == ("plan:2", 25)


async def test_a_change_before_a_trip_is_settled_by_it(gate: Gate) -> None:
    await gate.activate()
    gate.clock.advance_ms(1_000)
    await gate.planning.put_plan(gate.site, "areas: [{id: campus}]", 2, "because", "operator/li")
    await gate.decide(10, 15)

    for _ in range(3):
        await gate.wire.look()
        await gate.decide(0, 20)

    assert len(await gate.alarms()) == 1


async def test_a_policy_that_holds_again_because_another_ended_is_not_named_as_what_to_take_back(gate: Gate) -> None:
    ends_ms = gate.clock.now_ms() + 20 * MINUTE_MS
    await gate.activate()
    passing = POLICY.format(site=gate.site).replace("version: 7", f"version: 8, to_ms: {ends_ms}")
    await gate.planning.activate_policy(gate.site, passing, 0, "because", "operator/li")
    await gate.decide(99, 1, span_ms=20 * MINUTE_MS)
    gate.clock.advance_ms(1_000)
    await gate.decide(10, 90)

    trip = await gate.wire.look()

    assert trip is not None
    assert trip.change == Change(f"policy:7:{ends_ms}", ends_ms)


async def test_a_burst_of_changed_subjects_is_a_change_without_a_plan_to_roll_back_to(gate: Gate) -> None:
    await gate.wire.look()
    changes = [
        FeedChange(f"c:{n}", 1, Subject(f"c:{n}", 0, SubjectKind.CARDHOLDER, "staff", gate.site)) for n in range(60)
    ]
    await gate.subjects.apply_changes(gate.site, changes, "identity", FeedPlace(1, 60))
    await gate.decide(10, 15)

    trip = await gate.wire.look()

    assert trip is not None
    assert (trip.change.change_id, trip.change.roll_back_to) == ("feed:0", 0)
    assert await gate.store.listed(gate.site) == [trip]
    assert "roll_back_to" not in (await gate.alarms())[0][1]
