"""Time as an object, and identifiers that are ordered by it."""

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st
from menshen_servicekit.clock import ClockReading, ManualClock, SystemClock
from menshen_servicekit.ids import MAX_HOLD_MS, Uuid7Factory, is_uuid7, uuid7_at_ms


def test_setting_a_manual_clock_back_leaves_its_monotonic_side_alone() -> None:
    clock = ManualClock(10_000)
    clock.advance_ms(500)
    clock.set_ms(3_000)

    assert clock.reading() == ClockReading(3_000, 0)
    assert clock.monotonic() == 0.5


def test_a_correction_moves_the_system_clock_and_states_its_bound() -> None:
    clock = SystemClock(error_ms=100)
    before = clock.now_ms()

    clock.correct(offset_ms=3_600_000, error_ms=7)

    assert 3_600_000 <= clock.now_ms() - before < 3_660_000
    assert 7 <= clock.reading().error_ms < 20


def test_the_rfc_9562_example_is_read_back() -> None:
    assert uuid7_at_ms("017f22e2-79b0-7cc3-98c4-dc0c0c07398f") == 1_645_557_742_000


def test_an_id_is_the_standard_librarys_version_7_with_the_clocks_time() -> None:
    clock = ManualClock(1_767_225_600_123)

    event_id = Uuid7Factory(clock)()

    parsed = uuid.UUID(event_id)
    assert (parsed.version, parsed.variant, str(parsed)) == (7, uuid.RFC_4122, event_id)
    assert uuid7_at_ms(event_id) == 1_767_225_600_123


@given(st.lists(st.integers(min_value=-MAX_HOLD_MS // 100, max_value=50), min_size=1, max_size=80))
def test_ids_increase_while_the_clock_stands_jumps_or_is_set_back_a_little(steps: list[int]) -> None:
    clock = ManualClock(1_767_225_600_000)
    factory = Uuid7Factory(clock)

    made = []
    for step in steps:
        clock.set_ms(clock.now_ms() + step)
        made.append(factory())

    assert made == sorted(set(made))
    assert all(map(is_uuid7, made))


def test_a_full_sequence_borrows_the_next_millisecond() -> None:
    clock = ManualClock(1_000)
    factory = Uuid7Factory(clock, lambda count: b"\xff" * count)
    made = [factory()]
    factory._sequence = (1 << 74) - 1

    made.append(factory())

    assert uuid7_at_ms(made[1]) == 1_001
    assert made == sorted(made)


def test_a_clock_that_was_far_ahead_is_followed_back() -> None:
    clock = ManualClock(2_000_000_000_000)
    factory = Uuid7Factory(clock)
    factory()

    clock.set_ms(1_767_225_600_000)

    assert uuid7_at_ms(factory()) == 1_767_225_600_000


@given(st.text(max_size=40))
def test_any_text_is_either_a_canonical_id_or_refused(text: str) -> None:
    if is_uuid7(text):
        assert str(uuid.UUID(text)) == text
    else:
        with pytest.raises(ValueError, match="UUIDv7"):
            uuid7_at_ms(text)
