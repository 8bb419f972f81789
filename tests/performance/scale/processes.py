"""The rows of several deciding processes: everything flat out through one, and through three at once."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path
from statistics import median

from hot_path.measuring import Load, load_generator, prepare, redis_server
from hot_path.report import Row, Sample, medians
from hot_path.subjects import LANES, SITE, SUBJECTS
from menshen_cli.local.roster import with_several
from menshen_cli.local.suite import Suite
from menshen_servicekit.identity import Role, spiffe_uri

PROCESSES = 3
WARM_UP = 2 * SUBJECTS
SECONDS = 3.0


async def measure_processes(folder: Path, rounds: int) -> list[Row]:
    """Decisions a second through one process and through all, in interleaved rounds."""
    async with AsyncExitStack() as exits:
        server = await exits.enter_async_context(redis_server(folder.with_name(f"{folder.name}-redis")))
        services = with_several("access", PROCESSES)
        suite = await exits.enter_async_context(Suite(folder, services=services, sites=(SITE,)))
        await prepare(suite, server)
        targets = [suite.target(spec.name) for spec in services if spec.service == "access" and not spec.keeps]
        loads = []
        for number in range(PROCESSES):
            names = [f"bench-{number}-{lane}" for lane in range(LANES)]
            agents = [suite.tls(spiffe_uri(Role.AGENT, name, SITE)) for name in names]
            loads.append(await exits.enter_async_context(load_generator(agents)))
        for number, (load, target) in enumerate(zip(loads, targets, strict=True)):
            # Each generator comes by at other subjects: what is measured is room, not a quarrel over one register.
            first = number * SUBJECTS // PROCESSES
            await load.order(kind="flat", target=target, seconds=0.1, count=WARM_UP, first=first)
        measured = [(await _flat(loads[:1], targets[:1]), await _flat(loads, targets)) for _ in range(rounds)]
    return _rows([one for one, _ in measured], [several for _, several in measured])


async def _flat(loads: list[Load], targets: list[str]) -> Sample:
    """All at once; latencies are those of the slowest, rates add up."""
    samples = await asyncio.gather(
        *(load.order(kind="flat", target=target, seconds=SECONDS) for load, target in zip(loads, targets, strict=True))
    )
    slowest = max(samples, key=lambda one: one.p50_us)
    return Sample(slowest.p50_us, slowest.p99_us, sum(one.per_second for one in samples), slowest.under_1ms)


def _rows(ones: list[Sample], several: list[Sample]) -> list[Row]:
    ratio = median(many.per_second / one.per_second for one, many in zip(ones, several, strict=True))
    first, all_ = medians(ones), medians(several)
    floor = "flat out, 1 process"
    return [
        Row(floor, first.p50_us, first.p99_us, first.per_second),
        Row(f"flat out, {PROCESSES} processes", all_.p50_us, all_.p99_us, all_.per_second, floor, ratio),
    ]
