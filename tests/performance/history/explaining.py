"""Recorded decisions made again: what it takes, and that every one of them comes out as it was."""

import random
from typing import Final

from hot_path.report import Row, sample
from menshen_access.domain.rerunning import Verdict
from menshen_access.explaining import Explaining
from menshen_access.postgres.administration import Administration
from menshen_access.postgres.past_inputs import PastInputs
from menshen_access.postgres.reading import HistoryReader
from menshen_access.postgres.sites import Sites
from menshen_access.querying import Querying, Question
from menshen_servicekit.clock import SystemClock
from menshen_servicekit.postgres import Pool

from history.campus import SITE
from history.seeding import Filled

ASKED: Final = 300
_QUESTION: Final = Question(SITE, "operator/bench", "ExplainEvent", "bench")


async def measure_explain(pool: Pool, filled: Filled) -> list[Row]:
    """Any events of the history, each once; today's answer is a part of each."""
    sites, clock = Sites(pool), SystemClock()
    store = Administration(pool, sites)
    querying = Querying(HistoryReader(pool, sites), store, clock)
    explaining = Explaining(querying, PastInputs(pool), store, clock)
    took_us, reproduced = [], 0
    chosen = random.Random(2).sample(filled.event_ids, min(ASKED, len(filled.event_ids)))
    for event_id in chosen:
        began = clock.monotonic()
        found = await explaining.explain(_QUESTION, event_id)
        took_us.append((clock.monotonic() - began) * 1e6)
        reproduced += found.rerun is not None and found.rerun.verdict is Verdict.REPRODUCED
    told, all_ = sample(took_us, 0.0), len(chosen)
    return [
        Row(f"an explanation of {filled.scale.events:,} events", told.p50_us, told.p99_us),
        Row("decisions made again", figure=f"{reproduced} of {all_}", bar="all REPRODUCED", met=reproduced == all_),
    ]
