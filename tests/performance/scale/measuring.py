"""The rows of size: decisions with few subjects and with many, what Redis and the cache hold, and a rebuild."""

import asyncio
import json
import sys
from contextlib import AsyncExitStack
from pathlib import Path
from statistics import median
from typing import Any

from hot_path.report import Row, Sample, medians, sample
from menshen_cli.local.provision import provision
from menshen_cli.local.servers import Server, postgres_server, valkey_server
from menshen_servicekit.clock import SystemClock
from menshen_servicekit.migrations import migrate_database
from menshen_servicekit.postgres import close_pool, open_pool

from scale.deciding import Gate
from scale.seeding import ready_site, seed_postgres, seed_redis

HERE = Path(__file__).resolve().parent
FEW = 1_000
CACHED, PASSING = 50_000, 200_000
CALM = 500
"""Decisions at the other site before the rebuild, to compare with."""

CHILD_S = 900.0
PACE_S = 0.01
"""A decision this long after the one before, at the other site, while one is rebuilt."""

Round = dict[str, Sample]


async def measure_size(folder: Path, rounds: int, many: int) -> list[Row]:
    """All rows of this module; `folder` is for its servers."""
    folder.mkdir(parents=True, exist_ok=True)
    return [
        *await decisions_and_bytes(folder, rounds, many),
        await full_cache(),
        *await rebuild(folder, many),
    ]


async def decisions_and_bytes(folder: Path, rounds: int, many: int) -> list[Row]:
    """Cold and warm decisions at both sizes in interleaved rounds, and what a subject weighs in Redis."""
    async with AsyncExitStack() as exits:
        sites = {}
        for subjects in (FEW, many):
            server = await _started(exits, valkey_server(folder / f"redis-{subjects}"))
            sites[subjects] = await exits.enter_async_context(ready_site(server, "north"))
        empty = await sites[many].bytes_used()
        for subjects, filled in sites.items():
            await seed_redis(filled, subjects)
        weight = (await sites[many].bytes_used() - empty) / many
        gates = {subjects: Gate(filled, subjects) for subjects, filled in sites.items()}
        for gate in gates.values():
            exits.push_async_callback(gate.close)
            await gate.round()
        measured = [await _round(gates) for _ in range(rounds)]
    bytes_row = Row(f"redis, {many:,} subjects", figure=f"{weight:.0f} B a subject", bar="<= 600 B", met=weight <= 600)
    return [*_ratio_rows("cold", measured, many), *_ratio_rows("warm", measured, many), bytes_row]


async def _round(gates: dict[int, Gate]) -> Round:
    found: Round = {}
    for subjects, gate in gates.items():
        for title, latencies in zip(("cold", "warm"), await gate.round(), strict=True):
            found[f"{title} {subjects}"] = sample(latencies, len(latencies) / (sum(latencies) / 1e6))
    return found


def _ratio_rows(title: str, rounds: list[Round], many: int) -> list[Row]:
    few_name, many_name = f"{title} {FEW}", f"{title} {many}"
    ratio = median(each[many_name].p50_us / each[few_name].p50_us for each in rounds)
    few, most = (medians([each[name] for each in rounds]) for name in (few_name, many_name))
    floor = f"{title}, {FEW:,} subjects"
    return [
        Row(floor, few.p50_us, few.p99_us, few.per_second),
        Row(
            f"{title}, {many:,} subjects",
            most.p50_us, most.p99_us, most.per_second, floor, ratio, "p50 <= 1.15", ratio <= 1.15,
        ),
    ]  # fmt: skip


async def full_cache() -> Row:
    """Resident memory of a full cache, and how much of it is added by those who pass through."""
    told = await _child("scale.caching", str(CACHED), str(PASSING))
    weight = told["full"] - told["empty"]
    growth = (told["later"] - told["empty"]) / weight
    figure = f"{weight / 1e6:.0f} MB resident"
    title = f"cache full, {CACHED:,} subjects"
    return Row(title, figure=figure, ratio=growth, bar="after 200,000 more <= 1.15", met=growth <= 1.15)


async def rebuild(folder: Path, many: int) -> list[Row]:
    """An empty Redis rebuilt from PostgreSQL by a keeper, while another site of the same Redis decides."""
    async with AsyncExitStack() as exits:
        redis = await _started(exits, valkey_server(folder / "redis-rebuild"))
        postgres = await _started(exits, postgres_server(folder / "postgres-rebuild"))
        (folder / "logins").mkdir(exist_ok=True)
        login = (await provision(postgres, folder / "logins")).logins["access"]
        await migrate_database(login.url, login.password_file, "menshen_access", schema="access")
        pool = await open_pool(login.url, login.password_file, schema="access", application="bench", max_size=2)
        exits.push_async_callback(close_pool, pool)
        await seed_postgres(pool, "north", many)
        other = await exits.enter_async_context(ready_site(redis, "south"))
        await seed_redis(other, FEW)
        gate = Gate(other, FEW)
        exits.push_async_callback(gate.close)
        calm = [await gate.one() for _ in range(CALM)]
        stores = (redis.url, str(redis.password_file or ""), login.url, str(login.password_file))
        keeper = asyncio.create_task(_child("scale.rebuilding", "north", *stores))
        busy = await _decide_until(keeper, gate)
        seconds = (await keeper)["seconds"]
    return _rebuild_rows(many, seconds, calm, busy)


def _rebuild_rows(many: int, seconds: float, calm: list[float], busy: list[float]) -> list[Row]:
    before, meanwhile = sample(calm, 0.0), sample(busy, 0.0)
    took = Row(f"rebuild, {many:,} subjects", figure=f"{seconds:.1f} s", bar="<= 60 s", met=seconds <= 60)
    floor = "another site, nothing rebuilt"
    return [
        took,
        Row(floor, before.p50_us, before.p99_us),
        Row(
            "another site during the rebuild",
            meanwhile.p50_us,
            meanwhile.p99_us,
            len(busy) / seconds,
            floor,
            meanwhile.p50_us / before.p50_us,
        ),
    ]


async def _decide_until(done: "asyncio.Task[Any]", gate: Gate) -> list[float]:
    clock, latencies = SystemClock(), []
    while not done.done():
        began = clock.monotonic()
        latencies.append(await gate.one())
        await asyncio.sleep(max(PACE_S - (clock.monotonic() - began), 0))
    return latencies


async def _started(exits: AsyncExitStack, server: Server) -> Server:
    await asyncio.to_thread(server.start)
    exits.push_async_callback(asyncio.to_thread, server.remove)
    return server


async def _child(module: str, *arguments: str) -> dict[str, Any]:
    """The JSON that a process of its own prints last."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, *arguments, cwd=HERE.parent, stdout=asyncio.subprocess.PIPE
    )
    told, _ = await asyncio.wait_for(process.communicate(), CHILD_S)
    found: dict[str, Any] = json.loads(told.splitlines()[-1])
    return found
