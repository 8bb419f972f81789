"""How fast the recorder is: above 5,000 events a second where nothing else runs; the bar leaves room for others."""

from typing import Any

import pytest
from menshen_access.noticeboard import Noticeboard
from menshen_access.postgres.ledgers import PooledLedger
from menshen_access.recording import BATCH, Recorder
from menshen_servicekit.clock import SystemClock
from menshen_servicekit.telemetry import Metrics

SITE = "north"
EVENTS = 20_000


@pytest.mark.full
async def test_twenty_thousand_events_are_recorded_within_seconds(
    live: Any, ledger: PooledLedger, event: Any, clock: SystemClock
) -> None:
    recorder = Recorder(SITE, live.stream, ledger, clock, Noticeboard(), Metrics())
    effects = [["R", "c:1", ["campus"], "n-in", 1]]
    arguments = {"arguments": [{}], "effects": effects, "live": {}, "identifiers": [[1, "04A1"]]}
    for start in range(0, EVENTS, 5000):
        reasons = [["OVERDUE_LEAVE", "leave", 2]]
        await live.present([event(number=start + n + 1, reasons=reasons, identity=arguments) for n in range(5000)])

    began = clock.monotonic()
    while await recorder.step(1) == BATCH:
        pass
    per_second = EVENTS / (clock.monotonic() - began)

    print(f"{per_second:.0f} events/s")
    assert per_second >= 2000
