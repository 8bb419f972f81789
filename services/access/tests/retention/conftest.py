"""A history of a test's own, and events with bytes of every class for it."""

import itertools
import random
from typing import Any

import pytest
from harness.kept_history import Archive
from harness.recorded import id_at
from menshen_access.domain.events import EventPayload
from menshen_access.postgres.ledgers import PooledLedger
from menshen_access.postgres.reading import HistoryReader
from menshen_access.postgres.sites import Sites
from menshen_servicekit.postgres import Pool

MONTHS = itertools.count(1)


@pytest.fixture
async def archive(pool: Pool, sites: Sites, ledger: PooledLedger, reader: HistoryReader, new_id: Any) -> Archive:
    return Archive(pool, sites, ledger, reader, new_id)


@pytest.fixture
def passage(event: Any, archive: Archive) -> Any:
    """A decision that let somebody in, with bytes of every class, told by a clock that shows the archive's time."""

    def build(subject: str = "c:1", area: str = "campus", used: str = "", **core: Any) -> EventPayload:
        effects: list[Any] = [["M", subject, [area], "n-in", core.get("at_ms", archive.clock.now_ms())]]
        if used:
            effects.append(["U", used])
        identity = {"subject_ids": [subject], "effects": effects}
        given_core = {"site": archive.site, "at_ms": archive.clock.now_ms(), **core}
        built: EventPayload = event(identity=identity, health={"temperature": "36.6"}, **given_core)
        return built

    return build


@pytest.fixture
def dated(event: Any, archive: Archive) -> Any:
    """A decision of the day that the archive's clock shows, or so many days later: days that no other test records."""
    chance = random.Random(archive.site)
    archive.clock.advance_ms(next(MONTHS) * 30 * 86_400_000)

    def build(subject: str = "c:1", days: int = 0, used: str = "", **core: Any) -> EventPayload:
        at_ms = archive.clock.now_ms() + days * 86_400_000
        identity = {"subject_ids": [subject], "effects": [["U", used]] if used else []}
        known = {"event_id": id_at(at_ms, chance), "site": archive.site, "at_ms": at_ms, **core}
        built: EventPayload = event(identity=identity, health={"temperature": "36.6"}, **known)
        return built

    return build
