"""One suite for all contract tests: every service as a real process, and an agent on simulated hardware."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest_asyncio
from harness.callers import SITE
from harness.gate import DOOR, simulated_gate
from harness.patience import eventually
from harness.processes import AGENT, KEEPER, PROCESS_NAMES, RunningProcesses
from harness.rpcs import ask
from menshen_cli.local.suite import Suite

NOWHERE, NO_FILE = "127.0.0.1:9", "/nowhere"
OUT_OF_REACH = {
    "access": {f"MENSHEN_{peer}_TARGET": NOWHERE for peer in ("IDENTITY", "VEHICLES", "SAFETY")},
    KEEPER: {
        "MENSHEN_PIN_PEPPER_FILE": NO_FILE,
        "MENSHEN_SNAPSHOT_KEY_FILE": NO_FILE,
        "MENSHEN_HEADS_FOLDER": "",
    },
}
"""What the manifests keep from a process, which does without."""

SETTINGS = {name: {"MENSHEN_LOG_LEVEL": "debug", **OUT_OF_REACH.get(name, {})} for name in PROCESS_NAMES}
PLAN = f"""
areas: [{{id: outside}}, {{id: campus}}]
doors: [{{id: {DOOR}}}]
access_points:
  - {{id: n-in, from_area: outside, to_area: campus, direction: ENTRY, access_point_class: PEDESTRIAN,
     name: {{zh: 北门, en: North Gate}}, door: {DOOR}}}
  - {{id: n-out, from_area: campus, to_area: outside, direction: EXIT, access_point_class: PEDESTRIAN}}
"""


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def processes(run_folder: Path) -> AsyncIterator[RunningProcesses]:
    """All processes of the suite, with a small plan. A test that stops one starts it again."""
    folder = run_folder / "contract-gate"
    folder.mkdir()
    async with AsyncExitStack() as stack:
        suite = await stack.enter_async_context(Suite(run_folder / "contract", settings=SETTINGS, durable=False))
        gate = await stack.enter_async_context(simulated_gate(folder, SITE, AGENT.removeprefix("agent-")))
        await suite.start_agent(gate)
        running = RunningProcesses(suite, folder / "strangers")
        stack.push_async_callback(running.close)
        await plan_site(running)
        yield running


async def plan_site(processes: RunningProcesses) -> None:
    """Publish the plan; return when presentations are decided."""
    access = processes.channel("access")
    put_plan = await processes.rpc("access", "PutPlan")
    put = await ask(access, put_plan, put_plan.request(site=SITE, document=PLAN, reason="contract"))
    assert put.error is None, put.error
    occupancy = await processes.rpc("access", "GetOccupancy")

    async def is_planned() -> bool:
        return (await ask(access, occupancy, occupancy.request(site=SITE))).error is None

    await eventually(is_planned, deadline_s=20)
