"""A history of a test's own, with retention over it, on a real PostgreSQL."""

import itertools
from typing import Any

from menshen_access.domain.events import EventPayload
from menshen_access.domain.history import entry_of
from menshen_access.domain.retention import RetentionClass, RetentionRun
from menshen_access.known_names import KnownNames
from menshen_access.postgres.administration import Administration
from menshen_access.postgres.known_names import NamesInStore
from menshen_access.postgres.ledgers import PooledLedger
from menshen_access.postgres.presence import PresenceHistory
from menshen_access.postgres.reading import HistoryReader
from menshen_access.postgres.retention import Retained
from menshen_access.postgres.sites import Sites
from menshen_access.postgres.versions import Versions
from menshen_access.postgres.whole_days import WholeDays
from menshen_access.querying import Querying, Question
from menshen_access.retaining import Retention, RetentionDesk
from menshen_servicekit.clock import ManualClock
from menshen_servicekit.postgres import Pool

SITES = itertools.count(1)
DAYS = {RetentionClass.HEALTH: 14, RetentionClass.IDENTITY: 180, RetentionClass.CORE: 1096}
LI = "operator/li"
Rows = dict[str, dict[str, Any]]


class Archive:
    """A history of a test's own, with what runs over it. `at` is when what is recorded next is recorded."""

    def __init__(self, pool: Pool, sites: Sites, ledger: PooledLedger, reader: HistoryReader, new_id: Any) -> None:
        self.pool, self.sites, self.ledger, self.reader = pool, sites, ledger, reader
        self.site = f"retention-{next(SITES)}"
        self.clock = ManualClock()
        self.store = Retained(pool, sites)
        self.presence = PresenceHistory(pool, sites)
        self.querying = Querying(reader, Administration(pool, sites), self.clock)
        names = KnownNames(NamesInStore(pool))
        self.desk = RetentionDesk(self.store, self.querying, names, self.clock, new_id)
        self.whole_days, versions = WholeDays(pool, [self.site]), Versions(pool)
        self.retention = Retention(self.site, self.store, self.whole_days, versions, DAYS, 1096, self.clock, page=2)

    async def record(self, *events: EventPayload) -> None:
        """Record events now, and derive presence from them."""
        await self.ledger.append(self.site, [entry_of(event, late=False) for event in events], self.clock.now_ms())
        while await self.presence.derive(self.site, 100):
            pass

    async def rows(self) -> Rows:
        """Every event, whole, by id and kind."""
        rows = await self.pool.fetch("SELECT * FROM event WHERE site = $1", self.site)
        return {f"{row['event_id']}/{row['kind']}": dict(row) for row in rows}

    async def run(self) -> list[RetentionRun]:
        """What concerns health, then who was concerned."""
        return [await self.retention.run(wanted) for wanted in (RetentionClass.HEALTH, RetentionClass.IDENTITY)]

    async def is_sound(self) -> bool:
        return (await self.querying.verified(self.site, 0, 0)).broken_at == 0

    def question(self) -> Question:
        return Question(self.site, LI, "ExplainEvent", "an inquiry")
