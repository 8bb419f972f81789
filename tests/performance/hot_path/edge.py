"""An edge decision in process, with the subjects of a large site held. Prints one JSON line of samples.

A process of its own: what stands in its memory is what an agent's would hold.
"""

import gc
import json
import sys
import time
from typing import Any

import psutil
from menshen_device_agent.edge.deciding import EdgeDecider
from menshen_device_agent.edge.holding import EdgeHolding, EdgeRecord, EdgeRecords
from menshen_device_agent.events import Asked
from menshen_rulebook.plan import plan_from_mapping
from menshen_rulebook.records import pack
from menshen_rulebook.types import Identifier, IdentifierType, Outcome
from menshen_servicekit.clock import SystemClock
from menshen_servicekit.ids import Uuid7Factory
from menshen_servicekit.lifecycle import GC_THRESHOLDS

from hot_path.subjects import SITE, card_of, plan_document, subject

STEP = 7919
"""Visits every subject before any twice, none near the one before: no cache is warm by accident."""


def held(subjects: int) -> EdgeHolding:
    """A holding as a snapshot leaves it."""
    records = EdgeRecords()
    for number in range(subjects):
        whole = subject(number)
        key = f"card:{card_of(number)}"
        records.apply([EdgeRecord(whole.subject_id, whole.version, pack(whole), (key,))])
    policy = {"site": SITE, "version": 1, "language": 1, "from": "2020-01-01T00:00:00+08:00"}
    document: dict[str, Any] = {**plan_document(), "site": SITE, "version": 1, "policies": [policy]}
    return EdgeHolding(records, plan_from_mapping(document), current_at_ms=SystemClock().now_ms())


def measure(subjects: int, count: int) -> dict[str, Any]:
    gc.set_threshold(*GC_THRESHOLDS)
    before = psutil.Process().memory_info().rss
    holding, clock = held(subjects), SystemClock()
    size = psutil.Process().memory_info().rss - before
    decider = EdgeDecider(SITE, "bench-0", clock, lambda: holding, lambda _: False, lambda _: False)
    new_id, latencies = Uuid7Factory(clock), []
    for number in range(count):
        card = Identifier(IdentifierType.CARD, card_of(number * STEP % subjects))
        asked = Asked(new_id(), "n0-in", clock.now_ms(), 0, (card,), "reader-0")
        began = time.perf_counter_ns()
        answer = decider.decide(asked)
        latencies.append((time.perf_counter_ns() - began) / 1000)
        if answer.outcome is not Outcome.GRANT:
            raise RuntimeError(f"the edge answered {answer.outcome.name}")
    return {"latencies": latencies, "per_second": count / (sum(latencies) / 1e6), "bytes": size}


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]), int(sys.argv[2]))))
