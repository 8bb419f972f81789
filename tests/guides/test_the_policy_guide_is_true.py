"""The policy guide: every example passes the check, decides as its tables say, and is quoted as it stands."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from menshen_access.plan_documents import read_document
from menshen_cli.policy import shown
from menshen_cli.policy_check import check_files, read_supply
from menshen_rulebook.analysis import Severity
from menshen_rulebook.cases import ScriptedCase, differences, read_cases
from menshen_rulebook.plan import SitePlan, plan_from_mapping

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = Path("docs/policy")
PLAN, FACTS = EXAMPLES / "plan.yaml", EXAMPLES / "facts.yaml"
POLICIES = sorted(path.relative_to(ROOT) for path in (ROOT / EXAMPLES).glob("[0-9]*.yaml"))
GUIDES = {"en": ROOT / "docs/policy.md", "zh": ROOT / "docs/policy.zh-CN.md"}
BEFORE_MS = 1_798_732_800_000
"""The first of January 2027: every example is still to come."""
SCHEMA = ROOT / "libs/rulebook/schema"


def plain(path: Path) -> dict[str, Any]:
    return read_document((ROOT / path).read_text(encoding="utf-8")).plain


def plans() -> dict[str, SitePlan]:
    return {path.stem: plan_from_mapping({**plain(PLAN), "policies": [plain(path)]}) for path in POLICIES}


def cases() -> list[tuple[dict[str, Any], ScriptedCase]]:
    document = plain(EXAMPLES / "cases.yaml")
    return list(zip(document["cases"], read_cases(document, plans()), strict=True))


def blocks(language: str, kind: str) -> list[str]:
    text = GUIDES[language].read_text(encoding="utf-8")
    return re.findall(rf"^```{kind}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("path", POLICIES, ids=lambda path: path.stem)
def test_an_example_has_no_findings_and_validates(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    schema = Draft202012Validator(json.loads((SCHEMA / "policy-1.schema.json").read_text(encoding="utf-8")))

    assert check_files([path], PLAN, read_supply(FACTS), BEFORE_MS) == ()
    assert not list(schema.iter_errors(plain(path)))


def test_the_plan_of_the_guide_validates() -> None:
    schema = Draft202012Validator(json.loads((SCHEMA / "plan-1.schema.json").read_text(encoding="utf-8")))

    assert not list(schema.iter_errors(plain(PLAN)))


@pytest.mark.parametrize("case", [case for _, case in cases()], ids=lambda case: case.name)
def test_an_example_decides_as_its_table_says(case: ScriptedCase) -> None:
    assert not differences(case.expected, case.decide())


@pytest.mark.parametrize("language", GUIDES)
def test_the_tables_of_the_guide_are_the_cases(language: str) -> None:
    text = GUIDES[language].read_text(encoding="utf-8")
    rows = []
    for row, case in cases():
        reasons = ", ".join(f"`{code}`" for code in case.expected.reasons)
        name = row["name"] if language == "en" else row["zh"]
        rows.append(f"| {name} | `{case.expected.outcome.name}` | {reasons} |".replace("|  |", "| |"))

    written = re.findall(r"^\|.*\| `[A-Z_]+` \|.*`?.*\|$", text, re.MULTILINE)
    decided = [line for line in written if re.search(r"\| `(GRANT|GRANT_WITH_REMINDER|MANUAL_REVIEW|DENY)` \|", line)]
    assert [line for line in decided if not re.match(r"\| `[a-z_]+` \|", line)] == rows


@pytest.mark.parametrize("language", GUIDES)
def test_what_the_guide_quotes_stands_in_the_examples(language: str) -> None:
    files = [(ROOT / EXAMPLES / name).read_text(encoding="utf-8") for name in ("plan.yaml", "wrong.yaml")]
    files += [(ROOT / path).read_text(encoding="utf-8") for path in POLICIES]
    quoted = blocks(language, "yaml")

    assert len(quoted) == len(POLICIES) + 3
    for block in quoted:
        assert any(block in text for text in files), block


@pytest.mark.parametrize("language", GUIDES)
def test_the_commands_of_the_guide_answer_as_printed(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    sessions = blocks(language, "console")

    assert len(sessions) == 2
    for session in sessions:
        command, _, answer = session.partition("\n")
        files = re.fullmatch(rf"\$ menshen policy check (.+) --plan {PLAN} --facts {FACTS}", command)
        assert files
        paths = [Path(name) for name in files[1].split()]
        assert shown(check_files(paths, PLAN, read_supply(FACTS), BEFORE_MS), zh=language == "zh") == answer


def test_the_wrong_example_has_a_finding_for_every_clause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)

    remarks = check_files([EXAMPLES / "wrong.yaml"], PLAN, read_supply(FACTS), BEFORE_MS)

    assert {remark.severity for remark in remarks} == {Severity.ERROR, Severity.WARNING}
    assert len({remark.place for remark in remarks}) == len(remarks)
