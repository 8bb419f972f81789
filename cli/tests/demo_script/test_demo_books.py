"""The books agree when nothing was lost and nothing counted twice, and name by id what does not agree."""

from dataclasses import replace

import pytest
from menshen.access.v1 import decision_pb2
from menshen.access.v1.events_pb2 import AccessEvent
from menshen_cli.demo.accounts import Books, keep_books
from menshen_cli.demo.latency import latency_of
from menshen_simulators.ledger import Entry

CENTRE, EDGE, ACTED, TAKEN, NOT_TAKEN, TAILGATED, RELEASED = 1, 2, 3, 4, 5, 8, 14
AT_MS = 1_767_225_600_000
PRESENTED = Entry(1, "PRESENTED", "n1-p1-in", AT_MS, 0, {"presentation": 1})
PASSED = Entry(2, "PASSED", "n1-p1", AT_MS + 700, 0, {})


def event(kind: int, number: int, **fields: object) -> AccessEvent:
    settled = {"event_id": "e-1", "sequence": number, "agent_id": "north-1", "at_ms": AT_MS + 40, **fields}
    spool = decision_pb2.SpoolPosition(epoch=7, number=number)
    return AccessEvent(site="north", kind=kind, access_point="n1-p1-in", spool=spool, **settled)  # type: ignore[arg-type]


DECIDED, ACTED_ON, WENT = event(CENTRE, 1), event(ACTED, 2), event(TAKEN, 3)
STORY = [DECIDED, ACTED_ON, WENT]


def kept(entries: list[Entry], events: list[AccessEvent]) -> Books:
    return keep_books(entries, events, lambda reader: reader, {"panel": ("n1-p1", "n1-m1")})


def test_one_person_who_came_was_let_in_and_went_agrees() -> None:
    books = kept([PRESENTED, PASSED], STORY)

    assert books.agree
    assert [row.ledger for row in books.rows[:2]] == [1, 1]


def test_a_presentation_decided_by_both_counts_once() -> None:
    both = [DECIDED, event(EDGE, 1, sequence=2), event(ACTED, 2, sequence=3), event(TAKEN, 3, sequence=4)]

    assert kept([PRESENTED, PASSED], both).agree


def test_a_presentation_nobody_decided_is_named_by_its_number_in_the_ledger() -> None:
    books = kept([PRESENTED, PASSED, replace(PRESENTED, number=9, at_ms=AT_MS + 5_000)], STORY)

    assert not books.agree
    assert books.mismatches == ["n1-p1-in: ledger number 9 presented, nothing decided"]


def test_a_decision_of_nothing_presented_is_named_by_its_id() -> None:
    ghost = event(CENTRE, 4, event_id="e-ghost", at_ms=AT_MS + 60_000)

    books = kept([PRESENTED, PASSED], [*STORY, ghost])

    assert books.mismatches == ["n1-p1-in: decision e-ghost of nothing presented"]


def test_an_event_recorded_twice_is_named() -> None:
    books = kept([PRESENTED, PASSED], [*STORY, event(TAKEN, 3, sequence=4)])

    assert "e-1 recorded 2 times as TAKEN" in books.mismatches


@pytest.mark.parametrize(
    ("events", "said"),
    [
        ([DECIDED, event(ACTED, 3, sequence=2), event(TAKEN, 4, sequence=3)], "north-1: number 2 of its spool missing"),
        ([DECIDED, ACTED_ON, event(TAKEN, 3, sequence=5)], "north: sequence 3 missing"),
    ],
)
def test_a_missing_number_is_named(events: list[AccessEvent], said: str) -> None:
    assert said in kept([PRESENTED, PASSED], events).mismatches


def test_a_grant_that_was_neither_taken_nor_left_is_named() -> None:
    assert "e-1 acted on, neither taken nor not taken" in kept([PRESENTED], [DECIDED, ACTED_ON]).mismatches


def test_a_passage_nobody_recorded_does_not_agree() -> None:
    books = kept([PRESENTED, PASSED], [DECIDED, ACTED_ON, event(NOT_TAKEN, 3)])

    assert not books.agree


def test_who_follows_on_one_grant_agrees_as_a_tailgater() -> None:
    follower = replace(PASSED, number=3, at_ms=AT_MS + 1_400)

    assert kept([PRESENTED, PASSED, follower], [*STORY, event(TAILGATED, 4, event_id="e-2")]).agree


def wrote(*written: tuple[str, str, dict[str, str]]) -> list[Entry]:
    """What simulators wrote after the passage, in the order of time; the first begins a fire."""
    return [
        Entry(number, kind, device, AT_MS + number * 1_000, number * 1_000, dict(facts))
        for number, (kind, device, facts) in enumerate(written, start=10)
    ]


ALARM, QUIET = ("FIRE_LINE", "panel", {"state": "ALARM"}), ("FIRE_LINE", "panel", {"state": "NORMAL"})
FREE, LOCKED, FLED = ("UNLOCKED", "n1-p1", {}), ("LOCKED", "n1-p1", {}), ("PASSED", "n1-p1", {})
BOOM_UP = ("BOOM", "n1-m1", {"state": "UP"})
FIRE = [ALARM, FREE, BOOM_UP, FLED, QUIET, LOCKED]
RELEASES = [event(RELEASED, 4, event_id="e-4", door="n1-p1"), event(RELEASED, 5, event_id="e-5", door="n1-m1")]


def test_a_fire_that_frees_every_door_recorded_as_released_agrees() -> None:
    books = kept([PRESENTED, PASSED, *wrote(*FIRE)], [*STORY, *RELEASES])

    assert books.agree
    assert [(row.ledger, row.recorded) for row in books.rows[1:3]] == [(1, 1), (2, 2)]


def test_a_door_freed_by_fire_without_a_release_in_the_history_is_named() -> None:
    books = kept([PRESENTED, PASSED, *wrote(*FIRE)], [*STORY, RELEASES[0]])

    assert not books.rows[2].agrees
    assert books.mismatches == ["n1-m1: freed by fire, no release recorded"]


@pytest.mark.parametrize(
    "fire",
    [
        [ALARM, BOOM_UP, QUIET],
        [ALARM, FREE, BOOM_UP, LOCKED, QUIET],
        [FREE, ALARM, LOCKED, BOOM_UP, QUIET],
        [FREE, LOCKED, ALARM, BOOM_UP, QUIET],
        [ALARM, BOOM_UP, QUIET, FREE],
    ],
    ids=["never", "locked again while it burns", "open for a grant alone", "before the fire", "after the fire"],
)
def test_a_door_recorded_as_released_that_did_not_stay_free_is_named(
    fire: list[tuple[str, str, dict[str, str]]],
) -> None:
    books = kept([PRESENTED, PASSED, *wrote(*fire)], [*STORY, *RELEASES])

    assert not books.rows[2].agrees
    assert books.mismatches == ["n1-p1: release recorded, not freed by fire"]


def test_releases_of_the_wrong_door_do_not_agree_though_their_number_does() -> None:
    wrong = event(RELEASED, 5, event_id="e-5", door="n1-p2")

    books = kept([PRESENTED, PASSED, *wrote(*FIRE)], [*STORY, RELEASES[0], wrong])

    assert books.rows[2].agrees
    assert not books.agree


@pytest.mark.parametrize(
    "story",
    [[ALARM, FLED, FREE, BOOM_UP, QUIET], [ALARM, FREE, BOOM_UP, QUIET, LOCKED, FLED]],
    ids=["before the door was free", "after it locked again"],
)
def test_a_passage_the_fire_does_not_explain_must_be_recorded(story: list[tuple[str, str, dict[str, str]]]) -> None:
    books = kept([PRESENTED, PASSED, *wrote(*story)], [*STORY, *RELEASES])

    assert not books.rows[1].agrees


def test_somebody_who_fled_and_was_recorded_as_a_tailgater_does_not_agree() -> None:
    tailgater = event(TAILGATED, 6, event_id="e-6")

    assert not kept([PRESENTED, PASSED, *wrote(*FIRE)], [*STORY, *RELEASES, tailgater]).rows[1].agrees


def test_a_fire_that_still_burns_counts_the_doors_it_freed() -> None:
    books = kept([PRESENTED, PASSED, *wrote(*FIRE[:4])], [*STORY, *RELEASES])

    assert books.agree
    assert books.rows[2].ledger == 2


def test_long_lists_of_mismatches_are_cut_and_counted() -> None:
    presented = [replace(PRESENTED, number=number, at_ms=AT_MS + number * 20_000) for number in range(30)]

    assert kept(presented, []).mismatches[-1] == "... and 10 more of the sort"


def test_latency_is_the_nearest_rank() -> None:
    figures = latency_of(range(1_000, 101_000, 1_000))

    assert (figures.p50_us, figures.p99_us, figures.worst_us, figures.count) == (50_000, 99_000, 100_000, 100)


def test_nothing_measured_is_no_latency() -> None:
    assert latency_of([]).count == 0
