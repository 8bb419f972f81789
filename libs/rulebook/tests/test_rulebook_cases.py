"""The shipped cases, run through the function."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from menshen_rulebook.cases import ScriptedCase, differences, read_cases
from menshen_rulebook.plan import SitePlan, plan_from_mapping

CASES = Path(__file__).parent.parent / "cases"


def _load(name: str) -> Any:
    return yaml.safe_load((CASES / name).read_text(encoding="utf-8"))


def _plans() -> dict[str, SitePlan]:
    return {name: plan_from_mapping(document) for name, document in _load("plans.yaml").items()}


def _cases() -> list[ScriptedCase]:
    plans = _plans()
    files = sorted(path.name for path in CASES.glob("*.yaml") if path.name != "plans.yaml")
    return [case for name in files for case in read_cases(_load(name), plans)]


@pytest.mark.parametrize("case", _cases(), ids=lambda case: case.name)
def test_the_case_decides_as_scripted(case: ScriptedCase) -> None:
    decision = case.decide()

    assert not differences(case.expected, decision)
