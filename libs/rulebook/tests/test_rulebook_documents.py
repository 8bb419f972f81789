"""Plans and policies as documents: faults, stable bytes, policies in force."""

from typing import Any

import pytest
import yaml
from harness.rulebook_strategies import POLICIES
from hypothesis import given, settings
from menshen_rulebook.mapping import DocumentInvalidError, Faults, parse_time, read
from menshen_rulebook.plan import SitePlan, plan_digest, plan_from_mapping, plan_to_json, plan_to_mapping
from menshen_rulebook.policy import Policy, parse_policy, policy_to_mapping
from menshen_rulebook.schedule import Interval, OpenTimes, Schedule, epoch_day, local_text
from menshen_rulebook.types import FOREVER_MS, DayKind, NowWithin

POLICY: dict[str, Any] = {"language": 1, "version": 7, "site": "north", "from": "2026-03-02T00:00:00+08:00"}
NOWHERE_FEE = {"id": "f", "tariff": {"zh": "五元", "en": "5 yuan"}, "where": {"access_points": ["nowhere"]}}
PLAN: dict[str, Any] = {
    "site": "north",
    "version": 1,
    "areas": [{"id": "outside"}, {"id": "campus", "anti_passback": "SOFT"}],
    "schedules": [
        {
            "id": "day",
            "intervals": [
                {"days": ["MON", "TUE"], "opens": "06:30", "closes": "12:00"},
                {"days": ["MON"], "opens": "13:00", "closes": "24:00"},
            ],
        }
    ],
    "access_points": [
        {
            "id": "n-in",
            "from_area": "outside",
            "to_area": "campus",
            "direction": "ENTRY",
            "access_point_class": "PEDESTRIAN",
            "schedule": "day",
        }
    ],
    "policies": [POLICY],
}


def _faults(document: dict[str, Any]) -> list[str]:
    with pytest.raises(DocumentInvalidError) as caught:
        plan_from_mapping(document)
    assert all(fault.expected_zh and fault.expected_en for fault in caught.value.faults)
    return [fault.path for fault in caught.value.faults]


def _policy_faults(**changes: Any) -> list[str]:
    with pytest.raises(DocumentInvalidError) as caught:
        parse_policy(POLICY | changes)
    assert all(fault.expected_zh and fault.expected_en for fault in caught.value.faults)
    return [fault.path for fault in caught.value.faults]


def test_a_minimal_policy_keeps_the_defaults() -> None:
    policy = parse_policy(POLICY)

    assert policy == Policy(7, 1, "north", 1772380800000)
    assert policy.reviews.auto_open_ms == 15_000


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"language": 2}, "language"),
        ({"from": "2026-03-02T00:00:00"}, "from"),
        ({"from": None}, "from"),
        ({"from": "1969-12-31T23:59:59+00:00"}, "from"),
        (
            {"requirements": [{"id": "a", "test": {"fact": "x", "at_most": float("nan")}}]},
            "requirements[0].test.at_most",
        ),
        (
            {"requirements": [{"id": "a", "test": {"fact": "x", "accept": [float("inf")]}}]},
            "requirements[0].test.accept[0]",
        ),
        ({"to": "2026-03-01T00:00:00+08:00"}, "to"),
        ({"colour": 1}, "colour"),
        ({"version": -1}, "version"),
        ({"version": True}, "version"),
        ({"leave": {"mode": "UNSPECIFIED"}}, "leave.mode"),
        ({"leave": []}, "leave"),
        ({"reviews": {"exit_denial": "DENY"}}, "reviews.exit_denial"),
        ({"reviews": {"auto_open": "soon"}}, "reviews.auto_open"),
        ({"lists": {"white_waives": ["lockdown"]}}, "lists.white_waives"),
        ({"visitors": {"unannounced": "GRANT"}}, "visitors.unannounced"),
        ({"fees": [{"id": "f"}]}, "fees[0].tariff"),
        ({"fees": [{"id": "", "tariff": {"zh": "免费", "en": "free"}}]}, "fees[0].id"),
        ({"requirements": [{"id": "a"}]}, "requirements[0].test"),
        ({"requirements": [{"id": "", "test": {"fact": "x"}}]}, "requirements[0].id"),
        ({"requirements": [{"id": "a", "test": {"fact": "x", "accept": [[1]]}}]}, "requirements[0].test.accept[0]"),
        ({"requirements": [{"id": "a", "test": {"fact": "x", "at_most": "hot"}}]}, "requirements[0].test.at_most"),
        ({"requirements": {"id": "a"}}, "requirements"),
        ({"areas": [{"area": "campus", "anti_passback": "TIMED"}]}, "areas[0].timeout"),
        ({"reminders": [{"code": "X", "texts": {"zh": "中"}}]}, "reminders[0].texts.holder.en"),
        ({"threats": [{"admits": {}}]}, "threats[0].where"),
        ({"threats": [{"where": {"areas": ["campus"]}}]}, "threats[0].where.threat_level"),
        ({"threats": [{"where": {"threat_level": 6}}]}, "threats[0].where.threat_level"),
        ({"threats": [{"where": {"threat_level": 1}, "requires": "FACE"}]}, "threats[0].requires"),
    ],
)
def test_a_fault_in_a_policy_is_named_by_its_path(changes: dict[str, Any], path: str) -> None:
    assert path in _policy_faults(**changes)


def test_a_missing_key_is_named() -> None:
    with pytest.raises(DocumentInvalidError) as caught:
        parse_policy({"language": 1, "version": 1, "site": "north"})

    assert [fault.path for fault in caught.value.faults] == ["from"]


@pytest.mark.parametrize(
    ("part", "row", "path"),
    [
        ("areas", {"id": "campus"}, "areas[2].id"),
        ("areas", {"id": "lab", "parent": "lab"}, "areas[2].parent"),
        ("areas", {"id": "lab", "anti_passback": "TIMED"}, "areas[2].timeout"),
        ("holidays", {"date": "2026-02-30", "kind": "HOLIDAY"}, "holidays[0].date"),
        ("closures", {"access_point": "nowhere"}, "closures[0].access_point"),
        ("group_assignments", {"level": "none", "group": "staff"}, "group_assignments[0].level"),
        ("access_levels", {"id": "l", "entries": [{"access_point": "x"}]}, "access_levels[0].entries[0].access_point"),
        ("sources", {"id": "hr", "silent_after": "0s"}, "sources[0].silent_after"),
        ("sources", {"id": "", "silent_after": "1h"}, "sources[0].id"),
        ("policies", POLICY | {"site": "east", "version": 8}, "policies[1].site"),
        ("policies", POLICY | {"areas": [{"area": "moon"}]}, "policies[1].areas[0].area"),
        ("policies", POLICY | {"fees": [NOWHERE_FEE]}, "policies[1].fees"),
        ("policies", POLICY | {"threats": [{"where": {"threat_level": 1, "areas": ["moon"]}}]}, "policies[1].threats"),
        (
            "policies",
            POLICY | {"threats": [{"where": {"threat_level": 1, "access_points": ["moon"]}}]},
            "policies[1].threats",
        ),
        ("policies", POLICY | {"hours": [{"access_point": "n-in", "schedule": "x"}]}, "policies[1].hours[0].schedule"),
    ],
)
def test_a_fault_in_a_plan_is_named_by_its_path(part: str, row: dict[str, Any], path: str) -> None:
    document = {**PLAN, part: [*PLAN.get(part, []), row]}

    assert path in _faults(document)


def test_a_plan_gives_the_same_bytes_again() -> None:
    plan = plan_from_mapping(PLAN)

    again = plan_from_mapping(yaml.safe_load(plan_to_json(plan)))

    assert again == plan
    assert plan_to_json(again) == plan_to_json(plan)
    assert plan_digest(plan) == "cb22b91544ca41b873fe4e63d8b7eea54081b3e2b23e5c85b1e85589d554405c"


@settings(max_examples=200, deadline=None, derandomize=True)
@given(POLICIES)
def test_a_policy_gives_itself_back(policy: Policy) -> None:
    faults = Faults()

    again = read(Policy, policy_to_mapping(policy), "", faults)

    assert again == policy or all("one of" in fault.expected_en for fault in faults.found)


def test_of_two_policies_the_later_start_holds_and_time_has_no_gap() -> None:
    day = 86_400_000
    first, second = Policy(1, 1, "north", day, 10 * day), Policy(2, 1, "north", 3 * day, 5 * day)
    plan = SitePlan("north", 1, access_points=plan_from_mapping(PLAN).access_points, policies=(first, second))

    held = {at: plan.policy_at(at) for at in (0, day, 3 * day - 1, 3 * day, 5 * day - 1, 5 * day, 10 * day)}

    assert list(held.values()) == [None, first, first, second, second, first, None]
    spans = [plan.point("n-in", at).now_within for at in (0, day, 3 * day, 5 * day, 10 * day)]  # type: ignore[union-attr]
    assert spans == [
        NowWithin(0, day),
        NowWithin(day, 3 * day),
        NowWithin(3 * day, 5 * day),
        NowWithin(5 * day, 10 * day),
        NowWithin(10 * day, FOREVER_MS),
    ]


def test_a_schedule_opens_and_closes_to_the_millisecond() -> None:
    plan = plan_from_mapping(PLAN)
    times = OpenTimes(plan.schedules[0], {}, 480)
    monday = 1772380800000

    assert not times.is_open(monday + 23_400_000 - 1)
    assert times.is_open(monday + 23_400_000)
    assert times.is_open(monday + 43_200_000 - 1)
    assert not times.is_open(monday + 43_200_000)
    assert times.is_open(monday + 86_399_999)
    assert not times.is_open(monday + 86_400_000)
    assert local_text(times.next_opening_ms(monday + 43_200_000) or 0, 480) == "2026-03-02 13:00"
    assert times.next_opening_ms(monday + 50_000_000) == monday + 86_400_000 + 23_400_000


def test_a_night_belongs_to_the_day_it_opens() -> None:
    evening = Schedule("late", (Interval((DayKind.MON,), 64_800_000, 7_200_000),))
    monday = 1772380800000
    tuesday = monday + 86_400_000
    times = OpenTimes(evening, {}, 480)

    opened = [times.is_open(at) for at in (monday, monday + 7_199_999, monday + 64_800_000, tuesday - 1, tuesday)]

    assert opened == [False, False, True, True, True]
    assert times.is_open(tuesday + 7_199_999)
    assert not times.is_open(tuesday + 7_200_000)
    assert not times.is_open(tuesday + 64_800_000)
    assert times.boundaries(tuesday, tuesday + 86_400_000) == [tuesday + 7_200_000]
    assert times.next_opening_ms(tuesday) == monday + 7 * 86_400_000 + 64_800_000


def test_a_night_goes_on_into_a_holiday() -> None:
    evening = Schedule("late", (Interval((DayKind.MON, DayKind.TUE), 64_800_000, 7_200_000),))
    monday = 1772380800000
    tuesday = monday + 86_400_000
    holiday = epoch_day("2026-03-03")
    assert holiday is not None
    times = OpenTimes(evening, {holiday: DayKind.HOLIDAY}, 480)

    assert times.is_open(tuesday)
    assert not times.is_open(tuesday + 64_800_000)


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("48h", 172_800_000),
        ("15s", 15_000),
        ("250ms", 250),
        ("06:30", 23_400_000),
        ("24:00", 86_400_000),
        ("24:01", None),
        ("06:60", None),
        ("2026-03-02T00:00:00+08:00", 1772380800000),
        ("2026-03-02T00:00:00", None),
        ("tomorrow", None),
    ],
)
def test_times_are_read_as_written(text: str, ms: int | None) -> None:
    assert parse_time(text) == ms


def test_plain_forms_use_the_names_of_the_documents() -> None:
    plain = plan_to_mapping(plan_from_mapping(PLAN))

    assert plain["access_points"][0]["from_area"] == "outside"
    interval = plain["schedules"][0]["intervals"][0]
    assert interval == {"days": ["MON", "TUE"], "opens_ms": 23_400_000, "closes_ms": 43_200_000}
