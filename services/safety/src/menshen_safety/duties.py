"""What safety does by itself: unowned alarms escalate, and presence is forgiven after a reset."""

import asyncio

import structlog
from menshen_servicekit.clock import Clock
from menshen_servicekit.feeds import Bell

from menshen_safety.ports import AlarmRecords, PresenceForgiver, ZoneRecords

_log = structlog.get_logger(__name__)

PAUSE_S = 1.0


async def escalate_unowned(alarms: AlarmRecords, clock: Clock, after_ms: int) -> None:
    """Escalate, for ever, every alarm that has had no owner for `after_ms`, and again after as long."""
    while True:
        now_ms = clock.now_ms()
        for site, alarm_id in await alarms.escalate(now_ms, now_ms + after_ms):
            _log.warning("alarm_escalated", site=site, alarm_id=alarm_id)
        await asyncio.sleep(PAUSE_S)


async def forgive_presence(zones: ZoneRecords, access: PresenceForgiver, clock: Clock, bell: Bell) -> None:
    """Have access forgive, for ever, what resets left to be forgiven; raises OSError while access is away."""
    while True:
        rung = bell.next_ring()
        for site, release_id, areas in await zones.pending_forgiveness():
            await access.forgive(site, areas, f"emergency release {release_id} was reset")
            await zones.forgiven(site, release_id, clock.now_ms())
        try:
            async with asyncio.timeout(PAUSE_S):
                await rung.wait()
        except TimeoutError:
            continue
