"""Decisions in process against a Redis that holds few subjects or many: what size costs, and nothing else.

No gRPC stands between, whose cost does not depend on the number of subjects and would hide that of Redis.
"""

import asyncio
import random
import time

from hot_path.subjects import LANES, card_of
from menshen_access.deciding import Deciding, decide_once
from menshen_access.decision_metrics import DecisionMetrics
from menshen_access.domain.asking import Asked, Decided
from menshen_access.domain.events import SpoolPosition
from menshen_access.pin_checks import PinChecks
from menshen_access.redis.commit import RedisStore
from menshen_access.redis.records import RedisDocuments
from menshen_access.site_views import SiteViews
from menshen_access.subject_cache import SubjectCache
from menshen_rulebook.types import Identifier, IdentifierType, Presentation
from menshen_servicekit.clock import SystemClock
from menshen_servicekit.ids import Uuid7Factory
from menshen_servicekit.supervision import Tasks
from menshen_servicekit.telemetry import Metrics

from scale.seeding import FilledSite

STREAM_LIMIT = 10_000_000
CROWD = 500
"""How many come in one round: the same number whatever the site holds."""


class _NoPins:
    """Nobody types a PIN here, and every access point is the site's own."""

    def duress(self, site: str, access_point: str, event_id: str, at_ms: int) -> None:
        raise AssertionError("nobody has a PIN")

    def foreign_access_point(self, site: str, agent_id: str, access_point: str) -> None:
        raise AssertionError("nobody asks for another site")


class Gate:
    """Decides for one site as an access process does."""

    def __init__(self, filled: FilledSite, subjects: int) -> None:
        self._clock, self._site, self._subjects = SystemClock(), filled.site, subjects
        self._new_id, metrics = Uuid7Factory(self._clock), Metrics()
        documents = RedisDocuments({filled.site: filled.client}, filled.generations)
        self._caches = {filled.site: SubjectCache(50_000)}
        self._tasks, self._pins = Tasks(metrics), PinChecks(documents, b"")
        self._deciding = Deciding(
            RedisStore({filled.site: filled.client}, filled.generations, STREAM_LIMIT),
            SiteViews((filled.site,), documents),
            self._caches,
            self._pins,
            self._clock,
            self._tasks,
            DecisionMetrics(metrics, self._clock),
            _NoPins(),
        )
        self._chance = random.Random(subjects)

    async def close(self) -> None:
        await self._tasks.close()
        await self._pins.close()

    async def round(self) -> tuple[list[float], list[float]]:
        """Microseconds of decisions about a crowd nobody knows yet, and about the same crowd when it comes out."""
        crowd = self._chance.sample(range(self._subjects), CROWD)
        self._caches[self._site].clear()
        cold = [await self._decide(number, "in") for number in crowd]
        return cold, [await self._decide(number, "out") for number in crowd]

    async def one(self) -> float:
        """Microseconds of one decision about somebody."""
        return await self._decide(self._chance.randrange(self._subjects), "in")

    async def _decide(self, number: int, way: str) -> float:
        card, now_ms = Identifier(IdentifierType.CARD, card_of(number)), self._clock.now_ms()
        point = f"n{number % LANES}-{way}"
        shown = Presentation(self._new_id(), self._site, point, "bench", now_ms, (card,))
        asked = Asked(shown, (card.key,), SpoolPosition(1, 1), now_ms)
        began = time.perf_counter_ns()
        answer = await asyncio.wait_for(decide_once(self._deciding, asked), 10)
        took_us = (time.perf_counter_ns() - began) / 1000
        if not isinstance(answer, Decided) or not answer.event.identity["subject_ids"]:
            raise TypeError(f"not decided: {answer}")
        return took_us
