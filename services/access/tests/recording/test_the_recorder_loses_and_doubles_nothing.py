"""The recorder on a real PostgreSQL and a real Redis: crashes at every step, repeats, order, watermarks, the chain."""

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from harness.patience import eventually
from menshen_access.domain.events import EventKind, EventPayload
from menshen_access.domain.history import StreamEntry, entry_of
from menshen_access.noticeboard import Noticeboard
from menshen_access.ports import StoreAwayError
from menshen_access.postgres.administration import Administration
from menshen_access.postgres.history import History
from menshen_access.postgres.ledgers import LeasedLedger, PooledLedger
from menshen_access.postgres.partitions import Partitions
from menshen_access.postgres.reading import HistoryReader
from menshen_access.postgres.sites import Sites
from menshen_access.querying import Querying
from menshen_access.recording import Recorder
from menshen_cli.local.provision import Database
from menshen_cli.local.servers import Server
from menshen_servicekit.clock import SystemClock
from menshen_servicekit.postgres import Pool
from menshen_servicekit.telemetry import Metrics

SITE = "north"
CRASHER = Path(__file__).parent / "recorder_process.py"


class CrashError(Exception):
    """The injected fault."""


class FaultyConnection:
    """A connection that breaks at its n-th step; a transaction's end counts before and after the commit."""

    def __init__(self, connection: Any, breaks_at: int) -> None:
        self._connection = connection
        self._left = breaks_at

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._connection, name)

        async def stepping(*arguments: Any) -> Any:
            self._step()
            return await method(*arguments)

        return stepping

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[None]:
        async with self._connection.transaction():
            yield
            self._step()
        self._step()

    @property
    def spared(self) -> bool:
        return self._left > 0

    def _step(self) -> None:
        self._left -= 1
        if self._left == 0:
            raise CrashError


class BrokenTrim:
    """A stream whose trim fails once: what was recorded is read again."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._broken = True

    async def read(self, site: str, count: int, wait_ms: int) -> Sequence[StreamEntry]:
        return await self._stream.read(site, count, wait_ms)  # type: ignore[no-any-return]

    async def trim(self, site: str, through: str) -> None:
        if self._broken:
            self._broken = False
            raise StoreAwayError("cut")
        await self._stream.trim(site, through)

    async def length(self, site: str) -> int:
        return await self._stream.length(site)  # type: ignore[no-any-return]


async def everything(reader: HistoryReader) -> list[EventPayload]:
    return [recorded.event for recorded in (await reader.after(SITE, 0, 100_000))[1]]


@pytest.fixture
def build_recorder(clock: SystemClock, board: Noticeboard, metrics: Metrics) -> Callable[..., Recorder]:
    return lambda stream, ledger: Recorder(SITE, stream, ledger, clock, board, metrics)


async def test_events_are_recorded_once_in_order_and_trimmed(
    pool: Pool, live: Any, ledger: PooledLedger, reader: HistoryReader, event: Any, build_recorder: Any
) -> None:
    before = len(await everything(reader))
    presented = [event(number=number, agent_id="order", epoch=9) for number in range(1, 41)]
    await live.present([*presented, presented[3]])

    await build_recorder(live.stream, ledger).step()

    recorded = await everything(reader)
    assert [e.event_id for e in recorded[before:]] == [e.event_id for e in presented]
    assert await live.stream.length(SITE) == 0
    assert await reader.watermark(SITE, "order", 9) == 40


@pytest.mark.parametrize("breaks_at", range(1, 14))
async def test_a_crash_at_any_statement_loses_and_doubles_nothing(
    breaks_at: int,
    pool: Pool,
    live: Any,
    ledger: PooledLedger,
    reader: HistoryReader,
    sites: Sites,
    event: Any,
    build_recorder: Any,
) -> None:
    await sites.ensure(SITE)
    before = len(await everything(reader))
    presented = [event(number=n, agent_id=f"crash-{breaks_at}") for n in range(1, 6)]
    await live.present(presented)
    crashed = False
    async with pool.acquire() as connection:
        faulty = FaultyConnection(connection, breaks_at)
        try:
            await build_recorder(live.stream, LeasedLedger(History(Partitions()), faulty)).step()
        except CrashError:
            crashed = True

    if crashed:
        await build_recorder(live.stream, ledger).step()

    recorded = await everything(reader)
    assert [e.event_id for e in recorded[before:]] == [e.event_id for e in presented]
    assert await reader.watermark(SITE, f"crash-{breaks_at}", 1) == 5
    assert crashed or faulty.spared


async def test_a_failed_trim_is_made_good_by_the_next_batch(
    live: Any, ledger: PooledLedger, reader: HistoryReader, event: Any, build_recorder: Any
) -> None:
    before = len(await everything(reader))
    presented = [event() for _ in range(3)]
    await live.present(presented)
    recorder = build_recorder(BrokenTrim(live.stream), ledger)
    with pytest.raises(StoreAwayError):
        await recorder.step()

    await recorder.step()

    assert len(await everything(reader)) == before + 3
    assert await live.stream.length(SITE) == 0


async def test_an_entry_that_is_no_event_is_kept_aside_and_stops_nobody(
    pool: Pool, live: Any, ledger: PooledLedger, reader: HistoryReader, event: Any, build_recorder: Any
) -> None:
    before = len(await everything(reader))
    good = event()
    bad = [
        EventPayload({**good.core, "event_id": "not-an-id"}),
        EventPayload({**good.core, "event_id": "ffffffff-ffff-7fff-bfff-ffffffffffff"}),
        event(site="another"),
        event(access_point="a\x00b"),
        event(epoch=1 << 64),
        event(outcome=3, review={"opens_at_ms": "soon"}),
        event(EventKind.DOOR_SECURED, detail=["hold", "h-1"]),
    ]
    await live.present([*bad, good])
    await live.client.call("XADD", f"m:{{{SITE}}}:events", "*", "e", b"\xff{")

    await build_recorder(live.stream, ledger).step()

    recorded = await everything(reader)
    assert [e.event_id for e in recorded[before:]] == [good.event_id]
    assert await pool.fetchval("SELECT count(*) FROM unreadable_entry") == len(bad) + 1
    assert await live.stream.length(SITE) == 0


async def test_two_recorders_at_once_still_record_each_event_once(
    live: Any, ledger: PooledLedger, reader: HistoryReader, event: Any, build_recorder: Any
) -> None:
    before = len(await everything(reader))
    presented = [event() for _ in range(200)]
    await live.present(presented)
    recorders = [build_recorder(live.stream, ledger) for _ in range(3)]

    await asyncio.gather(*(recorder.step(1) for recorder in recorders))

    recorded = await everything(reader)
    assert [e.event_id for e in recorded[before:]] == [e.event_id for e in presented]


async def test_a_watermark_waits_for_every_gap_to_close(
    ledger: PooledLedger, reader: HistoryReader, event: Any
) -> None:
    def batch(*numbers: int) -> list[Any]:
        return [entry_of(event(EventKind.REX, agent_id="gaps", number=n), late=True) for n in numbers]

    await ledger.append(SITE, batch(1, 2, 5, 6), 0)
    assert await reader.watermark(SITE, "gaps", 1) == 2

    await ledger.append(SITE, batch(4), 0)
    assert await reader.watermark(SITE, "gaps", 1) == 2

    await ledger.append(SITE, batch(3), 0)
    assert await reader.watermark(SITE, "gaps", 1) == 6


async def test_the_chain_holds_after_personal_data_is_deleted_and_breaks_when_bytes_are_altered(
    pool: Pool, ledger: PooledLedger, reader: HistoryReader, event: Any, clock: SystemClock, sites: Sites
) -> None:
    querying = Querying(reader, Administration(pool, sites), clock)
    entries = [entry_of(event(health={"measured": {"temperature_c": 38.1}}), late=False) for _ in range(3)]
    last = (await ledger.append(SITE, entries, 0)).sequence
    assert (await querying.verified(SITE, 0, 0)).broken_at == 0

    await pool.execute(
        "UPDATE event SET identity = NULL, identity_salt = NULL, health = NULL, health_salt = NULL, subject_ids = '{}'"
        " WHERE sequence = $1",
        last - 1,
    )
    report = await querying.verified(SITE, 0, 0)
    assert (report.broken_at, report.checked) == (0, last)

    await pool.execute("UPDATE event SET core = core || ' '::bytea WHERE sequence = $1", last)
    assert (await querying.verified(SITE, 0, 0)).broken_at == last
    await pool.execute("UPDATE event SET core = substring(core FROM 1 FOR length(core) - 1) WHERE sequence = $1", last)

    removed = await pool.fetchrow("DELETE FROM event_chain WHERE sequence = $1 RETURNING *", last - 2)
    assert removed is not None
    assert (await querying.verified(SITE, 0, 0)).broken_at == last - 2
    await pool.execute(
        "INSERT INTO event_chain SELECT * FROM jsonb_populate_record(NULL::event_chain, $1::jsonb)",
        json.dumps(
            {
                k: f"\\x{v.hex()}" if isinstance(v, bytes) else str(v) if v is not None else None
                for k, v in removed.items()
            }
        ),
    )
    assert (await querying.verified(SITE, 0, 0)).broken_at == 0


async def test_kill_nine_of_recorder_processes_loses_and_doubles_nothing(
    live: Any, database: Database, valkey: Server, reader: HistoryReader, event: Any
) -> None:
    before = len(await everything(reader))
    presented = [event(number=n, agent_id="killed") for n in range(1, 6001)]
    login = database.logins["access"]
    arguments = [login.url, str(login.password_file), valkey.url, str(valkey.password_file), SITE]
    await live.present(presented)

    for recorded_at_least in (500, 2000, 3500, 6000):
        process = await asyncio.create_subprocess_exec(sys.executable, str(CRASHER), *arguments)
        await eventually(lambda: _recorded(reader, before + recorded_at_least), 30)  # noqa: B023
        process.send_signal(signal.SIGKILL)
        await process.wait()

    recorded = await everything(reader)
    assert [e.event_id for e in recorded[before:]] == [e.event_id for e in presented]
    assert await reader.watermark(SITE, "killed", 1) == 6000


async def _recorded(reader: HistoryReader, count: int) -> bool:
    return (await reader.end(SITE))[1] >= count
