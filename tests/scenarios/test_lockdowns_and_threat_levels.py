"""Lockdowns and threat levels of a running site: who raises and lowers them, where they hold, and who still passes."""

import re
from collections.abc import AsyncIterator

import grpc
import pytest_asyncio
from harness.patience import eventually
from harness.terminal import run
from menshen.access.v1 import administration_pb2 as pb
from menshen.access.v1.administration_pb2_grpc import AdministrationServiceStub
from menshen_cli.local.suite import Suite
from menshen_servicekit.identity import Role, spiffe_uri
from scenarios.campus import CALL_S, Campus, code_of, codes, outcome, plan_mapping

SITE = "lockdown"
IN_HALL = "hall-in-1"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def locked(town: Suite) -> AsyncIterator[Campus]:
    """A site that admits its guards alone to the hall from the third level on."""
    campus = Campus(town, SITE)
    await campus.put_plan(plan_mapping())
    threat = {"where": {"threat_level": 3, "areas": ["hall"]}, "admits": {"groups": ["first-response"]}}
    await campus.activate(threats=[threat], lockdown_override={"groups": ["first-response"]})
    await eventually(campus.is_ready, 30)
    yield campus


async def raise_hold(stub: AdministrationServiceStub, area: str = "") -> str:
    raised = await stub.RaiseHold(pb.RaiseHoldRequest(site=SITE, area=area, reason="a shot was heard"), timeout=CALL_S)
    hold_id: str = raised.hold.hold_id
    return hold_id


async def release(stub: AdministrationServiceStub, hold_id: str) -> None:
    await stub.ReleaseHold(pb.ReleaseHoldRequest(site=SITE, hold_id=hold_id, reason="all clear"), timeout=CALL_S)


async def test_a_lockdown_is_the_union_of_its_holds_and_bars_entries_alone(locked: Campus) -> None:
    desk, person = locked.administration, await locked.enrol()
    hall, whole = await raise_hold(desk, "hall"), await raise_hold(desk)

    both = [outcome(await locked.decide(point, person)) for point in ("e-in", IN_HALL, "hall-out", "e-out")]
    await release(desk, whole)
    one = [outcome(await locked.decide(point, person)) for point in ("e-in", IN_HALL, "hall-out")]
    await release(desk, hall)
    none = outcome(await locked.decide(IN_HALL, person))

    assert both[:2] == ["DENY", "DENY"]
    assert "DENY" not in both[2:]
    assert (one[1], "DENY" in (one[0], one[2]), none) == ("DENY", False, "GRANT")


async def test_those_whom_the_policy_names_pass_and_the_rest_wait(locked: Campus) -> None:
    officer, other = await locked.enrol(groups=("first-response",)), await locked.enrol()
    hold_id = await raise_hold(locked.administration, "hall")

    passed, barred = await locked.decide(IN_HALL, officer), await locked.decide(IN_HALL, other)
    await release(locked.administration, hold_id)

    assert (outcome(passed), codes(passed)) == ("GRANT_WITH_REMINDER", ["LOCKDOWN_OVERRIDDEN"])
    assert (outcome(barred), codes(barred)) == ("DENY", ["LOCKDOWN"])


async def test_a_guard_raises_a_lockdown_and_an_operator_alone_releases_it(locked: Campus, town: Suite) -> None:
    guard = AdministrationServiceStub(town.channel("access", spiffe_uri(Role.GUARD, "post-1", SITE)))
    folder = ("--folder", str(town.folder))

    raised = await run(
        "lockdown", "raise", SITE, "--area", "hall", "--reason", "a fight", "--as", "guard/post-1", *folder
    )
    [hold] = (await guard.ListHolds(pb.ListHoldsRequest(site=SITE), timeout=CALL_S)).holds
    refused = await code_of(release(guard, hold.hold_id))
    released = await run("lockdown", "release", SITE, hold.hold_id, "--reason", "over", "--as", "li", *folder)

    assert raised.status == released.status == 0, raised.printed + released.printed
    assert (hold.origin, hold.area, hold.reason) == ("guard/post-1", "hall", "a fight")
    assert hold.hold_id in re.sub(r"[\s│]", "", raised.printed)
    assert refused is grpc.StatusCode.PERMISSION_DENIED
    assert not (await guard.ListHolds(pb.ListHoldsRequest(site=SITE), timeout=CALL_S)).holds


async def test_a_level_set_at_a_terminal_decides_who_enters_the_area(locked: Campus, town: Suite) -> None:
    officer, other = await locked.enrol(groups=("first-response",)), await locked.enrol()
    guard = AdministrationServiceStub(town.channel("access", spiffe_uri(Role.GUARD, "post-1", SITE)))
    lower = pb.SetThreatLevelRequest(site=SITE, area="hall", level=0, reason="all clear")
    level = ("threat", "set", SITE, "3", "--area", "hall", "--reason", "a stranger", "--as", "li")

    shown = await run(*level, "--folder", str(town.folder))
    [standing] = (await guard.ListThreatLevels(pb.ListThreatLevelsRequest(site=SITE), timeout=CALL_S)).threat_levels
    refused = await code_of(guard.SetThreatLevel(lower, timeout=CALL_S))
    threatened = [await locked.decide(point, one) for point, one in ((IN_HALL, officer), (IN_HALL, other))]
    outside = [await locked.decide(point, other) for point in ("e-in", "hall-out", "e-out")]
    await locked.administration.SetThreatLevel(lower, timeout=CALL_S)
    calm = await locked.decide(IN_HALL, other)

    assert shown.status == 0, shown.printed
    assert (standing.area, standing.level, standing.origin, standing.reason) == ("hall", 3, "operator/li", "a stranger")
    assert refused is grpc.StatusCode.PERMISSION_DENIED
    assert [outcome(one) for one in threatened] == ["GRANT", "DENY"]
    assert codes(threatened[1]) == ["THREAT_LEVEL"]
    assert "DENY" not in [outcome(one) for one in (*outside, calm)]
