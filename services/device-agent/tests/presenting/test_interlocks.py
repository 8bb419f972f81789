"""Of the doors of an interlock at most one is open, whatever was decided; nobody is kept in for it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from harness.patience import eventually
from menshen_device_agent.events import Answer, Asked, EventKind
from menshen_device_agent.interlocking import Interlocks
from menshen_device_agent.journal import Journal
from menshen_device_agent.peers.convert import encode_event, positioned
from menshen_device_agent.presenting import Presenter, Shown
from menshen_device_agent.reviewing import Reviews
from menshen_device_agent.spool import Spool
from menshen_rulebook.plan import SitePlan, plan_from_mapping
from menshen_rulebook.types import Identifier, IdentifierType, Outcome
from menshen_servicekit.clock import SystemClock
from menshen_servicekit.ids import Uuid7Factory

CARD = (Identifier(IdentifierType.CARD, "A1"),)


def a_plan() -> SitePlan:
    """A mantrap of two doors, and a door beside it."""
    common = {"from_area": "campus", "to_area": "vault", "direction": "INNER", "access_point_class": "PEDESTRIAN"}
    return plan_from_mapping(
        {
            "site": "north",
            "version": 1,
            "areas": [{"id": "campus"}, {"id": "vault"}],
            "doors": [
                {"id": "outer", "interlock": "mantrap"},
                {"id": "inner", "interlock": "mantrap"},
                {"id": "side"},
            ],
            "access_points": [
                {"id": "outer-in", "door": "outer", **common},
                {"id": "inner-in", "door": "inner", **common},
                {"id": "side-in", "door": "side", **common},
            ],
        }
    )


@dataclass
class ADoor:
    """What the sensors of a door tell."""

    stands_shut: bool = True
    is_released: bool = False


def interlocks(way_out: str = "", **doors: ADoor) -> Interlocks:
    plan = a_plan()
    known = {"outer": ADoor(), "inner": ADoor(), "side": ADoor(), **doors}
    return Interlocks(lambda: plan, known, lambda access_point: access_point == way_out)


def test_a_door_is_barred_while_the_other_one_of_its_interlock_does_not_stand_shut() -> None:
    found = interlocks(outer=ADoor(stands_shut=False))

    assert (found.open_doors("inner-in"), found.bars("inner-in")) == (("outer",), "outer")
    assert (found.open_doors("outer-in"), found.bars("outer-in")) == ((), "")


def test_a_door_outside_the_interlock_neither_bars_nor_is_barred() -> None:
    found = interlocks(outer=ADoor(stands_shut=False), side=ADoor(stands_shut=False))

    assert found.open_doors("side-in") == ()
    assert found.open_doors("inner-in") == ("outer",)


def test_a_way_out_is_told_of_the_open_door_and_not_barred() -> None:
    found = interlocks("inner-in", outer=ADoor(stands_shut=False))

    assert (found.open_doors("inner-in"), found.bars("inner-in")) == (("outer",), "")


@pytest.mark.parametrize("released", ["outer", "inner"])
def test_a_release_of_any_of_its_doors_suspends_the_interlock(released: str) -> None:
    shut = {"outer": ADoor(stands_shut=False), "inner": ADoor(stands_shut=False)}
    shut[released].is_released = True
    found = interlocks(**shut)

    assert [found.bars(access_point) for access_point in ("outer-in", "inner-in")] == ["", ""]


def test_a_door_that_is_driven_elsewhere_cannot_be_told_shut() -> None:
    plan = a_plan()
    found = Interlocks(lambda: plan, {"inner": ADoor()}, lambda _: False)

    assert found.open_doors("inner-in") == ("outer",)


class ACentre:
    """Opens the other door just before it answers, as happens when two present at once."""

    def __init__(self, other: ADoor, outcome: Outcome) -> None:
        self.other = other
        self.outcome = outcome
        self.asked: list[Asked] = []

    async def decide(self, asked: Asked) -> Answer:
        self.asked.append(asked)
        self.other.stands_shut = False
        return Answer(asked.event_id, EventKind.CENTRE, self.outcome, (), asked.at_ms, review_id=asked.event_id)


class Mantrap:
    """The inner door of the mantrap, with everything a presentation needs."""

    def __init__(self, folder: Path, outcome: Outcome = Outcome.GRANT, way_out: str = "") -> None:
        clock = SystemClock()
        self.other = ADoor()
        self.centre = ACentre(self.other, outcome)
        self.spool = Spool(folder / "spool.db", clock.now_ms)
        self.granted: list[str] = []
        self.shown: list[Shown] = []
        new_id = Uuid7Factory(clock)
        journal = Journal(self.spool, clock, new_id, encode_event, lambda _: None)
        found = interlocks(way_out, outer=self.other)
        self.reviews = Reviews(journal, lambda _: False, 60.0, bars=found.bars)
        self._presenter = Presenter(
            clock, new_id, journal, self.centre, _never, self.reviews.hold, interlocks=found, deadline_s=5
        )

    def grant(self, asked: Asked, _answer: Answer) -> None:
        self.granted.append(asked.event_id)

    async def present(self) -> Shown:
        before = len(self.shown)
        self._presenter.present("inner-in", CARD, "reader", self, self.shown.append)
        await eventually(lambda: len(self.shown) > before)
        return self.shown[-1]

    def spooled(self) -> list[Any]:
        return [positioned(entry.body, 1, entry.number) for entry in self.spool.after(0, 20)]


def _never(_asked: Asked) -> Answer:
    raise AssertionError("the centre answers")


async def test_what_stands_open_goes_with_the_presentation(tmp_path: Path) -> None:
    mantrap = Mantrap(tmp_path)
    await mantrap.present()
    await mantrap.present()

    assert [asked.open_interlock_doors for asked in mantrap.centre.asked] == [(), ("outer",)]


async def test_a_lock_does_not_obey_a_grant_when_the_other_door_opened_meanwhile(tmp_path: Path) -> None:
    mantrap = Mantrap(tmp_path)

    shown = await mantrap.present()

    assert mantrap.granted == []
    assert (shown.answer.outcome, shown.answer.reasons[0].code) == (Outcome.DENY, "INTERLOCK_OPEN")
    assert [event.kind for event in mantrap.spooled()] == [EventKind.CENTRE, EventKind.NOT_TAKEN]
    assert dict(mantrap.spooled()[1].detail) == {"cause": "INTERLOCK_OPEN", "door": "outer"}


async def test_at_a_way_out_the_lock_obeys_all_the_same(tmp_path: Path) -> None:
    mantrap = Mantrap(tmp_path, way_out="inner-in")

    shown = await mantrap.present()

    assert mantrap.granted == [shown.asked.event_id]


async def test_a_guards_pass_waits_for_the_other_door_too(tmp_path: Path) -> None:
    mantrap = Mantrap(tmp_path, Outcome.MANUAL_REVIEW)
    shown = await mantrap.present()

    mantrap.reviews.resolved(shown.asked.event_id, opens=True)

    assert mantrap.granted == []
    assert mantrap.shown[-1].answer.reasons[0].code == "INTERLOCK_OPEN"
