"""Muster lists on a real PostgreSQL: who is in an area, who is unknown, and who asked."""

from typing import Any

import pytest
from menshen_access.domain.events import EventKind
from menshen_access.domain.history import entry_of
from menshen_access.mustering import Mustering
from menshen_access.postgres.administration import Administration
from menshen_access.postgres.ledgers import PooledLedger
from menshen_access.postgres.presence import PresenceHistory
from menshen_access.postgres.reading import HistoryReader
from menshen_access.postgres.sites import Sites
from menshen_access.querying import Querying, Question
from menshen_rulebook.plan import plan_from_mapping, plan_to_json
from menshen_servicekit.clock import SystemClock
from menshen_servicekit.postgres import Pool
from menshen_servicekit.status import DomainError, Trouble

SITE = "north"
QUESTION = Question(SITE, "operator/li", "ListMuster", "fire drill")
START_MS = 1_772_409_600_000
PATHS = {"hall": ["hall", "campus"], "stage": ["stage", "hall", "campus"], "outside": ["outside"]}


class APlan:
    """A site with a hall, a stage inside it and the world outside."""

    async def current_plan(self, site: str) -> tuple[int, bytes]:
        areas = [{"id": "outside"}, {"id": "campus"}, {"id": "hall", "parent": "campus"}]
        document = {"site": site, "version": 1, "areas": [*areas, {"id": "stage", "parent": "hall"}]}
        return 1, plan_to_json(plan_from_mapping(document))


class House:
    """People who walk about, and the muster list."""

    def __init__(self, pool: Pool, sites: Sites, reader: HistoryReader, ledger: PooledLedger, event: Any) -> None:
        clock = SystemClock()
        self.presence = PresenceHistory(pool, sites)
        self._ledger = ledger
        self._event = event
        self._mustering = Mustering(self.presence, APlan(), Querying(reader, Administration(pool, sites), clock))

    async def walk(self, subject: str, area: str, minute: int) -> None:
        """Somebody is granted and passes."""
        at_ms = START_MS + minute * 60_000
        effects = [["R", subject, PATHS[area], "point", at_ms + 8_000]]
        granted = self._event(identity={"subject_ids": [subject], "effects": effects}, at_ms=at_ms)
        taken = self._event(EventKind.TAKEN, event_id=granted.event_id, at_ms=at_ms)
        await self._ledger.append(SITE, [entry_of(one, late=False) for one in (granted, taken)], 0)

    async def swipe(self, subject: str, area: str) -> None:
        """Somebody is granted and has not passed."""
        effects = [["R", subject, PATHS[area], "point", START_MS]]
        granted = self._event(identity={"subject_ids": [subject], "effects": effects}, at_ms=START_MS)
        await self._ledger.append(SITE, [entry_of(granted, late=False)], 0)

    async def muster(self, area: str, **changes: Any) -> tuple[list[tuple[str, str, int, bool]], str]:
        given = {"question": QUESTION, "area": area, "after": "", "size": 10, **changes}
        found, following = await self._mustering.listed(**given)
        minutes = [(one.at_ms - START_MS) // 60_000 for one in found]
        rows = [(one.subject_id, one.area, m, one.is_unknown) for one, m in zip(found, minutes, strict=True)]
        return rows, following


@pytest.fixture
async def house(pool: Pool, sites: Sites, reader: HistoryReader, ledger: PooledLedger, event: Any) -> House:
    await pool.execute("TRUNCATE transition")
    return House(pool, sites, reader, ledger, event)


async def test_it_lists_who_passed_in_and_not_out_in_the_area_and_the_areas_inside_it(house: House) -> None:
    await house.walk("c:m1", "hall", 1)
    await house.walk("c:m2", "stage", 2)
    await house.walk("c:m3", "hall", 3)
    await house.walk("c:m3", "outside", 4)
    await house.swipe("c:m4", "hall")

    hall, stage = await house.muster("hall"), await house.muster("stage")

    assert hall == ([("c:m1", "hall", 1, False), ("c:m2", "stage", 2, False)], "")
    assert stage == ([("c:m2", "stage", 2, False)], "")


async def test_it_names_who_was_last_seen_there_and_is_unknown_since(house: House) -> None:
    await house.walk("c:m1", "hall", 1)
    await house.walk("c:m2", "outside", 1)
    await house.muster("hall")

    await house.presence.forgive(SITE, START_MS + 300_000, "0198f000-0000-7000-8000-00000000000f", [], "")

    assert await house.muster("hall") == ([("c:m1", "hall", 1, True)], "")


async def test_it_comes_page_by_page(house: House) -> None:
    for number in range(3):
        await house.walk(f"c:m{number}", "hall", number)

    first, following = await house.muster("hall", size=2)
    rest, end = await house.muster("hall", size=2, after=following)

    assert [row[0] for row in (*first, *rest)] == ["c:m0", "c:m1", "c:m2"]
    assert (following, end) == ("c:m1", "")


async def test_it_names_its_purpose_and_is_written_down(house: House, pool: Pool) -> None:
    with pytest.raises(DomainError) as refused:
        await house.muster("hall", question=Question(SITE, "operator/li", "ListMuster", " "))
    await house.muster("hall")

    assert refused.value.trouble is Trouble.INVALID
    logged = await pool.fetchrow("SELECT method, purpose, filter FROM query_log ORDER BY number DESC LIMIT 1")
    assert tuple(logged) == ("ListMuster", "fire drill", '{"area": "hall"}')


async def test_an_area_nobody_defined_is_refused_by_its_field(house: House) -> None:
    with pytest.raises(DomainError) as refused:
        await house.muster("atlantis")

    assert refused.value.code == "AREA_UNKNOWN"
