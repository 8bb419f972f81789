"""The example policies: their cases, and what every one of them must bring."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from menshen_rulebook.cases import ScriptedCase, differences, read_cases
from menshen_rulebook.plan import SitePlan, plan_from_mapping

EXAMPLES = Path(__file__).parents[3] / "examples" / "policies"
POLICIES = sorted(EXAMPLES.glob("*/20*.yaml"))
ROWS = {f"R{number:02}" for number in range(1, 23)}
DATES = ["2020-05-06", "2020-05-27", "2022-10-01", "2022-10-11", "2023-02-10"]


def _load(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def _plan(path: Path) -> SitePlan:
    policies = [_load(policy) for policy in POLICIES if policy.parent.name == path.stem]
    return plan_from_mapping({**_load(path), "policies": policies})


def _cases() -> tuple[ScriptedCase, ...]:
    plans = {path.stem: _plan(path) for path in sorted((EXAMPLES / "plans").glob("*.yaml"))}
    return read_cases(_load(EXAMPLES / "cases.yaml"), plans)


CASES = _cases()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_replay_decides_as_scripted(case: ScriptedCase) -> None:
    decision = case.decide()

    assert not differences(case.expected, decision)


def test_every_row_of_the_replay_has_a_case() -> None:
    assert {case.name.partition(" ")[0] for case in CASES} == ROWS


def test_north_has_all_five_policies_each_at_the_first_second_of_its_day() -> None:
    plan = _plan(EXAMPLES / "plans" / "north.yaml")

    assert [path.stem for path in POLICIES if path.parent.name == "north"] == DATES
    assert [policy.version for policy in plan.policies] == [int(date.replace("-", "")) for date in DATES]
    assert all((policy.from_ms + 8 * 3_600_000) % 86_400_000 == 0 for policy in plan.policies)


@pytest.mark.parametrize("path", POLICIES, ids=lambda path: f"{path.parent.name} {path.stem}")
def test_every_policy_speaks_both_languages(path: Path) -> None:
    document = _load(path)

    spoken = list(_texts(document))

    assert {"title", "notice"} <= set(document)
    assert len(spoken) > 2
    for text in spoken:
        assert re.search(r"[\u4e00-\u9fff]", text["zh"])
        assert not re.search(r"[\u4e00-\u9fff]", text["en"])


def _texts(value: Any) -> Any:
    if isinstance(value, dict):
        if "zh" in value:
            yield value
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from _texts(part)


def test_the_campuses_have_seventeen_gates() -> None:
    gates = {
        point.access_point_id.partition("-")[0]
        for path in (EXAMPLES / "plans").glob("*.yaml")
        for point in _plan(path).access_points
    }

    assert len(gates) == 17
