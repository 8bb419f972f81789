"""What a gate on its own answers in place of the rules."""

from typing import Any

import pytest
from menshen_rulebook.alone import Alone, fault, stopped, withheld
from menshen_rulebook.plan import SitePlan, plan_from_mapping
from menshen_rulebook.types import Outcome

NOW_MS, DAY_MS = 1_800_000_000_000, 86_400_000
FRESH, STALE = Alone(DAY_MS, DAY_MS), Alone(DAY_MS + 1, DAY_MS)


def point(name: str, from_area: str, to_area: str, direction: str, **changes: Any) -> dict[str, Any]:
    given = {"id": name, "from_area": from_area, "to_area": to_area, "direction": direction}
    return {**given, "access_point_class": "PEDESTRIAN", **changes}


@pytest.fixture(scope="module")
def plan() -> SitePlan:
    return plan_from_mapping(
        {
            "site": "north",
            "version": 12,
            "areas": [{"id": "outside"}, {"id": "campus"}, {"id": "lab", "parent": "campus"}],
            "access_points": [
                point("n-in", "outside", "campus", "ENTRY"),
                point("n-out", "campus", "outside", "EXIT"),
                point("v-out", "campus", "outside", "EXIT", access_point_class="MOTOR"),
                point("l-in", "campus", "lab", "INNER"),
                point("l-out", "lab", "campus", "INNER", escape=True),
            ],
        }
    )


@pytest.mark.parametrize(
    ("access_point", "outcome"),
    [("n-in", Outcome.DENY), ("l-in", Outcome.DENY), ("n-out", None), ("v-out", None), ("l-out", None)],
)
def test_too_old_a_copy_lets_nobody_in_and_everybody_out(
    plan: SitePlan, access_point: str, outcome: Outcome | None
) -> None:
    found = withheld(access_point, plan, STALE, NOW_MS)

    assert (found.outcome if found else None) == outcome
    assert found is None or ([r.code for r in found.reasons], found.plan_version) == (["EDGE_STALE"], 12)


def test_an_age_at_the_bound_and_a_release_leave_the_rules_to_judge(plan: SitePlan) -> None:
    released = Alone(DAY_MS + 1, DAY_MS, released=True)

    assert [withheld("n-in", plan, alone, NOW_MS) for alone in (FRESH, released)] == [None, None]


@pytest.mark.parametrize(("is_wired", "outcome"), [(True, Outcome.GRANT), (False, Outcome.DENY)])
def test_where_no_plan_speaks_of_the_access_point_the_wiring_says_who_leaves(
    plan: SitePlan, is_wired: bool, outcome: Outcome
) -> None:
    alone = Alone(wired_exit=is_wired)

    found = [withheld("n-out", None, alone, NOW_MS), withheld("elsewhere", plan, alone, NOW_MS)]

    assert [(one.outcome, one.plan_version, one.policy_version) for one in found if one] == [
        (outcome, 0, 0),
        (outcome, 12, 0),
    ]
    assert [reason.code for one in found if one for reason in one.reasons] == ["EDGE_EMPTY"] * 2
    assert fault("n-out", None, alone, NOW_MS).outcome is outcome


def test_a_fault_denies_an_entry_and_opens_a_way_out(plan: SitePlan) -> None:
    entered, left = (fault(name, plan, FRESH, NOW_MS) for name in ("n-in", "n-out"))

    assert entered.outcome is Outcome.DENY
    assert left.outcome is not Outcome.DENY
    assert [reason.code for one in (entered, left) for reason in one.reasons] == ["SYSTEM_FAULT"] * 2


def test_nothing_opened_for_a_presentation_that_was_never_decided() -> None:
    found = stopped(NOW_MS)

    assert (found.outcome, [r.code for r in found.reasons], found.now_ms) == (Outcome.DENY, ["AGENT_STOPPED"], NOW_MS)
