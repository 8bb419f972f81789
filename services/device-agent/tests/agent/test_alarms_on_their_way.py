"""Alarms wait on disk until safety has them; a safety that was restored gets them once more."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from harness.patience import eventually
from menshen_device_agent.alarming import Alarm, AlarmOutbox
from menshen_device_agent.spool import Spool, SpoolLimits
from menshen_servicekit.clock import ManualClock
from menshen_servicekit.ids import Uuid7Factory


class ASafety:
    """Stores alarms in the order in which they come; `gate` holds it up."""

    def __init__(self) -> None:
        self.stored: list[bytes] = []
        self.asked = 0
        self.gate = asyncio.Event()
        self.gate.set()

    async def store(self, body: bytes) -> None:
        self.asked += 1
        await self.gate.wait()
        self.stored.append(body)


@asynccontextmanager
async def delivering(folder: Path, safety: ASafety) -> AsyncIterator[tuple[AlarmOutbox, Spool, ManualClock]]:
    clock = ManualClock()
    spool = Spool(folder / "alarms.db", clock.now_ms, SpoolLimits(keep_ms=1_000))
    outbox = AlarmOutbox(spool, clock, Uuid7Factory(clock), of, safety)
    run = asyncio.ensure_future(outbox.run())
    try:
        yield outbox, spool, clock
    finally:
        run.cancel()
        await asyncio.gather(run, return_exceptions=True)
        outbox.close()


def of(alarm: Alarm) -> bytes:
    return alarm.kind.encode()


async def test_a_safety_that_was_restored_gets_what_is_kept_once_more(tmp_path: Path) -> None:
    safety = ASafety()
    async with delivering(tmp_path, safety) as (outbox, spool, _):
        for kind in ("ONE", "TWO"):
            outbox.raise_alarm(kind, "n-1", "", {})
        await eventually(lambda: spool.unacknowledged == 0)

        outbox.resend()

        await eventually(lambda: safety.stored == [b"ONE", b"TWO"] * 2)
        await eventually(lambda: spool.unacknowledged == 0)


async def test_alarms_under_way_while_all_is_asked_for_again_are_not_taken_for_the_last(tmp_path: Path) -> None:
    safety = ASafety()
    async with delivering(tmp_path, safety) as (outbox, spool, _):
        outbox.raise_alarm("ONE", "n-1", "", {})
        await eventually(lambda: spool.unacknowledged == 0)
        safety.gate.clear()
        outbox.raise_alarm("TWO", "n-1", "", {})
        await eventually(lambda: safety.asked == 2)

        outbox.resend()
        safety.gate.set()

        await eventually(lambda: safety.stored == [b"ONE", b"TWO", b"ONE", b"TWO"])


async def test_what_an_agent_that_ended_had_still_to_deliver_again_its_next_run_delivers(tmp_path: Path) -> None:
    safety = ASafety()
    async with delivering(tmp_path, safety) as (outbox, spool, _):
        outbox.raise_alarm("ONE", "n-1", "", {})
        outbox.raise_alarm("TWO", "n-1", "", {})
        await eventually(lambda: spool.unacknowledged == 0)
        safety.gate.clear()
        outbox.resend()

    safety.gate.set()
    async with delivering(tmp_path, safety) as (_, spool, _):
        await eventually(lambda: safety.stored == [b"ONE", b"TWO"] * 2)
        await eventually(lambda: spool.unacknowledged == 0)


async def test_what_was_dropped_long_ago_is_not_waited_for(tmp_path: Path) -> None:
    safety = ASafety()
    async with delivering(tmp_path, safety) as (outbox, spool, clock):
        outbox.raise_alarm("OLD", "n-1", "", {})
        await eventually(lambda: spool.unacknowledged == 0)
        clock.advance_ms(2_000)
        outbox.raise_alarm("NEW", "n-1", "", {})
        await eventually(lambda: [entry.number for entry in spool.after(0, 9)] == [2])

        outbox.resend()

        await eventually(lambda: safety.stored == [b"OLD", b"NEW", b"NEW"])
        assert spool.unacknowledged == 0
