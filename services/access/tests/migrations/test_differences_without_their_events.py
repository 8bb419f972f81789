"""A database whose differences outlived their events: they are gone, and the shadow counts the others."""

from collections.abc import AsyncIterator
from datetime import date

import asyncpg
import pytest_asyncio
from menshen_cli.local.provision import Database
from menshen_servicekit.migrations import load_migrations, migrate
from menshen_servicekit.postgres import Connection
from menshen_servicekit.settings import read_secret

BEFORE = 18
DROPPED, THERE = date(2026, 1, 1), date(2026, 1, 2)
IDS = [f"00000000-0000-7000-8000-00000000000{n}" for n in range(4)]
EVENT = (
    "INSERT INTO event VALUES ($1, $2, $3, 1, $4, 0, 0, false, '', 1, '{}', '{}', '', 0, 0, '', '', NULL, NULL, NULL,"
    " NULL)"
)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def before(database: Database) -> AsyncIterator[Connection]:
    """A connection to a database of the schema before."""
    login = database.logins["access"]
    assert login.password_file is not None
    connection = await asyncpg.connect(login.url, password=read_secret(login.password_file))
    await migrate(connection, load_migrations("menshen_access")[:BEFORE], schema="access")
    await connection.execute("SET search_path TO access")
    yield connection
    await connection.close()


async def put_shadow(connection: Connection, site: str, *differences: tuple[date, str]) -> None:
    await connection.execute("INSERT INTO site (site) VALUES ($1)", site)
    await connection.execute(
        "INSERT INTO policy (site, policy_id, from_ms, to_ms, title, language, document, plan_version, author, reason)"
        " VALUES ($1, 'p', 0, 0, '', 1, '', 0, '', '')",
        site,
    )
    await connection.execute(
        "INSERT INTO shadow VALUES ($1, 's', 'p', '', 3, 0, 0, $2, 0, 0, '', '')", site, len(differences)
    )
    for place, (day, event_id) in enumerate(differences):
        await connection.execute(
            "INSERT INTO shadow_difference VALUES ($1, 's', $2, $3, $4, 1, 'n-in', 0, 1, '', 4, '')",
            *(site, place, day, event_id),
        )


async def test_differences_whose_events_or_days_went_before_the_upgrade_go_with_it(before: Connection) -> None:
    await before.execute(
        "CREATE TABLE event_20260102 PARTITION OF event FOR VALUES FROM ('2026-01-02') TO ('2026-01-03')"
    )
    await put_shadow(before, "north", (DROPPED, IDS[0]), (DROPPED, IDS[1]), (THERE, IDS[2]), (THERE, IDS[3]))
    await put_shadow(before, "south", (THERE, IDS[2]), (THERE, IDS[3]))
    for number, site in enumerate(("north", "south")):
        await before.execute(EVENT, site, THERE, IDS[2 + number], 1)

    await migrate(before, load_migrations("menshen_access"), schema="access")

    rows = await before.fetch("SELECT site, event_id FROM access.shadow_difference ORDER BY site")
    assert [(row["site"], str(row["event_id"])) for row in rows] == [("north", IDS[2]), ("south", IDS[3])]
    kept = await before.fetch("SELECT site, kept FROM access.shadow ORDER BY site")
    assert [tuple(row) for row in kept] == [("north", 1), ("south", 1)]
