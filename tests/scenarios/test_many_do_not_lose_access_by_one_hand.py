"""At the terminal: a policy and a plan that take a gate from everybody need a second approver, in a running suite."""

import asyncio
import json
from pathlib import Path

import pytest
from harness.patience import eventually
from harness.terminal import Ended, run
from menshen.access.v1 import administration_pb2 as pb
from menshen.access.v1.administration_pb2_grpc import AdministrationServiceStub
from menshen_cli.local.suite import Suite
from menshen_servicekit.identity import Role, spiffe_uri
from scenarios.campus import CALL_S, CLOCK, Campus, plan_mapping, policy_mapping

pytestmark = [pytest.mark.full, pytest.mark.timeout(180)]

SITE, PEOPLE = "guarded", 25
LI, WANG, ZHOU = "li", "wang", "zhou"


def parts_missing(shown: Ended, *parts: str) -> list[str]:
    return [part for part in parts if part not in shown.printed]


async def approved_once(town: Suite, document: str) -> str:
    """Drafted and checked by Li, approved by Wang; the policy's id."""
    li, wang = [
        AdministrationServiceStub(town.channel("access", spiffe_uri(Role.OPERATOR, name))) for name in (LI, WANG)
    ]
    drafted = await li.DraftPolicy(pb.DraftPolicyRequest(site=SITE, document=document, reason="works"), timeout=CALL_S)
    named = {"site": SITE, "policy_id": drafted.policy.policy_id, "reason": "works"}
    await li.CheckPolicy(pb.CheckPolicyRequest(**named), timeout=CALL_S)
    await wang.ApprovePolicy(pb.ApprovePolicyRequest(**named), timeout=CALL_S)
    return str(drafted.policy.policy_id)


async def roll_back(town: Suite, policy_id: str) -> Ended:
    given = ("--policy", policy_id, "--reason", "queue", "--as", LI, "--folder", str(town.folder))
    return await run("rollback", SITE, *given)


async def test_a_second_person_approves_what_takes_a_gate_from_everybody(town: Suite, tmp_path: Path) -> None:
    campus = Campus(town, SITE)
    await campus.put_plan(plan_mapping())
    await campus.activate()
    await eventually(campus.is_ready, 30)
    await asyncio.gather(*(campus.enrol() for _ in range(PEOPLE)))

    async def menshen(command: str, action: str, what: str | Path, who: str, *options: str) -> Ended:
        given = ("--reason", "works", "--as", who, "--folder", str(town.folder), *options)
        return await run(command, action, SITE, str(what), *given)

    closed = policy_mapping(SITE, 9_001, CLOCK.now_ms() + 86_400_000, closures=[{"access_point": "n-in"}])
    policy_id = await approved_once(town, json.dumps(closed))
    refused = await menshen("policy", "schedule", policy_id, LI)
    again = await menshen("policy", "approve", policy_id, ZHOU)
    scheduled = await menshen("policy", "schedule", policy_id, LI)
    shown = await run("policy", "show", SITE, policy_id, "--folder", str(town.folder))

    assert [one.status for one in (refused, again, scheduled)] == [1, 0, 0]
    assert parts_missing(refused, "25 of 25 (100.0 %) people", "n-in (25)", "a second person must approve") == []
    assert parts_missing(again, "25 of 25 people", "n-in (25)") == []
    assert parts_missing(scheduled, "SCHEDULED") == []
    assert parts_missing(shown, "SECOND_APPROVE", "operator/zhou") == []

    over = await approved_once(town, json.dumps(policy_mapping(SITE, 9_002, CLOCK.now_ms() + 90_000_000)))
    laid_over = await menshen("policy", "schedule", over, LI)
    by_one = [await menshen("policy", "withdraw", over, LI), await roll_back(town, over)]
    by_two = [await menshen("plan", "approve-removal", over, WANG), await menshen("policy", "withdraw", over, LI)]

    assert [one.status for one in (laid_over, *by_one, *by_two)] == [0, 1, 1, 0, 0]
    assert [parts_missing(one, "25 of 25", "n-in (25)") for one in (*by_one, by_two[0])] == [[]] * 3
    assert parts_missing(by_two[1], "WITHDRAWN") == []

    level = {"access_levels": [{"id": "all", "entries": [{"access_point": "s-in"}, {"access_point": "s-out"}]}]}
    document = tmp_path / "plan.json"
    document.write_text(json.dumps(level))
    alone = await menshen("plan", "put", document, LI)
    seen = await menshen("plan", "approve", document, WANG)
    put = await menshen("plan", "put", document, LI)

    assert [one.status for one in (alone, seen, put)] == [1, 0, 0]
    assert parts_missing(alone, "25 of 25", "SHA-256") == []
    assert parts_missing(seen, "SHA-256", "approved until") == []
    assert parts_missing(put, "the plan is at version") == []
