"""A door under lockdown says whether it is secured, by its contact and its outputs, in time."""

from collections.abc import Callable

import pytest

from .doorway import HOLD, LOCK, Doorway, locked, secured, unlocked

Build = Callable[..., Doorway]
ORDER = ("order", "o1")


async def test_a_shut_door_says_so_at_once(doorway: Build) -> None:
    door = doorway()
    door.stand(locked())

    door.stand(secured())

    assert door.recorded() == [("DOOR_SECURED", {"hold": "h1"})]
    assert door.alarms.raised == []


async def test_an_unlocked_door_says_so_as_soon_as_its_outputs_hold_the_lock(doorway: Build) -> None:
    door = doorway()
    door.stand(unlocked())

    door.control.stand(secured())
    before = door.kinds()
    door.read()

    assert before == ["OPERATED"]
    assert door.recorded()[1:] == [("DOOR_SECURED", {"hold": "h1"})]
    assert door.board.relays[LOCK] is False


async def test_an_open_door_says_that_it_is_not_within_a_second_and_a_half_and_then_that_it_is(doorway: Build) -> None:
    door = doorway()
    door.stand(unlocked())
    door.read(contact=True)

    door.stand(secured())
    door.later(1_499)
    before = door.kinds()
    door.later(1)
    door.read(contact=False)

    assert before == ["OPERATED"]
    assert door.recorded()[1:] == [
        ("DOOR_NOT_SECURED", {"hold": "h1", "cause": "OPEN"}),
        ("DOOR_SECURED", {"hold": "h1"}),
    ]
    assert door.alarms.raised == [("SECURITY", {"cause": "DOOR_NOT_SECURED", "obstacle": "OPEN", "hold": "h1"})]


async def test_a_lock_that_does_not_obey_is_not_secured(doorway: Build) -> None:
    door = doorway()
    door.stand(unlocked())
    door.board.stuck = True

    door.stand(secured())
    door.later(1_500)

    assert door.recorded()[1:] == [("DOOR_NOT_SECURED", {"hold": "h1", "cause": "LOCK_HELD"})]


async def test_a_door_that_nothing_senses_is_not_secured(doorway: Build) -> None:
    door = doorway(contact=False)

    door.stand(secured())
    door.later(60_000)

    assert door.recorded() == [("DOOR_NOT_SECURED", {"hold": "h1", "cause": "NO_CONTACT"})]
    assert len(door.alarms.raised) == 1


async def test_a_door_whose_board_falls_silent_is_not_secured_until_it_answers_again(doorway: Build) -> None:
    door = doorway()
    door.stand(secured())

    door.control.inputs(None, 0)
    door.clock.advance_ms(1_500)
    door.control.inputs(None, 0)
    door.read()

    assert door.recorded() == [
        ("DOOR_SECURED", {"hold": "h1"}),
        ("DOOR_NOT_SECURED", {"hold": "h1", "cause": "UNKNOWN"}),
        ("DOOR_SECURED", {"hold": "h1"}),
    ]


async def test_every_hold_and_order_gets_its_own_word_and_none_gets_it_twice(doorway: Build) -> None:
    door = doorway()
    door.stand(secured(HOLD))
    door.stand(secured(HOLD, ORDER))
    door.stand(secured(ORDER))

    door.later(5_000)

    assert door.recorded() == [("DOOR_SECURED", {"hold": "h1"}), ("DOOR_SECURED", {"order": "o1"})]


async def test_a_hold_that_ends_before_it_was_answered_is_not_answered(doorway: Build) -> None:
    door = doorway()
    door.stand(locked())
    door.read(contact=True)
    door.stand(secured())

    door.stand(locked())
    door.later(5_000)

    assert [kind for kind, _ in door.recorded() if "SECURED" in kind] == []


async def test_a_door_that_opens_just_after_it_said_it_is_secured_takes_that_back(doorway: Build) -> None:
    door = doorway()
    door.stand(unlocked())
    door.stand(secured())
    door.later(50)

    door.read(contact=True)
    door.later(1_500)
    door.read(contact=False)

    assert [one for one in door.recorded() if "SECURED" in one[0]] == [
        ("DOOR_SECURED", {"hold": "h1"}),
        ("DOOR_NOT_SECURED", {"hold": "h1", "cause": "OPEN"}),
        ("DOOR_SECURED", {"hold": "h1"}),
    ]


async def test_a_secured_door_opened_without_a_grant_is_forced_and_secured_again_when_shut(doorway: Build) -> None:
    door = doorway()
    door.stand(secured())
    door.later(3_000)

    door.read(contact=True)
    door.read(contact=False)

    assert door.kinds() == ["DOOR_SECURED", "DOOR_FORCED", "DOOR_SECURED"]


async def test_whoever_is_granted_at_the_way_out_of_a_secured_door_leaves(doorway: Build) -> None:
    door = doorway()
    door.stand(secured())
    door.later(3_000)
    event_id = "0198f000-0000-7000-8000-000000000001"

    door.grant(event_id)
    door.read(contact=True)
    door.pass_one()
    door.read(contact=False)

    assert door.board.pulses == [event_id]
    assert door.kinds() == ["DOOR_SECURED", "TAKEN"]


async def test_a_release_during_a_lockdown_opens_and_the_door_is_secured_after_the_reset(doorway: Build) -> None:
    door = doorway()
    door.stand(secured())

    door.control.release_for("fire", 0)
    door.read(contact=True)
    door.later(5_000)
    door.read(contact=False)
    door.control.reset_for("fire")
    door.read()

    assert door.kinds() == ["DOOR_SECURED", "RELEASED", "RESET", "DOOR_SECURED"]


@pytest.mark.parametrize("presence", [True])
async def test_a_boom_with_somebody_under_it_says_that_it_is_not_secured(doorway: Build, presence: bool) -> None:
    door = doorway(presence=True)
    door.stand(unlocked())
    door.read(presence=presence)

    door.stand(secured())
    door.later(1_500)
    door.read(presence=False)

    assert door.recorded()[1:] == [
        ("DOOR_NOT_SECURED", {"hold": "h1", "cause": "LOCK_HELD"}),
        ("DOOR_SECURED", {"hold": "h1"}),
    ]
