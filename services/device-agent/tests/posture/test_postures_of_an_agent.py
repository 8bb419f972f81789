"""An agent keeps its doors as plan, holds and orders say, by its own clock, with nobody to ask."""

from pathlib import Path
from typing import Any

import pytest
from harness.patience import eventually
from menshen_device_agent.edge.file import EdgeFile
from menshen_device_agent.edge.holding import EdgeRecords
from menshen_device_agent.edge.keeping import EdgeKeeper
from menshen_device_agent.edge.opened import OpenedDays
from menshen_device_agent.events import Answer, Asked, EventKind
from menshen_device_agent.named_texts import NamedTexts
from menshen_device_agent.postures import Postures
from menshen_rulebook.plan import SitePlan, plan_from_mapping, plan_to_json
from menshen_rulebook.points import Point
from menshen_rulebook.types import Hold, HoldScope, Order, OrderKind, Outcome, Posture, PostureCause, PostureKind
from menshen_servicekit.clock import ManualClock, SystemClock

MON_08 = 1_772_409_600_000
"""2026-03-02T08:00:00+08:00, a Monday."""
HOUR_MS = 3_600_000
LOCKED, UNLOCKED, SECURED = PostureKind.LOCKED, PostureKind.UNLOCKED, PostureKind.SECURED


def a_plan(*, after_first_person: bool = False) -> SitePlan:
    point = {"from_area": "outside", "to_area": "hall", "direction": "ENTRY", "access_point_class": "PEDESTRIAN"}
    unlocked = {"access_points": ["h-in"], "schedule": "day", "after_first_person": after_first_person}
    policy = {"site": "north", "version": 7, "language": 1, "from": "2020-01-01T00:00:00+08:00"}
    return plan_from_mapping(
        {
            "site": "north",
            "version": 1,
            "areas": [{"id": "outside"}, {"id": "hall"}],
            "schedules": [{"id": "day", "intervals": [{"days": ["MON"], "opens": "08:00", "closes": "12:00"}]}],
            "access_points": [{"id": "h-in", **point, "opened_by": ["keeper"]}, {"id": "side-in", **point}],
            "policies": [{**policy, "unlocked": [unlocked]}],
        }
    )


class Stands:
    """A door that keeps what it was told."""

    def __init__(self) -> None:
        self.told: list[Posture] = []

    def stand(self, posture: Posture) -> None:
        self.told.append(posture)

    @property
    def kind(self) -> PostureKind:
        return self.told[-1].kind


class Hall:
    """Two doors of an agent whose centre is away."""

    def __init__(self, folder: Path, clock: Any, plan: SitePlan | None = None, *, current_at_ms: int = MON_08) -> None:
        self.clock = clock
        self.main, self.side = Stands(), Stands()
        no_check: Any = None
        self.keeper = EdgeKeeper(EdgeFile(folder / "edge.db"), no_check, lambda _: None, self._look)
        self.keeper.holding.plan = plan or self.keeper.holding.plan
        self.keeper.holding.current_at_ms = current_at_ms
        self.opened = OpenedDays(self._point, self._look, NamedTexts(folder / "opened.json"))
        self.postures = Postures(
            {"main": self.main, "side": self.side},
            {"main": ("h-in",), "side": ("side-in",)},
            lambda: self.keeper.holding,
            self.opened.used_ids,
            clock,
            24 * HOUR_MS,
        )

    def _look(self) -> None:
        self.postures.look()

    def _point(self, access_point: str, at_ms: int) -> Point | None:
        plan = self.keeper.holding.plan
        return plan.point(access_point, at_ms) if plan is not None else None

    def close(self) -> None:
        self.postures.close()
        self.keeper.close()


def an_order(until_ms: int, kind: OrderKind = OrderKind.HOLD_OPEN) -> Order:
    return Order("o1", "duty", "side-in", kind, until_ms)


async def test_every_door_takes_its_own_posture_at_the_start_and_when_holds_and_orders_change(tmp_path: Path) -> None:
    hall = Hall(tmp_path, ManualClock(MON_08), a_plan())
    hall.postures.start()
    begun = (hall.main.kind, hall.side.kind)

    hall.keeper.holds(1, (), orders=(an_order(MON_08 + 1),))
    ordered = (hall.main.kind, hall.side.kind)
    hall.keeper.holds(2, (Hold("h1", "duty", HoldScope.ACCESS_POINT, "h-in"),), orders=(an_order(MON_08 + 1),))
    hall.close()

    assert (begun, ordered) == ((UNLOCKED, LOCKED), (UNLOCKED, UNLOCKED))
    assert (hall.main.kind, hall.side.kind) == (SECURED, UNLOCKED)
    assert hall.main.told[-1].secured_by == (("hold", "h1"),)


async def test_an_order_ends_at_its_time_with_nobody_to_say_so(tmp_path: Path) -> None:
    clock = SystemClock()
    now_ms = clock.now_ms()
    hall = Hall(tmp_path, clock, a_plan(), current_at_ms=now_ms)
    hall.keeper.holding.orders = (an_order(now_ms + 250),)
    hall.postures.start()

    began = hall.side.kind
    await eventually(lambda: hall.side.kind is LOCKED, 5)
    ended_ms = clock.now_ms()
    hall.close()

    assert began is UNLOCKED
    assert ended_ms >= now_ms + 250


async def test_a_restarted_agent_goes_on_by_what_it_held(tmp_path: Path) -> None:
    before = Hall(tmp_path, ManualClock(MON_08))
    before.keeper.plan(1, plan_to_json(a_plan()))
    before.keeper.holds(3, (), orders=(an_order(MON_08 + HOUR_MS),))
    before.close()

    again = Hall(tmp_path, ManualClock(MON_08 + HOUR_MS - 1))
    again.postures.start()
    again.close()

    assert (again.main.kind, again.side.kind) == (UNLOCKED, UNLOCKED)


async def test_a_door_waits_for_its_first_person_and_locks_again_when_nobody_came_in(tmp_path: Path) -> None:
    hall = Hall(tmp_path, ManualClock(MON_08), a_plan(after_first_person=True))
    hall.postures.start()
    asked = Asked("e1", "h-in", MON_08, 0, (), "reader")

    before = hall.main.kind
    hall.opened.learn(asked, Answer("e1", EventKind.CENTRE, Outcome.GRANT, (), MON_08))
    opened = hall.main.kind
    hall.opened.not_taken("e1")
    hall.close()

    assert (before, opened, hall.main.kind) == (LOCKED, UNLOCKED, LOCKED)


async def test_an_opening_outlives_the_agent_that_saw_it(tmp_path: Path) -> None:
    before = Hall(tmp_path, ManualClock(MON_08), a_plan(after_first_person=True))
    before.postures.start()
    asked = Asked("e1", "h-in", MON_08, 0, (), "reader")
    before.opened.learn(asked, Answer("e1", EventKind.CENTRE, Outcome.GRANT, (), MON_08))
    before.close()

    again = Hall(tmp_path, ManualClock(MON_08), a_plan(after_first_person=True))
    again.postures.start()
    begun = again.main.kind
    again.opened.not_taken("e1")
    again.close()

    assert (begun, again.main.kind) == (UNLOCKED, LOCKED)


async def test_trouble_with_one_door_locks_it_and_leaves_the_others_alone(tmp_path: Path) -> None:
    hall = Hall(tmp_path, ManualClock(MON_08), a_plan())
    broken: Any = None
    hall.postures = Postures(
        {"main": hall.main, "side": hall.side},
        {"main": ("h-in",), "side": broken},
        lambda: hall.keeper.holding,
        hall.opened.used_ids,
        hall.clock,
        24 * HOUR_MS,
    )
    hall.postures.start()
    hall.close()

    assert (hall.main.kind, hall.side.kind) == (UNLOCKED, LOCKED)


@pytest.mark.parametrize(("age_ms", "kind"), [(24 * HOUR_MS, UNLOCKED), (24 * HOUR_MS + 1, LOCKED)])
async def test_a_stale_holding_unlocks_nothing_and_secures_all_the_same(
    tmp_path: Path, age_ms: int, kind: PostureKind
) -> None:
    hall = Hall(tmp_path, ManualClock(MON_08), a_plan(), current_at_ms=MON_08 - age_ms)
    hall.keeper.holding.orders = (an_order(MON_08 + 1, OrderKind.SECURE),)
    hall.postures.start()
    hall.close()

    assert (hall.main.kind, hall.side.kind) == (kind, SECURED)


async def test_without_a_plan_every_door_is_locked(tmp_path: Path) -> None:
    hall = Hall(tmp_path, ManualClock(MON_08))
    hall.keeper.holding.records = EdgeRecords()
    hall.postures.start()
    hall.close()

    assert [posture.cause for posture in (*hall.main.told, *hall.side.told)] == [PostureCause.NOTHING] * 2


async def test_a_closed_agent_leaves_its_doors_as_they_are(tmp_path: Path) -> None:
    hall = Hall(tmp_path, ManualClock(MON_08), a_plan())
    hall.postures.start()
    hall.postures.close()

    hall.keeper.holds(1, (Hold("h1", "duty", HoldScope.SITE, "north"),))
    hall.close()

    assert hall.main.kind is UNLOCKED
