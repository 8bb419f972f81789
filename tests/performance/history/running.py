"""A suite that runs on the seeded history, and what an operator asks of it meanwhile."""

import asyncio
import os
import sys
from collections.abc import AsyncIterable, AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from pathlib import Path
from typing import Final

from menshen.access.v1 import foresight_pb2 as pb
from menshen.access.v1 import replay_pb2
from menshen.access.v1.foresight_pb2_grpc import ForesightServiceStub
from menshen.access.v1.replay_pb2_grpc import ReplayServiceStub
from menshen_cli.local.servers import Server
from menshen_cli.local.suite import Suite
from menshen_cli.replay_spans import Spans
from menshen_cli.running import RunningSuite
from menshen_servicekit.clock import SystemClock

from history.campus import SITE

POLICY: Final = f"""
language: 1
version: 2
site: {SITE}
from: 2020-01-02T00:00:00+08:00
title: {{zh: 一班须培训, en: Class 1 needs training}}
requirements:
  - id: training
    where: {{directions: [ENTRY], groups: [class-1]}}
    test: {{fact: training.passed}}
"""
HERE: Final = Path(__file__).resolve().parent
ANSWER_S: Final = 300.0
REPLAY_S: Final = 7200.0


@asynccontextmanager
async def suite_on(database: Server, folder: Path) -> AsyncIterator[Suite]:
    """Every service, with a PostgreSQL that holds the history and a Redis that is rebuilt from it."""
    os.environ["MENSHEN_DATABASE_URL"] = database.url
    if database.password_file is not None:
        os.environ["MENSHEN_DATABASE_PASSWORD_FILE"] = str(database.password_file)
    try:
        async with Suite(folder, sites=(SITE,)) as suite:
            yield suite
    finally:
        os.environ.pop("MENSHEN_DATABASE_URL", None)
        os.environ.pop("MENSHEN_DATABASE_PASSWORD_FILE", None)


async def what_if(suite: Suite | RunningSuite) -> pb.ChangeTotals:
    """What the policy would change for everybody at every access point over a week."""
    stub = ForesightServiceStub(suite.channel("access"))
    asked = pb.ComparePolicyRequest(site=SITE, purpose="bench", document=POLICY)
    totals = None
    async for answer in stub.ComparePolicy(asked, timeout=ANSWER_S):
        totals = totals or answer.totals
    if totals is None or not totals.lost:
        raise RuntimeError("the policy would change nothing")
    return totals


async def replay(suite: Suite, from_ms: int, to_ms: int) -> int:
    """How many recorded decisions of a window were made again; RuntimeError where one came out otherwise."""
    stub = ReplayServiceStub(suite.channel("access"))

    def span(start_ms: int, end_ms: int) -> AsyncIterable[replay_pb2.ReplayHistoryResponse]:
        asked = replay_pb2.ReplayHistoryRequest(site=SITE, purpose="bench", from_ms=start_ms, to_ms=end_ms)
        answers: AsyncIterable[replay_pb2.ReplayHistoryResponse] = stub.ReplayHistory(asked)
        return answers

    spans = Spans(span, lambda found: None, lambda decisions: None, SystemClock())
    async with asyncio.timeout(REPLAY_S):
        totals = await spans.replayed(from_ms, to_ms)
    if totals.differing or totals.not_replayed:
        raise RuntimeError(f"replayed otherwise: {totals}")
    return totals.decisions


@asynccontextmanager
async def terminal(
    *words: str, gives_way: bool = False, stdout: int = asyncio.subprocess.DEVNULL
) -> AsyncIterator[asyncio.subprocess.Process]:
    """`python -m` with these words, killed in the end if it runs.

    A terminal stands elsewhere: where decisions are measured meanwhile, its own work gives way to all others of this
    session.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", *words, cwd=HERE.parent, process_group=0, stdout=stdout
    )
    if gives_way:
        with suppress(OSError):
            os.sched_setscheduler(process.pid, os.SCHED_IDLE, os.sched_param(0))
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


def exporting(
    suite: Suite, file: Path, *, gives_way: bool = False
) -> AbstractAsyncContextManager[asyncio.subprocess.Process]:
    """`menshen export` of the site's history."""
    words = ("menshen_cli", "export", SITE, str(file), "--purpose", "bench", "--folder", str(suite.folder))
    return terminal(*words, gives_way=gives_way)


def asking(suite: Suite) -> AbstractAsyncContextManager[asyncio.subprocess.Process]:
    """What-ifs one after the other, asked by a program that gives way; it prints a line for every answer."""
    return terminal("history.asking", str(suite.folder), gives_way=True, stdout=asyncio.subprocess.PIPE)
