"""Starts the suite, the echo and the load generator, and measures round by round."""

import asyncio
import importlib.util
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from menshen.access.v1 import administration_pb2 as pb
from menshen.access.v1.administration_pb2_grpc import AdministrationServiceStub
from menshen_access.domain.store import RecordPut
from menshen_access.redis.generation import SiteGenerations
from menshen_access.redis.locator import SingleNode, place_of
from menshen_access.redis.records import RedisProjection
from menshen_access.redis.resp import RespClient, RespLimits
from menshen_cli.local.roster import SERVICES
from menshen_cli.local.servers import Server, valkey_server
from menshen_cli.local.suite import Suite
from menshen_rulebook.records import pack
from menshen_servicekit.identity import Role, spiffe_uri
from menshen_servicekit.tls import TlsFiles

from hot_path.processors import SETTLE_S, Processors, processors_of
from hot_path.report import Row, Sample, edge_row, rows_of, sample
from hot_path.subjects import LANES, POLICY, SITE, SUBJECTS, plan_document, subject

HERE = Path(__file__).resolve().parent
ANSWER_S = 120.0
EDGE_SUBJECTS, EDGE_DECISIONS = 100_000, 20_000


@dataclass(frozen=True, slots=True)
class Load:
    """The load generator's process."""

    process: asyncio.subprocess.Process

    async def counted(self, processors: Processors, **order: Any) -> Sample:
        """Carry out an order and count what it costs these processes."""
        before = processors.spent_s()
        found = await self.order(**order)
        await asyncio.sleep(SETTLE_S)
        after = processors.spent_s()
        return replace(found, spent_us={name: (after[name] - before[name]) * 1e6 / found.count for name in after})

    async def order(self, **order: Any) -> Sample:
        if self.process.stdin is None or self.process.stdout is None:
            raise RuntimeError("the load generator has no pipes")
        self.process.stdin.write(json.dumps(order).encode() + b"\n")
        await self.process.stdin.drain()
        line = await asyncio.wait_for(self.process.stdout.readline(), ANSWER_S)
        answer = json.loads(line)
        if set(answer["outcomes"]) - {"1", "2"}:
            print(f"  outcomes of {order['kind']}: {answer['outcomes']}", file=sys.stderr)
        return sample(answer["latencies"], answer["per_second"])


async def measure(folder: Path, rounds: int) -> list[Row]:
    """All rows, from `rounds` interleaved rounds; those of the edge with nothing else running."""
    edges = [await edge_sample() for _ in range(rounds)]
    return [*await measure_path(folder, rounds), edge_row(edges, EDGE_SUBJECTS)]


async def measure_path(folder: Path, rounds: int) -> list[Row]:
    """The rows of the way of a presentation through the running suite."""
    services = tuple(s for s in SERVICES if importlib.util.find_spec(f"{s.module}.__main__"))
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(redis_server(folder.with_name("bench-redis")))
        suite = await stack.enter_async_context(Suite(folder, services=services, sites=(SITE,)))
        await prepare(suite, server)
        agents = [suite.tls(spiffe_uri(Role.AGENT, f"bench-{lane}", SITE)) for lane in range(LANES)]
        echo, pid = await stack.enter_async_context(echo_server(suite.tls(spiffe_uri(Role.SERVICE, "access")), folder))
        load = await stack.enter_async_context(load_generator(agents))
        access = Target(suite.target("access"), processors_of(suite, server, load.process.pid))
        floor = Target(echo, Processors({"echo": pid, "generator": load.process.pid}))
        measured = []
        redis = {"target": server.url, "password_file": str(server.password_file or "")}
        await warm_up(load, access.address, floor.address)
        for number in range(rounds):
            measured.append(await one_round(load, access, floor, redis))
            print(f"round {number + 1} of {rounds}", file=sys.stderr)
    return rows_of(measured)


async def warm_up(load: Load, access: str, echo: str) -> None:
    """Everybody once in and once out, so that no subject has to be read."""
    for target in (access, echo):
        await load.order(kind="flat", target=target, seconds=0.1, count=2 * SUBJECTS)


async def edge_sample() -> Sample:
    """Decisions in process, by a process that holds EDGE_SUBJECTS."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "hot_path.edge", str(EDGE_SUBJECTS), str(EDGE_DECISIONS),
        cwd=HERE.parent, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    told, _ = await asyncio.wait_for(process.communicate(), ANSWER_S)
    answer = json.loads(told)
    return sample(answer["latencies"], answer["per_second"])


@dataclass(frozen=True, slots=True)
class Target:
    """Who is asked, and who works for the answer."""

    address: str
    processors: Processors

    async def stream(self, load: Load) -> Sample:
        return await load.counted(self.processors, kind="stream", target=self.address, rate=500, seconds=3)

    async def flat(self, load: Load) -> Sample:
        return await load.counted(self.processors, kind="flat", target=self.address, seconds=2)

    async def unary(self, load: Load) -> Sample:
        return await load.order(kind="unary", target=self.address, rate=200, seconds=2)


async def one_round(load: Load, access: Target, echo: Target, redis: dict[str, str]) -> dict[str, Sample]:
    return {
        "echo stream 500/s": await echo.stream(load),
        "redis GET 500/s": await load.order(kind="redis", rate=500, seconds=2, **redis),
        "decision stream 500/s": await access.stream(load),
        "echo stream flat out": await echo.flat(load),
        "decision stream flat out": await access.flat(load),
        "echo unary 200/s": await echo.unary(load),
        "decision unary 200/s": await access.unary(load),
    }


@asynccontextmanager
async def redis_server(folder: Path) -> AsyncIterator[Server]:
    """The Redis of the run: the one a URL setting names, else one of our own that the suite then takes as given."""
    server = valkey_server(folder)
    await asyncio.to_thread(server.start)
    os.environ["MENSHEN_REDIS_URL"] = server.url
    if server.password_file is not None:
        os.environ["MENSHEN_REDIS_PASSWORD_FILE"] = str(server.password_file)
    try:
        yield server
    finally:
        os.environ.pop("MENSHEN_REDIS_URL", None)
        os.environ.pop("MENSHEN_REDIS_PASSWORD_FILE", None)
        await asyncio.to_thread(server.remove)


async def prepare(suite: Suite, server: Server) -> None:
    """Plan and policy through the front door; the subjects straight into Redis, as the projector would put them."""
    stub = AdministrationServiceStub(suite.channel("access"))
    document = json.dumps(plan_document())
    await stub.PutPlan(pb.PutPlanRequest(site=SITE, document=document, reason="bench"), timeout=20)
    await stub.ActivatePolicy(pb.ActivatePolicyRequest(site=SITE, document=POLICY, reason="bench"), timeout=20)
    generations = SiteGenerations((SITE,))
    client = RespClient(
        SingleNode(place_of(server.url, server.password_file)), RespLimits(timeout_s=10.0), generations.prepare
    )
    generations.attach({SITE: client})
    running = asyncio.create_task(client.run())
    await asyncio.wait_for(client.wait_connected(), 10)
    while (generation := generations.current(SITE)) is None:
        await generations.inspect(SITE)
        await asyncio.sleep(0.05)
    for first in range(0, SUBJECTS, 250):
        puts = [
            RecordPut(s.subject_id, s.version, pack(s), (s.credentials[0].identifiers[0].key,))
            for s in map(subject, range(first, first + 250))
        ]
        await RedisProjection({SITE: client}, generations).put_records(SITE, generation, puts)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


@asynccontextmanager
async def echo_server(tls: TlsFiles, folder: Path) -> AsyncIterator[tuple[str, int]]:
    """A running echo; yields host:port and the process id."""
    address = folder / "echo.address"
    address.unlink(missing_ok=True)
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(HERE / "echo.py"), str(tls.certificate_file), str(tls.key_file), str(tls.trust_file),
        str(address),
    )  # fmt: skip
    try:
        for _ in range(500):
            if address.exists():
                break
            await asyncio.sleep(0.02)
        yield address.read_text(), process.pid
    finally:
        process.terminate()
        await process.wait()


@asynccontextmanager
async def load_generator(agents: list[TlsFiles]) -> AsyncIterator[Load]:
    rows = [[str(a.certificate_file), str(a.key_file), str(a.trust_file)] for a in agents]
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "hot_path.load",
        json.dumps(rows),
        cwd=HERE.parent,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=64 * 1024 * 1024,
    )
    try:
        yield Load(process)
    finally:
        if process.stdin is not None:
            process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), 10)
        except TimeoutError:
            process.kill()
