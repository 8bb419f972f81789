"""A door that stands unlocked: its output is maintained, nobody forces or holds it, and a release stays above it."""

from collections.abc import Callable

import pytest

from .doorway import LOCK, RELEASE, Doorway, locked, unlocked

Build = Callable[..., Doorway]


async def test_its_lock_is_held_open_until_it_is_locked_again(doorway: Build) -> None:
    door = doorway()

    door.stand(unlocked())
    held = door.board.relays[LOCK]
    door.stand(locked())

    assert (held, door.board.relays[LOCK], door.board.pulses) == (True, False, [])
    assert door.recorded() == [
        ("OPERATED", {"posture": "UNLOCKED", "cause": "SCHEDULE"}),
        ("OPERATED", {"posture": "LOCKED", "cause": "NOTHING"}),
    ]


async def test_an_order_is_named_when_the_lock_obeys_and_the_same_again_is_not_said_twice(doorway: Build) -> None:
    door = doorway()
    door.control.stand(unlocked("o1"))
    before = door.kinds()

    door.read()
    door.stand(unlocked("o1"))

    assert before == []
    assert door.recorded() == [("OPERATED", {"posture": "UNLOCKED", "cause": "ORDER", "order": "o1"})]


async def test_people_who_come_and_go_raise_no_alarm_and_grants_are_still_taken(doorway: Build) -> None:
    door = doorway()
    door.stand(unlocked())

    door.read(contact=True)
    door.pass_one()
    door.grant("0198f000-0000-7000-8000-000000000001")
    door.pass_one()
    door.later(60_000)
    door.read(contact=False)

    assert door.kinds() == ["OPERATED", "TAKEN"]
    assert (door.alarms.raised, door.board.pulses) == ([], [])


async def test_a_door_left_open_when_it_locks_is_held_from_then_on(doorway: Build) -> None:
    door = doorway()
    door.stand(unlocked())
    door.read(contact=True)
    door.later(60_000)

    door.stand(locked())
    door.later(19_999)
    before = list(door.alarms.raised)
    door.later(1)

    assert before == []
    assert [kind for kind, _ in door.alarms.raised] == ["DOOR_HELD"]


async def test_a_door_opened_after_it_locked_is_forced(doorway: Build) -> None:
    door = doorway()
    door.stand(unlocked())
    door.stand(locked())
    door.later(101)

    door.read(contact=True)

    assert [kind for kind, _ in door.alarms.raised] == ["DOOR_FORCED"]


@pytest.mark.parametrize("presence", [True, None], ids=["taken", "unknown"])
async def test_a_boom_is_not_closed_on_whoever_stands_under_it_or_may(doorway: Build, presence: bool | None) -> None:
    door = doorway(presence=True)
    door.stand(unlocked())
    if presence is None:
        door.control.inputs(None, 0)
    else:
        door.read(presence=True)

    door.control.stand(locked())
    held = door.board.relays[LOCK]
    door.read(presence=False)

    assert (held, door.board.relays[LOCK]) == (True, False)


async def test_a_grant_does_not_drop_what_is_held_open_over_somebody_and_is_taken_by_the_passage(
    doorway: Build,
) -> None:
    door = doorway(presence=True)
    door.stand(unlocked())
    door.read(presence=True)
    door.stand(locked())

    door.grant("0198f000-0000-7000-8000-000000000001")
    held = door.board.relays[LOCK]
    door.pass_one()
    door.read(presence=False)
    door.grant("0198f000-0000-7000-8000-000000000002")

    assert (held, door.board.relays[LOCK]) == (True, False)
    assert door.kinds() == ["OPERATED", "TAKEN", "OPERATED"]
    assert door.board.pulses == ["0198f000-0000-7000-8000-000000000002"]


async def test_a_started_agent_that_finds_the_lock_held_open_over_somebody_leaves_it_so(doorway: Build) -> None:
    door = doorway(presence=True)
    door.board.relays[LOCK] = True
    door.read(presence=True)

    door.stand(locked())
    door.grant("0198f000-0000-7000-8000-000000000001")
    held = door.board.relays[LOCK]
    door.read(presence=False)

    assert (held, door.board.relays[LOCK], door.board.pulses) == (True, False, [])


async def test_a_release_opens_above_the_posture_which_applies_again_after_the_reset(doorway: Build) -> None:
    door = doorway()
    door.stand(unlocked())

    door.control.release_for("fire", 0)
    door.stand(locked())
    during = list(door.board.relays)
    door.control.reset_for("fire")

    assert during == [True, False]
    assert door.board.relays == [False, True]


async def test_a_door_to_be_unlocked_under_a_release_is_unlocked_by_its_reset(doorway: Build) -> None:
    door = doorway()
    door.stand(locked())
    door.control.release_for("fire", 0)
    door.stand(unlocked())

    door.control.reset_for("fire")

    assert door.board.relays == [True, True]


async def test_a_started_agent_leaves_the_lock_alone_until_it_knows_the_posture(doorway: Build) -> None:
    door = doorway()

    assert door.board.ordered == [(RELEASE, True)]
    door.stand(unlocked())
    assert door.board.ordered[1:] == [(LOCK, True)]


async def test_a_door_that_does_not_lock_within_a_minute_is_alarmed_about_once(doorway: Build) -> None:
    door = doorway(presence=True)
    door.stand(unlocked())
    door.read(presence=True)

    door.stand(locked())
    door.later(59_999)
    before = list(door.alarms.raised)
    door.later(1)
    door.later(60_000)
    door.read(presence=False)

    assert before == []
    assert door.alarms.raised == [("SECURITY", {"cause": "DOOR_NOT_LOCKED"})]
    assert door.recorded()[-1] == ("OPERATED", {"posture": "LOCKED", "cause": "NOTHING"})


async def test_a_release_is_no_reason_for_that_alarm(doorway: Build) -> None:
    door = doorway()
    door.stand(unlocked())
    door.control.release_for("fire", 0)

    door.stand(locked())
    door.later(120_000)
    door.control.reset_for("fire")
    door.read()
    door.later(120_000)

    assert door.alarms.raised == [("DOOR_STUCK", {})]
    assert door.board.relays == [False, True]
