"""Policies and closures at running gates: two operators, a switch to the second, and outages at the worst moment."""

import asyncio
import json
import os
import re
import sys
from typing import Any

import grpc
import pytest
import pytest_asyncio
from faults.conftest import Battlefield
from faults.lanes import CLOCK, LaneAgent, start_lane_agent
from harness.patience import eventually
from menshen.access.v1 import administration_pb2 as pb
from menshen.access.v1.administration_pb2_grpc import AdministrationServiceStub
from menshen.safety.v1 import safety_pb2
from menshen.safety.v1.safety_pb2_grpc import AlarmServiceStub
from menshen_cli.demo.uplink import Uplink
from menshen_device_agent.events import EventKind
from menshen_rulebook.types import Outcome
from menshen_servicekit.identity import Role, spiffe_uri
from menshen_servicekit.status import domain_error_of
from scenarios.campus import CALL_S, Campus, Person, codes, outcome, policy_mapping
from scenarios.gatehouse import Gatehouse

SITE, LEAD_MS = "south", 2_000
PASSES = (Outcome.GRANT, Outcome.GRANT_WITH_REMINDER)
SWITCHED_WITHIN_MS = 1_000
KEEPER = "access-keeper"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def campus(field_of_lanes: Battlefield, gate: Gatehouse) -> Campus:
    """The site of the gate with hardware, its plan and policy in force."""
    return Campus(field_of_lanes.suite, SITE)


def office(campus: Campus, name: str) -> Any:
    """The administration as one operator reaches it."""
    return AdministrationServiceStub(campus.suite.channel("access", spiffe_uri(Role.OPERATOR, name)))


async def scheduled(campus: Campus, version: int, from_ms: int, **more: Any) -> pb.Policy:
    """Drafted, checked and scheduled by Li, approved by Wang."""
    li, wang = office(campus, "li"), office(campus, "wang")
    document = json.dumps(policy_mapping(SITE, version, from_ms, **more), ensure_ascii=False)
    drafted = await li.DraftPolicy(
        pb.DraftPolicyRequest(site=SITE, document=document, reason="notice 7"), timeout=CALL_S
    )
    named = {"site": SITE, "policy_id": drafted.policy.policy_id, "reason": "as announced"}
    checked = await li.CheckPolicy(pb.CheckPolicyRequest(**named), timeout=CALL_S)
    assert list(checked.faults) == []
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await li.ApprovePolicy(pb.ApprovePolicyRequest(**named), timeout=CALL_S)
    assert domain_error_of(refused.value).code == "SECOND_OPERATOR_NEEDED"
    await wang.ApprovePolicy(pb.ApprovePolicyRequest(**named), timeout=CALL_S)
    response = await li.SchedulePolicy(pb.SchedulePolicyRequest(**named), timeout=CALL_S)
    policy: pb.Policy = response.policy
    return policy


async def policy_of(campus: Campus, policy_id: str) -> pb.GetPolicyResponse:
    response: pb.GetPolicyResponse = await office(campus, "li").GetPolicy(
        pb.GetPolicyRequest(site=SITE, policy_id=policy_id), timeout=CALL_S
    )
    return response


async def notices_of(campus: Campus, policy_id: str) -> list[pb.Notice]:
    request = pb.WatchNoticesRequest(site=SITE, until_now=True)
    pages = office(campus, "li").WatchNotices(request, timeout=CALL_S)
    return [notice async for page in pages for notice in page.notices if notice.policy_id == policy_id]


async def restore(campus: Campus) -> None:
    """The rules without closures, at once."""
    now_ms = CLOCK.now_ms()
    document = json.dumps(policy_mapping(SITE, now_ms, now_ms), ensure_ascii=False)
    await campus.administration.ActivatePolicy(
        pb.ActivatePolicyRequest(site=SITE, document=document, from_ms=now_ms, reason="over"), timeout=CALL_S
    )


def notice(number: int) -> dict[str, Any]:
    return {"notice": {"zh": f"第 {number} 号公告", "en": f"Notice {number}"}}


async def test_a_policy_of_two_operators_switches_a_running_gate_to_the_second(campus: Campus, gate: Gatehouse) -> None:
    person = await campus.enrol()
    at_ms = CLOCK.now_ms() + LEAD_MS + 2_500
    closed = [{"access_point": name, "redirect": "e-in"} for name in ("n-in", "s-in")]
    policy = await scheduled(campus, 1_001, at_ms, closures=closed, **notice(1))

    before = await gate.walk("in", person.card)
    answers = []

    async def is_closed() -> bool:
        answers.append(await campus.decide("s-in", person))
        return outcome(answers[-1]) == "DENY"

    await eventually(is_closed, 15)
    after = await gate.walk("in", person.card, patience_s=1.0)
    out = await gate.walk("out", person.card)

    assert (before, after, out) == (1, 0, 1)
    assert answers[0].decided_at_ms < at_ms
    assert all(answer.decided_at_ms < at_ms for answer in answers[:-1])
    assert 0 <= answers[-1].decided_at_ms - at_ms <= SWITCHED_WITHIN_MS
    assert codes(answers[-1])[0] == "ACCESS_POINT_CLOSED"
    (told,) = await eventually(lambda: notices_of(campus, policy.policy_id))
    assert (told.effective_ms, told.late, told.text_zh) == (at_ms, False, "第 1 号公告")
    lived = await policy_of(campus, policy.policy_id)
    assert (lived.policy.state, lived.policy.in_force) == (pb.POLICY_STATE_ACTIVE, True)
    assert [step.who for step in lived.transitions] == [
        "operator/li",
        "operator/li",
        "operator/wang",
        "operator/li",
        "service/access",
    ]
    await restore(campus)


@pytest.mark.full
async def test_a_keeper_killed_before_the_instant_puts_the_notice_late_and_once_and_the_gates_switch_all_the_same(
    campus: Campus,
) -> None:
    person = await campus.enrol()
    at_ms = CLOCK.now_ms() + LEAD_MS + 1_500
    policy = await scheduled(campus, 1_002, at_ms, closures=[{"access_point": "s-in"}], **notice(2))

    await campus.suite.kill(KEEPER)
    await eventually(lambda: CLOCK.now_ms() > at_ms + 5_500, 20)
    refused = await campus.decide("s-in", person)
    shown = await policy_of(campus, policy.policy_id)
    untold = await notices_of(campus, policy.policy_id)
    await campus.suite.restart(KEEPER)

    assert (outcome(refused), shown.policy.in_force, untold) == ("DENY", True, [])
    (told,) = await eventually(lambda: notices_of(campus, policy.policy_id), 20)
    assert (told.effective_ms, told.late) == (at_ms, True)
    await campus.suite.kill(KEEPER)
    await campus.suite.restart(KEEPER)
    await restore(campus)
    following = await scheduled(campus, 1_003, CLOCK.now_ms() + LEAD_MS + 1_000, **notice(3))
    await eventually(lambda: notices_of(campus, following.policy_id), 20)
    assert len(await notices_of(campus, policy.policy_id)) == 1


async def close(
    campus: Campus, access_point: str, duration_ms: int = 60_000, redirect: str = ""
) -> pb.EmergencyClosure:
    request = pb.CloseAccessPointRequest(
        site=SITE, access_point=access_point, duration_ms=duration_ms, redirect=redirect, reason="a burst pipe"
    )
    response = await office(campus, "li").CloseAccessPoint(request, timeout=CALL_S)
    closure: pb.EmergencyClosure = response.closure
    return closure


async def test_an_emergency_closure_bars_an_entry_at_once_and_never_an_exit(campus: Campus, gate: Gatehouse) -> None:
    person = await campus.enrol()

    closure = await close(campus, "n-in", redirect="e-in")
    refused = await campus.decide("n-in", person)
    walked_in = await gate.walk("in", person.card, patience_s=1.0)
    walked_out = await gate.walk("out", person.card)
    with pytest.raises(grpc.aio.AioRpcError) as exit_refused:
        await close(campus, "n-out")
    reopened = await office(campus, "wang").ReopenAccessPoint(
        pb.ReopenAccessPointRequest(site=SITE, closure_id=closure.closure_id, reason="it holds"), timeout=CALL_S
    )
    walked_again = await gate.walk("in", person.card)

    (reason,) = refused.reasons
    assert (reason.code, "a burst pipe" in reason.guard.en) == ("ACCESS_POINT_CLOSED", True)
    assert "e-in" in reason.holder.en
    assert (walked_in, walked_out, walked_again) == (0, 1, 1)
    assert domain_error_of(exit_refused.value).code == "EXIT_STAYS_OPEN"
    assert reopened.closure.ended_by == "operator/wang"


async def test_an_edge_without_the_centre_opens_again_at_the_second_the_closure_ends(campus: Campus) -> None:
    person = await campus.enrol()
    async with Uplink({"access": campus.suite.target("access")}) as uplink:
        agent = await start_lane_agent(
            campus.suite,
            campus.suite.folder / "lanes",
            "s-9",
            ("w-in", "w-out"),
            site=SITE,
            target=uplink.address("access"),
        )
        try:
            keys = [f"card:{person.card_text}"]
            await eventually(lambda: agent.is_current and agent.keeper.holding.records.subjects(keys), 30)
            closure = await close(campus, "w-in", 4_000)
            await eventually(lambda: closure.closure_id in _held(agent), 5)
            arrived_ms = CLOCK.now_ms()
            await uplink.cut()
            await eventually(lambda: not agent.link.online)

            seen = await until_it_opens(agent, person)
            left = await agent.pass_through("w-out", person)
        finally:
            await agent.close()

    assert arrived_ms - closure.from_ms <= SWITCHED_WITHIN_MS
    assert {kind for _, kind, _ in seen} == {EventKind.EDGE}
    *barred, (opened_ms, _, _) = seen
    assert barred
    assert all(at_ms < closure.to_ms for at_ms, _, _ in barred)
    assert 0 <= opened_ms - closure.to_ms <= SWITCHED_WITHIN_MS
    assert left.answer.outcome in PASSES


async def until_it_opens(agent: LaneAgent, person: Person) -> list[tuple[int, EventKind, Outcome]]:
    """What the edge said, presentation by presentation, until it let somebody in: (decided at, by whom, outcome)."""
    seen: list[tuple[int, EventKind, Outcome]] = []

    async def opens() -> bool:
        shown = await agent.pass_through("w-in", person, walks=False)
        seen.append((CLOCK.now_ms(), shown.answer.kind, shown.answer.outcome))
        return shown.answer.outcome in PASSES

    await eventually(opens, 15)
    return seen


def _held(agent: LaneAgent) -> list[str]:
    plan = agent.keeper.holding.plan
    return [closure.closure_id for closure in plan.closures] if plan is not None else []


async def test_a_closure_nobody_answers_for_reaches_the_control_room_and_stays_on_the_list(campus: Campus) -> None:
    closure = await close(campus, "e-in", 1_000)
    room = AlarmServiceStub(campus.suite.channel("safety"))

    async def alarms() -> list[safety_pb2.Alarm]:
        listed = await room.ListAlarms(safety_pb2.ListAlarmsRequest(site=SITE), timeout=CALL_S)
        return [alarm for alarm in listed.alarms if alarm.detail.get("closure") == closure.closure_id]

    async def waiting() -> list[str]:
        request = pb.ListClosuresRequest(site=SITE, waiting=True)
        return [one.closure_id for one in (await office(campus, "li").ListClosures(request, timeout=CALL_S)).closures]

    (alarm,) = await eventually(alarms, 20)
    unanswered = await waiting()
    await office(campus, "wang").ApproveClosure(
        pb.ApproveClosureRequest(site=SITE, closure_id=closure.closure_id, reason="it was right"), timeout=CALL_S
    )

    assert (alarm.source, alarm.detail["cause"]) == ("e-in", "CLOSURE_NOT_APPROVED")
    assert closure.closure_id in unanswered
    assert closure.closure_id not in await waiting()


async def menshen_policy(campus: Campus, *arguments: str) -> str:
    """What `menshen policy` prints in another terminal; it must succeed."""
    command = [sys.executable, "-m", "menshen_cli", "policy", *arguments, "--folder", str(campus.suite.folder)]
    process = await asyncio.create_subprocess_exec(
        *command,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env={**os.environ, "LANG": "C.UTF-8"},
    )
    printed, _ = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 0, printed.decode()
    return printed.decode()


@pytest.mark.full
async def test_the_command_takes_a_policy_from_draft_to_schedule_and_back(campus: Campus) -> None:
    at_ms = CLOCK.now_ms() + 3_600_000
    file = campus.suite.folder / "rules.yaml"
    file.write_text(json.dumps(policy_mapping(SITE, 1_004, at_ms)))
    why = ("--reason", "notice 9")

    drafted = await menshen_policy(campus, "draft", SITE, str(file), "--as", "li", *why)
    (policy_id,) = set(re.findall(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", drafted))
    for step, operator in (("check-draft", "li"), ("approve", "wang"), ("schedule", "li")):
        await menshen_policy(campus, step, SITE, policy_id, "--as", operator, *why)
    listed = await menshen_policy(campus, "list", SITE)
    await menshen_policy(campus, "withdraw", SITE, policy_id, "--as", "wang", *why)
    shown = await menshen_policy(campus, "show", SITE, policy_id)

    assert policy_id in listed
    assert [act for act in ("DRAFT", "CHECK", "APPROVE", "SCHEDULE", "WITHDRAW") if act not in shown] == []
    assert policy_id not in await menshen_policy(campus, "list", SITE)
