"""What a long question to the history costs the decisions that are made meanwhile."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from statistics import median
from typing import Final

from hot_path.measuring import Load, load_generator
from hot_path.report import Row, Sample, medians
from hot_path.subjects import LANES, SUBJECTS
from menshen_cli.local.suite import Suite
from menshen_servicekit.identity import Role, spiffe_uri

from history.campus import SITE
from history.exporting import part_of
from history.running import ANSWER_S, asking, exporting, replay

RATE: Final = 500
BAR: Final = 1.2
QUIET: Final = "quiet"
_UNDER_WAY_S: Final = 2.0
_SETTLE_S: Final = 1.5

Press = Callable[[], AbstractAsyncContextManager[None]]


async def measure_pressing(
    suite: Suite, folder: Path, window: tuple[int, int], rounds: int, seconds: float
) -> list[Row]:
    """Decisions at a fixed rate while nobody asks anything, and during each long question, in interleaved rounds.

    The replay is of the decisions of `window`.
    """
    presses: dict[str, Press] = {
        QUIET: _nothing,
        "a what-if": lambda: _what_ifs(suite),
        "an export": lambda: _again(lambda: _export(suite, folder / "pressing.jsonl")),
        "a replay": lambda: _again(lambda: replay(suite, *window)),
    }
    async with AsyncExitStack() as exits:
        agents = [suite.tls(spiffe_uri(Role.AGENT, f"bench-{lane}", SITE)) for lane in range(LANES)]
        load = await exits.enter_async_context(load_generator(agents))
        target = suite.target("access")
        await load.order(kind="flat", target=target, seconds=0.1, count=2 * SUBJECTS)
        measured = [await _round(load, target, presses, seconds) for _ in range(rounds)]
    return _rows(measured)


async def _round(load: Load, target: str, presses: Mapping[str, Press], seconds: float) -> dict[str, Sample]:
    found = {}
    for name, press in presses.items():
        async with press():
            found[name] = await load.order(kind="stream", target=target, rate=RATE, seconds=seconds)
        await asyncio.sleep(_SETTLE_S)
    return found


def _rows(rounds: list[dict[str, Sample]]) -> list[Row]:
    rows = []
    for name in rounds[0]:
        found = medians([each[name] for each in rounds])
        title = f"decisions {RATE}/s during {name}" if name != QUIET else f"decisions {RATE}/s, nothing asked"
        if name == QUIET:
            rows.append(Row(title, found.p50_us, found.p99_us, found.per_second))
            continue
        ratio = median(each[name].p99_us / each[QUIET].p99_us for each in rounds)
        rows.append(
            Row(title, found.p50_us, found.p99_us, found.per_second, rows[0].name, ratio, f"p99 <= {BAR}", ratio <= BAR)
        )
    return rows


@asynccontextmanager
async def _nothing() -> AsyncIterator[None]:
    yield


@asynccontextmanager
async def _again(question: Callable[[], Awaitable[object]]) -> AsyncIterator[None]:
    """The same question one time after the other; the first is under way."""

    async def ask() -> None:
        while True:
            await question()

    asking = asyncio.create_task(ask())
    try:
        await asyncio.wait([asking], timeout=_UNDER_WAY_S)
        yield
        if asking.done():
            asking.result()
    finally:
        asking.cancel()
        with suppress(asyncio.CancelledError):
            await asking


@asynccontextmanager
async def _what_ifs(suite: Suite) -> AsyncIterator[None]:
    """One after the other; the first has been answered."""
    async with asking(suite) as process:
        assert process.stdout is not None
        await asyncio.wait_for(process.stdout.readline(), ANSWER_S)
        yield
        if process.returncode is not None:
            raise RuntimeError(f"whoever asks ended with {process.returncode}")


async def _export(suite: Suite, file: Path) -> None:
    """One export, from the beginning to the end; what an earlier one left is forgotten."""
    for one in (file, part_of(file)):
        one.unlink(missing_ok=True)
    async with exporting(suite, file, gives_way=True) as process:
        if await process.wait():
            raise RuntimeError(f"the export ended with {process.returncode}")
