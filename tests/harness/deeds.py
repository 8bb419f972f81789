"""One call that writes in each process, and a lock that keeps it from ending."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any

from menshen_cli.local.provision import administration

from harness.callers import SITE
from harness.processes import AGENT, RunningProcesses
from harness.rpcs import Answer, ask

_numbers = count(10_001)


@dataclass(frozen=True)
class Deed:
    """A unary call and the table it adds a row to; `stream` is an endless stream of the same process."""

    rpc: str
    fields: Callable[[int], Mapping[str, Any]]
    table: str
    stream: str
    listens: str = "operator of all sites"
    words: Mapping[str, Any] | None = None


DEEDS = {
    "identity": Deed(
        "PutOrganisation",
        lambda number: {"organisation": {"name_zh": f"契约{number}", "name_en": f"Contract {number}"}},
        "identity.organisations",
        "WatchSubjects",
        "service access",
        {"lane": 1},
    ),
    "vehicles": Deed(
        "PutVehicle",
        lambda number: {"vehicle": {"vehicle_class": 4, "plate": f"京A{number}", "owner_category": "staff"}},
        "vehicles.vehicles",
        "WatchVehicles",
        "service access",
        {"lane": 1},
    ),
    "safety": Deed(
        "PutZone",
        lambda number: {"zone": {"zone_id": f"z-{number}", "name_zh": "一区", "name_en": "One", "doors": ["d"]}},
        "safety.zone",
        "WatchAlarms",
    ),
    "access": Deed(
        "RaiseHold",
        lambda number: {"access_point": "n-in", "reason": f"contract {number}"},
        "access.hold",
        "WatchReviews",
    ),
    AGENT: Deed("GetStatus", lambda _: {}, "", "WatchDoors"),
}


async def do(processes: RunningProcesses, process: str, deadline_s: float | None = 30.0) -> Answer:
    """The deed of a process, once."""
    deed = DEEDS[process]
    rpc = await processes.rpc(process, deed.rpc)
    request = rpc.request(site=SITE, **deed.fields(next(_numbers)))
    return await ask(processes.channel(process), rpc, request, deadline_s=deadline_s)


async def done(processes: RunningProcesses, process: str) -> int:
    """How many rows there are of the deed."""
    async with administration(processes.suite.postgres, "menshen") as connection:
        return int(await connection.fetchval(f"SELECT count(*) FROM {DEEDS[process].table}"))


@asynccontextmanager
async def locked(processes: RunningProcesses, process: str) -> AsyncIterator[Callable[[], Awaitable[bool]]]:
    """Nobody else can write to the table of the deed meanwhile; yields a question: does somebody wait to?"""
    table = DEEDS[process].table
    async with administration(processes.suite.postgres, "menshen") as holder:
        transaction = holder.transaction()
        await transaction.start()
        await holder.execute(f"LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE")

        async def is_waited_for() -> bool:
            waiting = "SELECT count(*) FROM pg_locks WHERE relation = $1::text::regclass AND NOT granted"
            return bool(await holder.fetchval(waiting, table))

        try:
            yield is_waited_for
        finally:
            await transaction.rollback()
