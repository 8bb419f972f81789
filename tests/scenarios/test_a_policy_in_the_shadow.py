"""A draft runs beside the policy in force in the running suite, as operators start, read and stop it."""

import json
from pathlib import Path

import grpc
import pytest
from harness.patience import eventually
from harness.terminal import run
from menshen.access.v1 import administration_pb2, decision_pb2
from menshen.access.v1 import shadow_pb2 as pb
from menshen.access.v1.shadow_pb2_grpc import ShadowServiceStub
from menshen_cli.local.suite import Suite
from menshen_servicekit.identity import Role, spiffe_uri
from scenarios.campus import CALL_S, Campus, policy_mapping

DRAFTED = 9101


async def draft(campus: Campus) -> str:
    """A draft that closes the west gate."""
    document = json.dumps(policy_mapping(campus.site, DRAFTED, 0, closures=[{"access_point": "w-in"}]))
    request = administration_pb2.DraftPolicyRequest(site=campus.site, document=document, reason="scenario")
    return str((await campus.administration.DraftPolicy(request, timeout=CALL_S)).policy.policy_id)


async def test_what_the_draft_would_have_refused_is_known_and_the_gates_know_nothing_of_it(
    campus: Campus, town: Suite, tmp_path: Path
) -> None:
    shadows = ShadowServiceStub(town.channel("access"))
    person, file = await campus.enrol(), tmp_path / "differences.csv"
    policy_id = await draft(campus)
    start = pb.StartShadowRequest(site=campus.site, policy_id=policy_id, hours=1, reason="scenario")
    shadow_id = (await shadows.StartShadow(start, timeout=CALL_S)).shadow.shadow_id

    decisions = [await campus.decide(point, person) for point in ("w-in", "w-out", "e-in")]

    last = (await campus.recorded(decisions[-1].event_id, "CENTRE"))["CENTRE"].sequence

    async def followed() -> bool:
        listed = await shadows.ListShadows(pb.ListShadowsRequest(site=campus.site, shadow_id=shadow_id), timeout=CALL_S)
        return listed.shadows[0].through_sequence >= last

    await eventually(followed, 30)
    written = await run(
        "shadow", "differences", campus.site, shadow_id, "--csv", str(file), "--folder", str(town.folder)
    )
    await shadows.StopShadow(
        pb.StopShadowRequest(site=campus.site, shadow_id=shadow_id, reason="scenario"), timeout=CALL_S
    )

    assert written.status == 0, written.printed
    rows = file.read_text(encoding="utf-8-sig").splitlines()[1:]
    assert [row.split(",")[0] for row in rows] == [decisions[0].event_id]
    assert "ACCESS_POINT_CLOSED" in rows[0]
    assert person.subject_id in rows[0]
    assert decisions[0].outcome == decision_pb2.OUTCOME_GRANT


async def test_a_guard_and_an_agent_learn_nothing_of_shadows(campus: Campus, town: Suite) -> None:
    for role, name in ((Role.GUARD, "post-1"), (Role.AGENT, "n-1")):
        shadows = ShadowServiceStub(town.channel("access", spiffe_uri(role, name, campus.site)))
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await shadows.ListShadows(pb.ListShadowsRequest(site=campus.site), timeout=CALL_S)
        assert refused.value.code() is grpc.StatusCode.PERMISSION_DENIED
