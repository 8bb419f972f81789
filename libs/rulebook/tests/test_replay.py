"""A replay keeps the presence, the counts and the openings that its decisions leave behind."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from menshen_rulebook.decide import decide
from menshen_rulebook.places import counter
from menshen_rulebook.plan import SitePlan, plan_from_mapping
from menshen_rulebook.replay.replaying import Known, Replay, Row, always
from menshen_rulebook.types import (
    AreaCount,
    Credential,
    CredentialState,
    Identifier,
    IdentifierType,
    LiveState,
    Outcome,
    Presence,
    Presentation,
    Subject,
    SubjectKind,
    Vehicle,
    VehicleClass,
)

NOW_MS = 1_772_409_600_000
DAY_MS = 86_400_000
LIMIT = 2
WAYS = ("in", "out", "lab-in", "lab-out")


def a_plan(**campus: Any) -> SitePlan:
    ways = (
        ("in", "outside", "campus", "ENTRY"),
        ("out", "campus", "outside", "EXIT"),
        ("lab-in", "campus", "lab", "INNER"),
        ("lab-out", "lab", "campus", "INNER"),
    )
    points = [
        {"id": name, "from_area": left, "to_area": entered, "direction": direction, "access_point_class": "PEDESTRIAN"}
        for name, left, entered, direction in ways
    ]
    points += [
        {**points[0], "id": "car-in", "access_point_class": "MOTOR"},
        {**points[0], "id": "opened-in", "opened_by": ["keyholder"]},
    ]
    return plan_from_mapping(
        {
            "site": "north",
            "version": 1,
            "areas": [{"id": "outside"}, {"id": "campus", **campus}, {"id": "lab", "parent": "campus"}],
            "access_points": points,
            "parking": [{"id": "yard", "area": "campus", "limit": 1}],
            "access_levels": [{"id": "all", "entries": [{"access_point": point["id"]} for point in points]}],
            "group_assignments": [{"level": "all", "group": "staff"}],
            "policies": [
                {
                    "version": 1,
                    "language": 1,
                    "site": "north",
                    "from": "2020-01-01T00:00:00+08:00",
                    "vehicles": {"permit_required": []},
                }
            ],
        }
    )


def somebody(name: str, kind: SubjectKind = SubjectKind.CARDHOLDER, groups: tuple[str, ...] = ()) -> Known:
    identifier = Identifier(IdentifierType.CARD, name)
    vehicle = Vehicle(VehicleClass.CAR) if kind is SubjectKind.VEHICLE else None
    held = (Credential(name, (identifier,), CredentialState.ACTIVE),)
    return Known(identifier, Subject(f"c:{name}", 1, kind, "staff", "north", groups, held, vehicle=vehicle))


PEOPLE = {name: somebody(name) for name in ("a", "b", "c")}
HARD = a_plan(anti_passback="HARD", limit=LIMIT)
walks = st.lists(st.tuples(st.sampled_from(sorted(PEOPLE)), st.sampled_from(WAYS)), max_size=25)


def by_hand(walk: list[tuple[str, str]]) -> list[Outcome]:
    """The same, with each live state put together from a list of who is where."""
    where: dict[str, Presence] = {}
    outcomes = []
    for place, (name, point) in enumerate(walk):
        known, at_ms = PEOPLE[name], NOW_MS + place * 60_000
        presentation = Presentation(str(place), "north", point, "", at_ms, (known.identifier,))
        presences = (where[name],) if name in where else ()
        inside = sum("campus" in one.area_path for one in where.values())
        live = LiveState(presences=presences, occupancy=(AreaCount("campus", inside),))
        decision = decide(presentation, (known.subject,), point, HARD, live, at_ms)
        outcomes.append(decision.outcome)
        if decision.outcome is not Outcome.DENY:
            path = {"in": ("campus",), "out": ("outside",), "lab-in": ("lab", "campus"), "lab-out": ("campus",)}[point]
            where[name] = Presence(f"c:{name}", path[0], at_ms, str(place), 1, point, path)
    return outcomes


@settings(max_examples=60, deadline=None)
@given(walks)
def test_a_replay_decides_as_the_rulebook_does_with_the_presence_of_the_moment(walk: list[tuple[str, str]]) -> None:
    replay = Replay(HARD, PEOPLE)

    rows = [Row(place, NOW_MS + place * 60_000, *one) for place, one in enumerate(walk)]
    outcomes = [replay.decide(row).outcome for row in rows]

    assert outcomes == by_hand(walk)
    assert 0 <= replay.world.count("campus") <= len(PEOPLE)
    assert replay.tally.decisions == len(walk)


def test_nobody_enters_twice_and_the_last_place_is_given_once() -> None:
    replay = Replay(HARD, PEOPLE)
    walk = (("a", "in"), ("a", "in"), ("b", "in"), ("c", "in"), ("a", "out"), ("c", "in"))

    codes = [
        decision.shown.code if (decision := replay.decide(Row(line, NOW_MS + line, *one))).shown else ""
        for line, one in enumerate(walk)
    ]

    assert codes == ["", "ANTI_PASSBACK_IN", "", "AREA_FULL", "", ""]
    assert sorted(replay.tally.entered_at_ms) == ["b", "c"]
    assert (replay.tally.peak, replay.tally.peak_at_ms) == (2, NOW_MS + 2)
    assert replay.tally.refused == {"a": 1, "c": 1}


def test_a_car_park_is_full_until_a_car_has_left() -> None:
    cars = {name: somebody(name, SubjectKind.VEHICLE) for name in ("v", "w")}
    replay = Replay(a_plan(), cars)

    first, second = (replay.decide(Row(line, NOW_MS + line, name, "car-in")) for line, name in enumerate("vw"))

    assert first.outcome is Outcome.GRANT
    assert [reason.code for reason in second.reasons] == ["PARKING_FULL"]
    assert replay.world.count(counter("campus", VehicleClass.CAR)) == 1
    assert replay.world.count("campus") == 0


def test_an_opening_lasts_for_its_day() -> None:
    replay = Replay(a_plan(), {**PEOPLE, "k": somebody("k", groups=("keyholder",))})
    walk = ((0, "a"), (1, "k"), (2, "a"), (DAY_MS, "a"))

    outcomes = [
        replay.decide(Row(line, NOW_MS + ms, name, "opened-in")).outcome for line, (ms, name) in enumerate(walk)
    ]

    assert outcomes == [Outcome.DENY, Outcome.GRANT, Outcome.GRANT, Outcome.DENY]


@pytest.mark.parametrize(("credential", "point"), [("nobody", "in"), ("a", "moon")])
def test_whoever_is_unknown_and_whatever_is_foreign_is_refused_and_counted(credential: str, point: str) -> None:
    tally = Replay(HARD, PEOPLE).decide_all([Row(2, NOW_MS, credential, point)])

    assert tally.refused == {credential: 1}
    assert tally.points == {(point, Outcome.DENY): 1}
    assert not tally.entered_at_ms


def test_a_policy_taken_for_always_judges_rows_of_any_time() -> None:
    policy = always(HARD.policies[0])

    assert policy.from_ms == 0
    assert SitePlan("north", 1, policies=(policy,)).policy_at(1) is policy
