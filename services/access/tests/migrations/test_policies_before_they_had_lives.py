"""A database whose policies were stored before they had lives: each gets the state that time gave it."""

from collections.abc import AsyncIterator

import asyncpg
import pytest
import pytest_asyncio
from menshen_access.announcing import Announcer
from menshen_access.domain.policy_life import PolicyState, StoredPolicy
from menshen_access.noticeboard import Noticeboard
from menshen_access.postgres.notices import Notices
from menshen_access.postgres.policies import Policies
from menshen_access.postgres.sites import Sites
from menshen_cli.local.provision import Database
from menshen_rulebook.decision import Text
from menshen_rulebook.plan import SitePlan, plan_to_json
from menshen_rulebook.policy import Policy
from menshen_servicekit.clock import SystemClock
from menshen_servicekit.migrations import load_migrations, migrate
from menshen_servicekit.postgres import Pool, close_pool, open_pool
from menshen_servicekit.settings import read_secret

SITE, BEFORE = "north", 3
HOUR_MS = 3_600_000


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def upgraded(database: Database) -> AsyncIterator[Pool]:
    """A pool on the newest schema over a database of the one before it."""
    login, now_ms = database.logins["access"], SystemClock().now_ms()
    assert login.password_file is not None
    connection = await asyncpg.connect(login.url, password=read_secret(login.password_file))
    migrations = load_migrations("menshen_access")
    await migrate(connection, migrations[:BEFORE], schema="access")
    await connection.execute("SET search_path TO access")
    await connection.execute("INSERT INTO site (site) VALUES ($1)", SITE)
    policies = [
        Policy(version, 1, SITE, from_ms, notice=Text("公告", "Notice"))
        for version, from_ms in ((7, now_ms - HOUR_MS), (9, now_ms + HOUR_MS))
    ]
    for place, policy in enumerate(policies, start=1):
        plan = SitePlan(SITE, place, policies=tuple(policies[:place]))
        await connection.execute(
            "INSERT INTO plan_version (site, version, document, stored_at_ms, reason, author)"
            " VALUES ($1, $2, $3, 0, 'r', 'operator/li')", SITE, place, plan_to_json(plan)
        )  # fmt: skip
        await connection.execute(
            "INSERT INTO policy (site, policy_id, from_ms, to_ms, title, language, document, plan_version, author,"
            " reason) VALUES ($1, $2, $3, 0, 't', 1, 'd', $4, 'operator/li', 'r')",
            SITE, f"p-{policy.version}", policy.from_ms, place,
        )  # fmt: skip
    await connection.execute("INSERT INTO plan_head (site, plan_version) VALUES ($1, 2)", SITE)
    await migrate(connection, migrations, schema="access")
    await connection.close()
    pool = await open_pool(login.url, login.password_file, schema="access", application="upgrade")
    yield pool
    await close_pool(pool)


@pytest.fixture
def policies(upgraded: Pool) -> Policies:
    return Policies(upgraded, Sites(upgraded))


async def found(policies: Policies, policy_id: str) -> StoredPolicy:
    got = await policies.get(SITE, policy_id)
    assert got is not None
    return got[0]


async def test_what_was_in_force_is_active_and_what_was_to_come_is_scheduled(policies: Policies) -> None:
    past, coming = await found(policies, "p-7"), await found(policies, "p-9")

    assert (past.state, past.outline.version) == (PolicyState.ACTIVE, 7)
    assert (coming.state, coming.outline.version) == (PolicyState.SCHEDULED, 9)
    assert coming.writers == {"operator/li"}


async def test_nothing_that_was_in_force_already_is_announced(upgraded: Pool) -> None:
    notices = Notices(upgraded, Sites(upgraded))

    announced = await Announcer(SITE, notices, Noticeboard(), SystemClock()).announce()

    assert (announced, await notices.after(SITE, 0, 10)) == (0, [])
