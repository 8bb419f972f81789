"""The words at the lane: those of the policy a decision was judged by, wherever it was made."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from menshen_device_agent.events import Answer, Asked, EventKind, Why
from menshen_device_agent.presenting import Shown
from menshen_device_agent.rpc.convert import lane_message
from menshen_rulebook.plan import SitePlan, plan_from_mapping
from menshen_rulebook.types import Identifier, IdentifierType, Outcome

EXAMPLES = Path(__file__).parents[4] / "examples" / "policies"
EVENT_ID = "0198f000-0000-7000-8000-000000000001"
OCTOBER, FEBRUARY = 20221011, 20230210
NOW_MS = 1_665_540_000_000
CARD = Identifier(IdentifierType.CARD, "04A1B2C3")


def _load(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def plan() -> SitePlan:
    """North Campus of the example policies, with all five of them."""
    policies = [_load(path) for path in sorted((EXAMPLES / "north").glob("*.yaml"))]
    return plan_from_mapping({**_load(EXAMPLES / "plans" / "north.yaml"), "policies": policies})


def _said(plan: SitePlan | None, policy: int, access_point: str, outcome: Outcome, *reasons: Why) -> tuple[str, str]:
    answer = Answer(EVENT_ID, EventKind.CENTRE, outcome, reasons, NOW_MS, policy_version=policy)
    asked = Asked(EVENT_ID, access_point, NOW_MS, 5, (CARD,), "reader")
    message = lane_message(Shown(asked, answer, 900), plan)
    return message.text_zh, message.text_en


@pytest.mark.parametrize(
    ("policy", "access_point", "why", "zh", "en"),
    [
        (FEBRUARY, "n1-p1-in", Why("WEAR_MASK"), "请佩戴口罩。", "Please wear a mask."),
        (
            OCTOBER,
            "n4-g1-in",
            Why("DRIVER_STAYS"),
            "司机不得下车，完成消杀。",
            "Drivers stay in the vehicle until it is disinfected.",
        ),
        (
            OCTOBER,
            "n3-p1-in",
            Why(
                "ACCESS_POINT_CLOSED",
                (("redirect", "n1-p1-in"), ("redirect_zh", "青松门"), ("redirect_en", "Pine Gate")),
            ),
            "石桥门已关闭。请走青松门。",
            "Stonebridge Gate is closed. Please use Pine Gate.",
        ),
        (
            OCTOBER,
            "n1-p1-in",
            Why("TEST_TOO_OLD", (("requirement", "test-24h"),)),
            "请联系门岗。",
            "Please see the guard.",
        ),
        (OCTOBER, "n1-p1-in", Why("LEAVE_NOT_CLOSED"), "请先销假。", "Please close your leave first."),
    ],
)
def test_the_lane_says_what_the_policy_says(
    plan: SitePlan, policy: int, access_point: str, why: Why, zh: str, en: str
) -> None:
    assert _said(plan, policy, access_point, Outcome.DENY, why) == (zh, en)


def test_a_policy_that_says_it_is_the_one_judged_by(plan: SitePlan) -> None:
    said = _said(plan, OCTOBER, "n1-p1-in", Outcome.GRANT_WITH_REMINDER, Why("WEAR_MASK"))

    assert said == ("请联系门岗。", "Please see the guard.")


@pytest.mark.parametrize("policy", [0, 1])
def test_a_policy_the_gate_does_not_hold_sends_to_the_guard(plan: SitePlan, policy: int) -> None:
    said = _said(plan, policy, "n1-p1-in", Outcome.GRANT_WITH_REMINDER, Why("WEAR_MASK"))

    assert said == ("请联系门岗。", "Please see the guard.")


def test_a_gate_without_a_plan_says_what_the_rules_say() -> None:
    assert _said(None, 0, "n1-p1-in", Outcome.DENY, Why("SYSTEM_FAULT")) == ("请联系门岗。", "Please see the guard.")
    assert _said(None, 0, "n1-p1-in", Outcome.GRANT) == ("", "")
