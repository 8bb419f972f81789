"""Agents that run and are not accepted: what the control room sees, and what shows on the spot when it sees nothing."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest_asyncio
from harness.gate import simulated_gate
from harness.patience import eventually
from harness.processes import SERVING, RunningProcesses
from harness.terminal import run
from menshen.device.v1 import device_pb2
from menshen.device.v1.device_pb2_grpc import DeviceServiceStub
from menshen.safety.v1 import safety_pb2
from menshen.safety.v1.safety_pb2_grpc import AlarmServiceStub
from menshen_cli.local.roster import AgentSpec
from menshen_cli.local.suite import Suite
from menshen_servicekit.identity import Role, spiffe_uri
from menshen_servicekit.tls import TlsFiles
from scenarios.campus import CALL_S, CLOCK, Campus, plan_mapping

SITE, DOOR, POINT = "south", "spare-door", "spare-in"
REFUSED, FOREIGN = "FAILED_PRECONDITION", "PERMISSION_DENIED"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def south(town: Suite) -> Campus:
    campus = Campus(town, SITE)
    await campus.open()
    return campus


@asynccontextmanager
async def processes(town: Suite) -> AsyncIterator[RunningProcesses]:
    running = RunningProcesses(town, town.folder / "strangers")
    yield running
    await running.close()


@asynccontextmanager
async def started(town: Suite, spec: AgentSpec) -> AsyncIterator[None]:
    await town.start_agent(spec)
    try:
        yield
    finally:
        await town.stop(spec.name)


async def refusals(running: RunningProcesses, spec: AgentSpec, status: str) -> float:
    """How often the centre refused the agent, by the agent's own count."""
    return (await running.metrics(spec.name)).get(("menshen_centre_refusals_total", (("status", status),)), 0.0)


async def is_online(running: RunningProcesses, spec: AgentSpec) -> bool:
    stub: Any = DeviceServiceStub(running.channel(spec.name))
    return bool((await stub.GetStatus(device_pb2.GetStatusRequest(site=SITE), timeout=CALL_S)).centre_online)


async def alarms_of(town: Suite, spec: AgentSpec) -> list[safety_pb2.Alarm]:
    """What the control room has of an agent, oldest first."""
    request = safety_pb2.ListAlarmsRequest(site=SITE, kind=safety_pb2.ALARM_KIND_SECURITY)
    listed = await AlarmServiceStub(town.channel("safety")).ListAlarms(request, timeout=CALL_S)
    found = [alarm for alarm in listed.alarms if alarm.source == spec.agent_id]
    return sorted(found, key=lambda alarm: alarm.raised_at_ms)


def logged(town: Suite, spec: AgentSpec) -> list[tuple[str, str]]:
    """(status, why) of every refusal in the agent's log."""
    lines = map(json.loads, town.log_file(spec.name).read_text(encoding="utf-8").splitlines())
    return [(line["status"], line["why"]) for line in lines if line["event"] == "centre_refused"]


def mismatches(town: Suite, spec: AgentSpec) -> list[tuple[str, str]]:
    """(zh, en) of every certificate that was not the agent's own, in its log."""
    lines = map(json.loads, town.log_file(spec.name).read_text(encoding="utf-8").splitlines())
    return [(line["zh"], line["en"]) for line in lines if line["event"] == "certificate_of_another"]


def plan_with(*, point: bool) -> dict[str, Any]:
    """The plan with the agent's door, and with its access point or not yet."""
    plan = plan_mapping()
    plan["doors"].append({"id": DOOR})
    if point:
        gate = next(one for one in plan["access_points"] if one["id"] == "n-in")
        plan["access_points"].append({**gate, "id": POINT, "door": DOOR})
    return plan


async def test_doors_that_are_not_registered_are_alarmed_once_for_each_reason_until_the_plan_has_them(
    town: Suite, south: Campus, tmp_path: Path
) -> None:
    both = f"not as registered: access point {POINT}, door {DOOR}"
    half = f"not as registered: access point {POINT}"
    async with (
        simulated_gate(tmp_path, SITE, "e-7", door=DOOR, access_point=POINT) as spec,
        started(town, spec),
        processes(town) as running,
    ):

        async def refused_again(times: int) -> bool:
            return await refusals(running, spec, REFUSED) >= times

        async def alarmed(times: int) -> bool:
            return len(await alarms_of(town, spec)) >= times

        await eventually(lambda: alarmed(1), 20)
        await eventually(lambda: refused_again(3), 20)
        assert [dict(alarm.detail) for alarm in await alarms_of(town, spec)] == [{"centre": REFUSED, "why": both}]
        assert not await is_online(running, spec)
        assert await running.health(spec.name) == SERVING

        control_room = await run("alarms", SITE, "--folder", str(town.folder))
        assert control_room.status == 0, control_room.printed
        assert [word for word in ("SECURITY", "RAISED", "e-7", REFUSED, both) if word not in control_room.printed] == []

        await south.put_plan(plan_with(point=False))
        await eventually(lambda: alarmed(2), 20)
        await south.put_plan(plan_with(point=True))
        await eventually(lambda: is_online(running, spec), 20)

        assert [alarm.detail["why"] for alarm in await alarms_of(town, spec)] == [both, half]
        assert logged(town, spec) == [(REFUSED, both), (REFUSED, half)]
    await south.put_plan(plan_mapping())


def certificate(town: Suite, agent_id: str, site: str) -> TlsFiles:
    """The certificate in the agent's files: issued again, it takes the place of the one before."""
    uri = spiffe_uri(Role.AGENT, agent_id, site)
    return town.pki.authority.issue(f"{agent_id}-own", uri, CLOCK.now_ms())


async def test_a_certificate_of_another_site_shows_on_the_spot_and_its_alarm_waits_on_disk(
    town: Suite, south: Campus, tmp_path: Path
) -> None:
    files = certificate(town, "e-8", "north")
    own = {"MENSHEN_CERTIFICATE_FILE": str(files.certificate_file), "MENSHEN_KEY_FILE": str(files.key_file)}
    async with simulated_gate(tmp_path, SITE, "e-8") as plain, processes(town) as running:
        spec = replace(plain, settings=own)
        async with started(town, spec):

            async def is_refused_by_both() -> bool:
                undelivered = (await running.metrics(spec.name)).get(
                    ("menshen_task_failures_total", (("task", "alarms"),)), 0.0
                )
                return undelivered >= 2 and await refusals(running, spec, FOREIGN) >= 2

            await eventually(is_refused_by_both, 20)
            assert logged(town, spec) == [(FOREIGN, "the certificate belongs to another site")]
            assert mismatches(town, spec) == [
                (
                    "配置为校区 south 的代理 e-8，证书属于校区 north 的代理 e-8",
                    "the configuration is of agent e-8 at site south, the certificate of agent e-8 at north",
                )
            ]
            assert not await is_online(running, spec)
            assert await running.health(spec.name) == SERVING
            assert await alarms_of(town, spec) == []

            certificate(town, "e-8", SITE)
            mended_ms = CLOCK.now_ms()
            await town.restart(spec.name)

            await eventually(lambda: is_online(running, spec), 20)
            assert len(mismatches(town, spec)) == 1

            async def both() -> list[safety_pb2.Alarm]:
                return found if len(found := await alarms_of(town, spec)) == 2 else []

            compared, refused = await eventually(both, 20)
            assert dict(compared.detail) == {"certificate": "of another", "why": mismatches(town, spec)[0][1]}
            assert dict(refused.detail) == {"centre": FOREIGN, "why": "the certificate belongs to another site"}
            assert compared.raised_at_ms <= refused.raised_at_ms < mended_ms <= compared.stored_at_ms
