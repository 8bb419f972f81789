"""The rule of the tripwire: what is a jump, what is noise, which change is blamed, what is a burst."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st
from menshen_access.domain.tripwire import WATCHED_MS, Bursts, Change, Tally, blamed, has_jumped, z_of

NIGHT = Change("plan:2", 1_000, 2, 1)
DAY = Change("plan:3", 2_000, 3, 2)


@st.composite
def tallies(draw: st.DrawFn) -> Tally:
    decided = draw(st.integers(0, 3_000))
    return Tally(decided, draw(st.integers(0, decided)))


def drawn(chance: random.Random, decided: int, share: float) -> Tally:
    return Tally(decided, sum(chance.random() < share for _ in range(decided)))


@settings(max_examples=200)
@given(tallies(), tallies())
def test_a_jump_means_enough_decisions_and_a_share_that_doubled_and_grew_by_ten_points(
    before: Tally, after: Tally
) -> None:
    if not has_jumped(before, after):
        return
    assert after.decided >= 20
    if before.decided < 20:
        assert (after.decided >= 40, after.percent > 50) == (True, True)
    else:
        assert after.percent >= max(2 * before.percent, before.percent + 10) - 1e-9
        assert z_of(before, after) >= 4


@settings(max_examples=200)
@given(tallies(), tallies(), st.integers(1, 500))
def test_more_refusals_among_as_many_decisions_never_undo_a_jump(before: Tally, after: Tally, more: int) -> None:
    worse = Tally(after.decided, min(after.decided, after.refused + more))

    assert not has_jumped(before, after) or has_jumped(before, worse)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 1 << 32), st.integers(20, 300), st.integers(20, 300), st.floats(0.0, 1.0))
def test_equal_shares_are_no_jump(seed: int, before: int, after: int, share: float) -> None:
    chance = random.Random(seed)

    jumps = sum(has_jumped(drawn(chance, before, share), drawn(chance, after, share)) for _ in range(5))

    assert jumps <= 1


def test_by_ordinary_noise_hardly_one_look_in_thousands_alarms() -> None:
    chance = random.Random(7)

    jumps = sum(has_jumped(drawn(chance, 200, share), drawn(chance, 40, share)) for share in (0.02, 0.1) * 1_500)

    assert jumps <= 1


def test_the_bounds_are_met_and_not_more() -> None:
    quiet, none = Tally(1_000, 10), Tally(0, 0)

    assert has_jumped(quiet, Tally(20, 10))
    assert not has_jumped(quiet, Tally(19, 19))
    assert not has_jumped(Tally(1_000, 300), Tally(1_000, 590))
    assert not has_jumped(quiet, Tally(1_000, 100))
    assert has_jumped(none, Tally(40, 21))
    assert not has_jumped(none, Tally(40, 20))
    assert not has_jumped(none, Tally(39, 39))


def test_the_change_that_divides_the_shares_best_is_blamed_and_none_without_a_jump() -> None:
    clean, bad = Tally(500, 5), Tally(100, 80)
    diluted = (NIGHT, clean, Tally(400, 85))

    found = blamed([diluted, (DAY, clean, bad)])

    assert found is not None
    assert found[0] is DAY
    assert blamed([(NIGHT, clean, clean)]) is None


def test_a_burst_is_one_change_from_the_look_before_it_and_a_trickle_is_none() -> None:
    trickle, flood = Bursts(), Bursts()
    for look in range(100):
        assert trickle.seen(look * 5_000, look * 4, 1_000) == []
    flood.seen(0, 7, 10_000)
    for look in range(1, 40):
        found = flood.seen(look * 5_000, 7 + look * 200, 10_000)

    assert [(one.change_id, one.at_ms) for one in found] == [("feed:7", 0)]
    assert flood.seen(WATCHED_MS, 7 + 39 * 200, 10_000) == []
