"""The door model, row by row and over random programs."""

from hypothesis import given
from hypothesis import strategies as st
from menshen_device_agent.model.door import (
    Door,
    DoorDrive,
    DoorFact,
    DoorOutput,
    DoorSensors,
    DoorState,
    DoorTimes,
    Drive,
    Happening,
)

TIMES = DoorTimes(grant_ms=5_000, held_ms=20_000, rex_ms=5_000, settle_ms=1_000)


def a_door(**sensors: bool) -> Door:
    return Door("d", TIMES, DoorSensors(**sensors))


def happenings(outputs: list[DoorOutput]) -> list[Happening]:
    return [output.happening for output in outputs if isinstance(output, DoorFact)]


def drives(outputs: list[DoorOutput]) -> list[Drive]:
    return [output.drive for output in outputs if isinstance(output, DoorDrive)]


def test_a_grant_pulses_the_lock_and_a_passage_takes_it() -> None:
    door = a_door()

    granted = door.grant("e1", "in", 0)
    opened = door.contact(True, 500)
    passed = door.passed(700)

    assert drives(granted) == [Drive.PULSE]
    assert opened == []
    assert passed == [DoorFact(Happening.TAKEN, "e1", "in")]


def test_a_repeated_grant_opens_once() -> None:
    door = a_door()
    door.grant("e1", "in", 0)

    assert door.grant("e1", "in", 100) == []


def test_a_grant_nobody_takes_runs_out_at_its_end() -> None:
    door = a_door()
    door.grant("e1", "in", 0)

    assert door.next_deadline_ms() == 5_000
    assert door.tick(4_999) == []
    assert door.tick(5_000) == [DoorFact(Happening.NOT_TAKEN, "e1", "in")]


def test_two_grants_are_taken_in_their_order() -> None:
    door = a_door()
    door.grant("e1", "in", 0)
    door.grant("e2", "in", 100)
    door.contact(True, 200)

    assert door.passed(300) == [DoorFact(Happening.TAKEN, "e1", "in")]
    assert door.passed(400) == [DoorFact(Happening.TAKEN, "e2", "in")]


def test_two_who_were_granted_together_pass_on_one_grant_and_a_third_is_tailgating() -> None:
    door = a_door()
    door.grant("e1", "in", 0, places=2)

    passages = [door.passed(at_ms) for at_ms in (500, 900, 1_300)]

    assert [happenings(passage) for passage in passages] == [[Happening.TAKEN], [], [Happening.TAILGATED]]


def test_a_companion_who_comes_after_the_grant_has_run_out_is_tailgating() -> None:
    door = a_door()
    door.grant("e1", "in", 0, places=2)
    door.passed(500)

    assert happenings(door.passed(TIMES.grant_ms)) == [Happening.TAILGATED]


def test_more_passages_than_grants_are_tailgating() -> None:
    door = a_door()
    door.grant("e1", "in", 0)
    door.contact(True, 200)
    door.passed(300)

    assert happenings(door.passed(600)) == [Happening.TAILGATED]


def test_an_opening_without_permission_is_forced_and_closing_secures_it() -> None:
    door = a_door()

    assert happenings(door.contact(True, 0)) == [Happening.DOOR_FORCED]
    assert door.state is DoorState.FORCED
    assert happenings(door.contact(False, 900)) == [Happening.DOOR_SECURED]
    assert door.state is DoorState.SECURED


def test_a_bouncing_contact_after_closing_is_not_forced() -> None:
    door = a_door()
    door.grant("e1", "in", 0)
    door.contact(True, 100)
    door.passed(200)
    door.contact(False, 300)

    assert door.contact(True, 900) == []


def test_the_exit_button_excuses_an_opening_and_its_passage() -> None:
    door = a_door()
    door.rex(0)

    assert door.contact(True, 4_000) == []
    assert door.passed(4_200) == []


def test_a_door_open_too_long_is_held_once() -> None:
    door = a_door()
    door.grant("e1", "in", 0)
    door.contact(True, 100)
    door.passed(200)

    assert door.tick(20_199) == []
    assert happenings(door.tick(20_200)) == [Happening.DOOR_HELD]
    assert door.tick(30_000) == []
    assert happenings(door.contact(False, 31_000)) == [Happening.DOOR_SECURED]


def test_without_a_counter_the_opening_takes_the_grant() -> None:
    door = a_door(passage_counter=False)
    door.grant("e1", "in", 0)

    assert door.contact(True, 500) == [DoorFact(Happening.TAKEN, "e1", "in")]


def test_without_any_sensor_the_grant_is_taken_at_once() -> None:
    door = a_door(contact=False, passage_counter=False)

    assert happenings(door.grant("e1", "in", 0)) == [Happening.TAKEN]


def test_a_release_holds_until_every_zone_is_reset() -> None:
    door = a_door()

    assert drives(door.release("z1", 0)) == [Drive.RELEASE]
    assert door.release("z2", 10) == []
    assert door.state is DoorState.RELEASED
    assert door.reset("z1", 20) == []
    assert drives(door.reset("z2", 30)) == [Drive.RESTORE]


def test_a_released_door_alarms_nobody_and_needs_no_pulse() -> None:
    door = a_door()
    door.release("z", 0)

    assert door.contact(True, 10) == []
    assert door.passed(20) == []
    assert door.tick(100_000) == []
    assert door.grant("e1", "in", 200_000) == []


def test_a_passage_against_the_direction_takes_the_grant_back() -> None:
    door = a_door()
    door.grant("e1", "in", 0)

    back, after = door.passed_back(500), door.passed(900)

    assert back == [DoorFact(Happening.REVERSED, "e1", "in"), DoorFact(Happening.NOT_TAKEN, "e1", "in")]
    assert happenings(after) == [Happening.TAILGATED]


def test_a_passage_against_the_direction_without_a_grant_is_only_told() -> None:
    assert a_door().passed_back(500) == [DoorFact(Happening.REVERSED)]


def test_under_a_release_every_direction_is_the_right_one() -> None:
    door = a_door()
    door.release("z", 0)

    assert door.passed_back(10) == []


def test_what_was_granted_before_a_release_is_not_taken() -> None:
    door = a_door()
    door.grant("e1", "in", 0)

    assert happenings(door.release("z", 100)) == [Happening.NOT_TAKEN]


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["grant", "open", "close", "rex", "pass", "tick", "release", "reset", "unlock", "lock"]),
        st.integers(0, 30_000),
    ),
    max_size=60,
)


@given(STEPS, st.booleans(), st.booleans())
def test_every_grant_ends_once_and_a_released_door_is_never_restored_by_itself(
    steps: list[tuple[str, int]], contact: bool, counter: bool
) -> None:
    door, now_ms, granted = a_door(contact=contact, passage_counter=counter), 0, 0
    ended: list[str] = []
    for step, pause_ms in steps:
        now_ms += pause_ms
        released = bool(door.released_by)
        if step == "grant":
            granted += 1
        outputs = apply(door, step, now_ms, granted)
        ended += [o.event_id for o in outputs if isinstance(o, DoorFact) and o.event_id]
        if released and step != "reset":
            assert not {Drive.RESTORE, Drive.UNLOCK, Drive.LOCK} & {*drives(outputs)}
            assert door.state is DoorState.RELEASED
        if door.unlocked or released:
            assert not {Happening.DOOR_FORCED, Happening.DOOR_HELD, Happening.TAILGATED} & {*happenings(outputs)}
            assert Drive.PULSE not in drives(outputs)
    final = door.tick(now_ms + TIMES.grant_ms)
    ended += [o.event_id for o in final if isinstance(o, DoorFact) and o.event_id]
    assert sorted(ended) == sorted(f"e{n}" for n in range(1, granted + 1))


def apply(door: Door, step: str, now_ms: int, granted: int) -> list[DoorOutput]:
    match step:
        case "grant":
            return door.grant(f"e{granted}", "in", now_ms)
        case "open":
            return door.contact(True, now_ms)
        case "close":
            return door.contact(False, now_ms)
        case "rex":
            return door.rex(now_ms)
        case "pass":
            return door.passed(now_ms)
        case "release":
            return door.release("z", now_ms)
        case "reset":
            return door.reset("z", now_ms)
        case "unlock" | "lock":
            return door.stand(unlocked=step == "unlock", now_ms=now_ms)
        case _:
            return door.tick(now_ms)


def test_a_door_found_open_at_the_first_reading_was_not_forced_but_is_held_when_it_stays_open() -> None:
    door = Door("n-door")

    found = door.found(True, 0)
    later = door.tick(door.times.held_ms)

    assert found == []
    assert later == [DoorFact(Happening.DOOR_HELD)]
