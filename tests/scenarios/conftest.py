"""One suite for the short scenarios and the live cases, each on sites of their own."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from menshen_cli.local.suite import Suite
from scenarios.campus import Campus
from scenarios.gatehouse import Gatehouse, gatehouse

SITES = (
    "north",
    "east",
    "south",
    "morning",
    "dormitory",
    "lockdown",
    "sources",
    "cars",
    "replay-north",
    "replay-east",
    "replay-lake",
    "switch",
    "telephone",
    "silent",
    "lake",
    "hill",
    "orders",
    "posture",
    "operated",
    "credentials",
    "announced",
    "again",
)


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def town(run_folder: Path) -> AsyncIterator[Suite]:
    """The four services, running, with sites for every module of this folder."""
    async with Suite(run_folder / "suite-scenarios", sites=SITES) as running:
        yield running


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def campus(town: Suite) -> Campus:
    """North, with its plan and policy in force."""
    opened = Campus(town)
    await opened.open()
    return opened


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def gate(campus: Campus, town: Suite) -> AsyncIterator[Gatehouse]:
    """North's gate with hardware, online."""
    async with gatehouse(town, town.folder / "gate", "n-1") as opened:
        yield opened
