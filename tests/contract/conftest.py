"""One suite for all contract tests: every service as a real process, and an agent on simulated hardware."""

import importlib.util
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest_asyncio
from harness.callers import SITE
from harness.gate import simulated_gate
from harness.processes import AGENT, RunningProcesses
from menshen_cli.local.roster import SERVICES
from menshen_cli.local.suite import Suite

STARTABLE = tuple(spec for spec in SERVICES if importlib.util.find_spec(f"{spec.module}.__main__"))
LOG_EVERYTHING = {name: {"MENSHEN_LOG_LEVEL": "debug"} for name in (*(spec.name for spec in SERVICES), AGENT)}
LOG_EVERYTHING["access"] |= {"MENSHEN_VEHICLES_TARGET": "127.0.0.1:9"}


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def processes(run_folder: Path) -> AsyncIterator[RunningProcesses]:
    """All processes of the suite. A test that stops one starts it again."""
    folder = run_folder / "contract-gate"
    folder.mkdir()
    async with AsyncExitStack() as stack:
        suite = await stack.enter_async_context(
            Suite(run_folder / "contract", settings=LOG_EVERYTHING, durable=False, services=STARTABLE)
        )
        gate = await stack.enter_async_context(simulated_gate(folder, SITE, AGENT.removeprefix("agent-")))
        await suite.start_agent(gate)
        running = RunningProcesses(suite, folder / "strangers")
        stack.push_async_callback(running.close)
        yield running
