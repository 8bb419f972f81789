"""The alarm of a duress PIN on its way to the control room, whatever is away, on a real PostgreSQL."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from harness.patience import eventually
from menshen_access.alarming import MOST_FOREIGN, MOST_QUEUED, AlarmCourier, AlarmQueue
from menshen_access.domain.administration import WaitingAlarm
from menshen_access.domain.history import entry_of
from menshen_access.noticeboard import Noticeboard
from menshen_access.postgres.alarms import Outbox
from menshen_access.postgres.ledgers import PooledLedger
from menshen_access.uploading import Uploading
from menshen_servicekit.clock import SystemClock
from menshen_servicekit.postgres import Pool
from menshen_servicekit.supervision import Tasks
from menshen_servicekit.telemetry import Metrics

SITE, DURESS = "north", 6


class AwayFirst:
    """A control room and a queue in PostgreSQL that are away for a while."""

    def __init__(self, away: int) -> None:
        self.away = away
        self.taken: list[WaitingAlarm] = []

    async def raise_alarm(self, alarm: WaitingAlarm) -> bool:
        await self.put([alarm])
        return True

    async def put(self, alarms: Sequence[WaitingAlarm]) -> None:
        if self.away:
            self.away -= 1
            raise ConnectionError("away")
        self.taken += alarms

    async def oldest(self, limit: int) -> list[WaitingAlarm]:
        return self.taken[:limit]

    async def delivered(self, alarm_id: str) -> None:
        self.taken = [alarm for alarm in self.taken if alarm.alarm_id != alarm_id]


async def test_duress_reaches_the_control_room_once_though_its_record_came_from_a_spool_that_knows_no_pin(
    ledger: PooledLedger,
    pool: Pool,
    board: Noticeboard,
    event: Any,
    metrics: Metrics,
    tasks: Tasks,
    clock: SystemClock,
    new_id: Any,
) -> None:
    room, queue = AwayFirst(away=1), AlarmQueue(Outbox(pool), board, clock, new_id)
    decided = event(alarms=[[1, True]], agent_id="spooler", epoch=8, number=1)
    spooled = replace(decided, core={name: value for name, value in decided.core.items() if name != "alarms"})
    queue.duress(SITE, "n-in", decided.event_id, decided.core["at_ms"])

    await Uploading(ledger, board, clock).store(SITE, "spooler", [spooled])
    await ledger.append(SITE, [entry_of(decided, late=False)], clock.now_ms())
    courier = AlarmCourier(Outbox(pool), room, board, metrics)
    tasks.keep("courier", lambda: courier.run((SITE,)))
    tasks.keep("queue", queue.run)
    await eventually(lambda: room.taken)
    late = event(alarms=[[1, True]])
    queue.duress(SITE, "n-in", late.event_id, late.core["at_ms"])
    await ledger.append(SITE, [entry_of(late, late=False)], clock.now_ms())
    await eventually(lambda: len(room.taken) > 1)
    await eventually(lambda: is_empty(pool))

    (alarm, *_), ids = room.taken, {taken.alarm_id for taken in room.taken}
    assert (alarm.event_id, alarm.kind, alarm.source) == (decided.event_id, DURESS, "n-in")
    assert (alarm.raised_at_ms, dict(alarm.detail)["private"]) == (decided.core["at_ms"], "true")
    assert len(ids) == len({taken.event_id for taken in room.taken}) == 2


async def test_duress_waits_for_an_outage_of_postgresql_and_no_flood_of_other_alarms_displaces_it(
    board: Noticeboard, clock: SystemClock, new_id: Any, tasks: Tasks
) -> None:
    outbox = AwayFirst(away=2)
    queue = AlarmQueue(outbox, board, clock, new_id)
    for number in range(MOST_QUEUED):
        queue.foreign_access_point(SITE, "north-1", f"point-{number}")
    queue.duress(SITE, "p-in", new_id(), clock.now_ms())

    tasks.keep("queue", queue.run)
    await eventually(lambda: outbox.taken and outbox.taken[-1].kind == DURESS)

    assert outbox.away == 0
    assert len({alarm.alarm_id for alarm in outbox.taken}) == len(outbox.taken) == MOST_FOREIGN + 1


async def is_empty(pool: Pool) -> bool:
    return not await pool.fetchval("SELECT count(*) FROM alarm_outbox")
