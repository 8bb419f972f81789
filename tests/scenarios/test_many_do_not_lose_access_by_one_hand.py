"""At the terminal: a policy and a plan that take a gate from everybody need a second approver, in a running suite."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from harness.patience import eventually
from harness.terminal import Ended, run
from menshen_cli.local.suite import Suite
from scenarios.campus import CLOCK, Campus, plan_mapping, policy_mapping

pytestmark = pytest.mark.full

SITE, PEOPLE = "guarded", 25
LI, WANG, ZHOU = "li", "wang", "zhou"


def parts_missing(shown: Ended, *parts: str) -> list[str]:
    return [part for part in parts if part not in shown.printed]


async def test_a_second_person_approves_what_takes_a_gate_from_everybody(town: Suite, tmp_path: Path) -> None:
    campus = Campus(town, SITE)
    await campus.put_plan(plan_mapping())
    await campus.activate()
    await eventually(campus.is_ready, 30)
    await asyncio.gather(*(campus.enrol() for _ in range(PEOPLE)))

    async def menshen(command: str, action: str, what: str | Path, who: str, *options: str) -> Ended:
        given = ("--reason", "works", "--as", who, "--folder", str(town.folder), *options)
        return await run(command, action, SITE, str(what), *given)

    def written(name: str, mapping: Any) -> Path:
        file = tmp_path / name
        file.write_text(json.dumps(mapping, ensure_ascii=False))
        return file

    closed = policy_mapping(SITE, 9_001, CLOCK.now_ms() + 86_400_000, closures=[{"access_point": "n-in"}])
    drafted = await menshen("policy", "draft", written("policy.json", closed), LI)
    policy_id = drafted.printed.split("\n")[2].split()[0] if drafted.status == 0 else drafted.printed
    checked = await menshen("policy", "check-draft", policy_id, LI)
    approved = await menshen("policy", "approve", policy_id, WANG)
    refused = await menshen("policy", "schedule", policy_id, LI)
    again = await menshen("policy", "approve", policy_id, ZHOU)
    scheduled = await menshen("policy", "schedule", policy_id, LI)
    shown = await run("policy", "show", SITE, policy_id, "--folder", str(town.folder))

    assert [one.status for one in (drafted, checked, approved, refused, again, scheduled)] == [0, 0, 0, 1, 0, 0]
    assert parts_missing(refused, "25 of 25 (100.0 %) people", "n-in (25)", "a second person must approve") == []
    assert parts_missing(again, "25 of 25 people", "n-in (25)") == []
    assert parts_missing(scheduled, "SCHEDULED") == []
    assert parts_missing(shown, "SECOND_APPROVE", "operator/zhou") == []

    level = {"access_levels": [{"id": "all", "entries": [{"access_point": "s-in"}, {"access_point": "s-out"}]}]}
    document = written("plan.json", level)
    alone = await menshen("plan", "put", document, LI)
    own = await menshen("plan", "approve", document, LI)
    still = await menshen("plan", "put", document, LI)
    seen = await menshen("plan", "approve", document, WANG)
    put = await menshen("plan", "put", document, LI)

    assert [one.status for one in (alone, own, still, seen, put)] == [1, 0, 1, 0, 0]
    assert parts_missing(alone, "25 of 25", "SHA-256") == []
    assert parts_missing(seen, "SHA-256", "approved until") == []
    assert parts_missing(put, "the plan is at version") == []
