"""The same card again within the time is one presentation: asked once, opened once, shown again."""

from dataclasses import replace
from pathlib import Path

import pytest
from harness.patience import eventually
from menshen_device_agent.events import Answer, Asked, EventKind
from menshen_device_agent.journal import Journal
from menshen_device_agent.peers.convert import encode_event
from menshen_device_agent.presenting import Presenter, Shown
from menshen_device_agent.repeating import LIMIT, Repeats
from menshen_device_agent.spool import Spool
from menshen_rulebook.plan import plan_from_mapping
from menshen_rulebook.types import Identifier, IdentifierType, Outcome
from menshen_servicekit.clock import SystemClock
from menshen_servicekit.ids import Uuid7Factory

CARD = (Identifier(IdentifierType.CARD, "A1"),)
OTHER = (Identifier(IdentifierType.CARD, "B2"),)
LONG_MS = 600_000


class ACentre:
    """Gives one answer to everybody."""

    def __init__(self, outcome: Outcome, awaits_ms: int = 0) -> None:
        self.outcome = outcome
        self.awaits_ms = awaits_ms
        self.asked: list[Asked] = []

    async def decide(self, asked: Asked) -> Answer:
        self.asked.append(asked)
        return Answer(asked.event_id, EventKind.CENTRE, self.outcome, (), 0, awaits_second_ms=self.awaits_ms)


class Lane:
    """A lane where the same card is one presentation for `within_ms`; with `senses_nothing` a grant is a passage."""

    def __init__(
        self, folder: Path, centre: ACentre, within_ms: int = LONG_MS, *, senses_nothing: bool = False
    ) -> None:
        clock = SystemClock()
        self.centre = centre
        self.granted: list[str] = []
        self.shown: list[Shown] = []
        self._senses_nothing = senses_nothing
        new_id = Uuid7Factory(clock)
        journal = Journal(Spool(folder / "spool.db", clock.now_ms), clock, new_id, encode_event, lambda _: None)
        self.presenter = Presenter(
            clock,
            new_id,
            journal,
            centre,
            _never,
            lambda *_: None,
            deadline_s=5,
            repeat_within_ms=lambda _: within_ms,
        )

    def grant(self, asked: Asked, _answer: Answer) -> None:
        self.granted.append(asked.event_id)
        if self._senses_nothing:
            self.presenter.ended(asked.event_id)

    async def present(self, identifiers: tuple[Identifier, ...] = CARD, pin: str = "") -> Shown:
        before = len(self.shown)
        self.presenter.present("n-in", identifiers, "reader", self, self.shown.append, pin=pin)
        await eventually(lambda: len(self.shown) > before)
        return self.shown[-1]


def _never(_asked: Asked) -> Answer:
    raise AssertionError("the centre answers")


async def test_the_same_card_again_gets_the_answer_it_got_and_opens_nothing(tmp_path: Path) -> None:
    lane = Lane(tmp_path, ACentre(Outcome.GRANT))

    first, again = await lane.present(), await lane.present()

    assert again.answer == first.answer
    assert (len(lane.centre.asked), len(lane.granted)) == (1, 1)


async def test_a_card_read_again_while_its_decision_is_under_way_is_no_second_one(tmp_path: Path) -> None:
    lane = Lane(tmp_path, ACentre(Outcome.GRANT))

    for _ in range(3):
        lane.presenter.present("n-in", CARD, "reader", lane, lane.shown.append)
    await eventually(lambda: lane.shown)
    await lane.presenter.close()

    assert (len(lane.centre.asked), len(lane.granted), len(lane.shown)) == (1, 1, 1)


async def test_another_card_is_a_presentation_of_its_own(tmp_path: Path) -> None:
    lane = Lane(tmp_path, ACentre(Outcome.GRANT))

    await lane.present()
    await lane.present(OTHER)

    assert len(lane.granted) == 2


async def test_what_was_refused_is_asked_again(tmp_path: Path) -> None:
    lane = Lane(tmp_path, ACentre(Outcome.DENY))
    await lane.present()

    lane.centre.outcome = Outcome.GRANT
    await lane.present()

    assert len(lane.granted) == 1


@pytest.mark.parametrize("centre", [ACentre(Outcome.MANUAL_REVIEW), ACentre(Outcome.DENY, awaits_ms=9_000)])
async def test_whoever_waits_is_not_asked_about_twice(tmp_path: Path, centre: ACentre) -> None:
    lane = Lane(tmp_path, centre)

    await lane.present()
    await lane.present()

    assert len(lane.centre.asked) == 1


async def test_a_pin_makes_a_presentation_of_its_own(tmp_path: Path) -> None:
    lane = Lane(tmp_path, ACentre(Outcome.GRANT))

    await lane.present()
    await lane.present(pin="2468")

    assert len(lane.centre.asked) == 2


async def test_after_the_passage_the_card_presents_anew(tmp_path: Path) -> None:
    lane = Lane(tmp_path, ACentre(Outcome.GRANT))
    first = await lane.present()

    lane.presenter.ended(first.asked.event_id)
    await lane.present()

    assert len(lane.granted) == 2


async def test_where_nothing_senses_the_passage_the_time_alone_tells_a_repeat(tmp_path: Path) -> None:
    lane = Lane(tmp_path, ACentre(Outcome.GRANT), senses_nothing=True)

    await lane.present()
    await lane.present()

    assert len(lane.granted) == 1


async def test_when_the_time_is_over_the_card_presents_anew(tmp_path: Path) -> None:
    lane = Lane(tmp_path, ACentre(Outcome.GRANT), within_ms=1)
    await lane.present()

    async def opened_again() -> bool:
        await lane.present()
        return len(lane.granted) > 1

    await eventually(opened_again)


def test_more_presentations_than_the_limit_are_not_remembered() -> None:
    repeats = Repeats(lambda: 0.0, lambda _: LONG_MS)
    asked = Asked("e", "n-in", 0, 0, CARD, "reader")

    for number in range(2 * LIMIT):
        card = (Identifier(IdentifierType.CARD, str(number)),)
        repeats.begin(replace(asked, event_id=str(number), identifiers=card))

    known = [repeats.of("n-in", (Identifier(IdentifierType.CARD, str(n)),)) is not None for n in range(2 * LIMIT)]
    assert known == [False] * LIMIT + [True] * LIMIT


def test_people_are_told_repeats_at_entries_alone_unless_the_plan_says_otherwise() -> None:
    common = {"from_area": "a", "to_area": "b"}
    rows = [
        {"id": "walk-in", "direction": "ENTRY", "access_point_class": "PEDESTRIAN"},
        {"id": "walk-out", "direction": "EXIT", "access_point_class": "PEDESTRIAN", "repeat_within": "9s"},
        {"id": "car-in", "direction": "ENTRY", "access_point_class": "MOTOR"},
        {"id": "slow-in", "direction": "ENTRY", "access_point_class": "PEDESTRIAN", "repeat_within": "9s"},
        {"id": "off-in", "direction": "ENTRY", "access_point_class": "PEDESTRIAN", "repeat_within": "0s"},
    ]
    plan = plan_from_mapping(
        {
            "site": "north",
            "version": 1,
            "areas": [{"id": "a"}, {"id": "b"}],
            "access_points": [{**common, **row} for row in rows],
        }
    )

    points = [plan.point(row["id"], 0) for row in rows]

    assert [point.repeat_within_ms for point in points if point] == [5_000, 0, 0, 9_000, 0]
