"""Pools and migrations against a real PostgreSQL, also while it is down."""

import asyncio
import dataclasses
import secrets
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio
from menshen_cli.local.servers import OwnServer
from menshen_servicekit.migrations import (
    Migration,
    MigrationError,
    load_migrations,
    migrate,
    migrate_database,
    pending,
)
from menshen_servicekit.postgres import Connection, Pool, answers, close_pool, open_pool, watch_pool
from menshen_servicekit.settings import read_secret

FIRST = Migration(1, "first", "CREATE TABLE one (a integer); INSERT INTO one VALUES (1);")
SECOND = Migration(2, "second", "ALTER TABLE one ADD COLUMN b text NOT NULL DEFAULT '';")


@pytest.fixture
def schema() -> str:
    return f"kit_{secrets.token_hex(4)}"


@pytest_asyncio.fixture
async def connection(kit_postgres: OwnServer) -> AsyncIterator[Connection]:
    made = await asyncpg.connect(kit_postgres.url, password=read_secret(kit_postgres.password_file), timeout=10)
    yield made
    await made.close(timeout=5)


@pytest_asyncio.fixture
async def pool(kit_postgres: OwnServer) -> AsyncIterator[Pool]:
    made = await open_pool(
        kit_postgres.url, kit_postgres.password_file, schema="kit", application="test", statement_timeout_s=2.0
    )
    yield made
    await close_pool(made)


async def test_migrations_are_applied_once_in_order(connection: Connection, schema: str) -> None:
    first = await migrate(connection, [FIRST], schema=schema)
    both = await migrate(connection, [FIRST, SECOND], schema=schema)
    again = await migrate(connection, [FIRST, SECOND], schema=schema)

    assert (first, both, again) == ((FIRST,), (SECOND,), ())
    columns = await connection.fetch(
        "SELECT column_name FROM information_schema.columns WHERE table_schema = $1 AND table_name = 'one'", schema
    )
    assert sorted(row["column_name"] for row in columns) == ["a", "b"]


async def test_what_is_pending_is_told_without_changing_anything(connection: Connection, schema: str) -> None:
    before = await pending(connection, [FIRST, SECOND], schema=schema)
    await migrate(connection, [FIRST], schema=schema)
    after = await pending(connection, [FIRST, SECOND], schema=schema)

    assert (before, after) == ((FIRST, SECOND), (SECOND,))


async def test_a_failing_migration_leaves_nothing_and_the_ones_before_it_stay(
    connection: Connection, schema: str
) -> None:
    broken = Migration(2, "broken", "CREATE TABLE two (a integer); SELECT 1 / 0;")

    with pytest.raises(MigrationError, match=r"0002_broken\.sql failed and was rolled back"):
        await migrate(connection, [FIRST, broken], schema=schema)

    tables = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = $1", schema)
    assert sorted(row["tablename"] for row in tables) == ["one", "schema_migrations"]
    assert await migrate(connection, [FIRST, SECOND], schema=schema) == (SECOND,)


async def test_a_file_changed_after_it_was_applied_is_refused(connection: Connection, schema: str) -> None:
    await migrate(connection, [FIRST], schema=schema)
    changed = dataclasses.replace(FIRST, sql=FIRST.sql + " ")

    with pytest.raises(MigrationError, match=r"0001_first\.sql changed after it was applied"):
        await migrate(connection, [changed, SECOND], schema=schema)


async def test_a_database_ahead_of_the_files_is_refused(connection: Connection, schema: str) -> None:
    await migrate(connection, [FIRST, SECOND], schema=schema)

    with pytest.raises(MigrationError, match="the database is ahead"):
        await migrate(connection, [FIRST], schema=schema)


async def test_two_runners_at_once_apply_each_file_once(
    kit_postgres: OwnServer, connection: Connection, schema: str
) -> None:
    other = await asyncpg.connect(kit_postgres.url, password=read_secret(kit_postgres.password_file), timeout=10)
    slow = dataclasses.replace(SECOND, sql="SELECT pg_sleep(0.2); " + SECOND.sql)
    try:
        async with asyncio.timeout(20):
            done = await asyncio.gather(
                migrate(connection, [FIRST, slow], schema=schema), migrate(other, [FIRST, slow], schema=schema)
            )
    finally:
        await other.close(timeout=5)

    assert sorted(done, key=len) == [(), (FIRST, slow)]


async def test_tables_belong_to_the_role_that_is_given(connection: Connection, schema: str) -> None:
    await connection.execute(await connection.fetchval("SELECT format('CREATE ROLE %I', $1::text)", schema))
    await connection.execute(
        await connection.fetchval("SELECT format('CREATE SCHEMA %1$I AUTHORIZATION %1$I', $1::text)", schema)
    )

    await migrate(connection, [FIRST], schema=schema, role=schema)

    owner = await connection.fetchval(
        "SELECT tableowner FROM pg_tables WHERE schemaname = $1 AND tablename = 'one'", schema
    )
    assert owner == schema
    assert await connection.fetchval("SELECT current_user") == "postgres"


@pytest.mark.parametrize("name", ["public; DROP SCHEMA x", "Upper", "", "1st", "a" * 64])
async def test_a_schema_name_that_is_not_plain_is_refused(connection: Connection, name: str) -> None:
    with pytest.raises(MigrationError, match="plain lower-case"):
        await migrate(connection, [FIRST], schema=name)


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """An importable package with migrations of its own."""
    title = f"kit_package_{secrets.token_hex(4)}"
    (tmp_path / title / "migrations").mkdir(parents=True)
    (tmp_path / title / "__init__.py").touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    return title


def write(tmp_path: Path, package: str, **files: str) -> None:
    for name, sql in files.items():
        (tmp_path / package / "migrations" / f"{name.removeprefix('_')}.sql").write_text(sql)


async def test_a_package_is_migrated_over_a_connection_of_its_own(
    kit_postgres: OwnServer, connection: Connection, tmp_path: Path, package: str, schema: str
) -> None:
    write(tmp_path, package, _0001_first=FIRST.sql, _0002_second=SECOND.sql)
    (tmp_path / package / "migrations" / "notes.txt").touch()

    done = await migrate_database(kit_postgres.url, kit_postgres.password_file, package, schema=schema)

    assert done == (FIRST, SECOND)
    assert await pending(connection, [FIRST, SECOND], schema=schema) == ()


@pytest.mark.parametrize(
    ("names", "problem"),
    [
        (("_0001_a", "_0003_c"), "expected number 0002, found 0003_c.sql"),
        (("_0001_a", "_0001_b"), "expected number 0002, found 0001_b.sql"),
        (("_0002_a",), "expected number 0001"),
        (("_1_a",), "expected NNNN_words.sql"),
        (("_0001_A",), "expected NNNN_words.sql"),
    ],
)
def test_doubtful_file_names_are_refused(tmp_path: Path, package: str, names: tuple[str, ...], problem: str) -> None:
    write(tmp_path, package, **dict.fromkeys(names, "SELECT 1;"))

    with pytest.raises(MigrationError, match=problem):
        load_migrations(package)


async def test_a_connection_of_the_pool_has_its_schema_name_and_limits(pool: Pool) -> None:
    row = await pool.fetchrow(
        "SELECT current_setting('search_path') AS path, current_setting('application_name') AS app,"
        " current_setting('TimeZone') AS zone, current_setting('statement_timeout') AS statement,"
        " current_setting('lock_timeout') AS lock"
    )

    assert row is not None
    assert dict(row) == {"path": "kit", "app": "test", "zone": "UTC", "statement": "2s", "lock": "1s"}


async def test_a_statement_over_its_time_is_cancelled_by_the_server(pool: Pool) -> None:
    with pytest.raises(asyncpg.QueryCanceledError):
        await pool.execute("SELECT pg_sleep(30)")

    assert await answers(pool)


async def test_a_pool_opens_while_the_server_is_down_and_is_whole_when_it_returns(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    from menshen_cli.local.servers import postgres_server

    server = postgres_server(tmp_path_factory.mktemp("outage") / "server", durable=False)
    assert isinstance(server, OwnServer)
    await asyncio.to_thread(server.start)
    await asyncio.to_thread(server.stop)
    pool = await open_pool(server.url, server.password_file, schema="kit", application="test")
    seen: asyncio.Queue[bool] = asyncio.Queue()
    watcher = asyncio.create_task(watch_pool(pool, seen.put_nowait, interval_s=0.01))
    try:
        async with asyncio.timeout(30):
            assert await seen.get() is False
            await asyncio.to_thread(server.start)
            while not await seen.get():
                pass
            await asyncio.to_thread(server.kill)
            while await seen.get():
                pass
            await asyncio.to_thread(server.start)
            while not await seen.get():
                pass
    finally:
        watcher.cancel()
        await asyncio.gather(watcher, return_exceptions=True)
        await close_pool(pool)
        await asyncio.to_thread(server.remove)


async def test_a_rotated_password_is_used_by_the_next_connection(
    kit_postgres: OwnServer, connection: Connection, tmp_path: Path
) -> None:
    role, secret = f"kit_{secrets.token_hex(4)}", tmp_path / "secret"
    await connection.execute(
        await connection.fetchval("SELECT format('CREATE ROLE %I LOGIN PASSWORD ''one''', $1::text)", role)
    )
    secret.write_text("one\n")
    pool = await open_pool(kit_postgres.url.replace("postgres@", f"{role}@"), secret, schema="kit", application="test")
    try:
        assert await pool.fetchval("SELECT current_user") == role
        await connection.execute(
            await connection.fetchval("SELECT format('ALTER ROLE %I PASSWORD ''two''', $1::text)", role)
        )
        secret.write_text("two\n")
        await pool.expire_connections()

        assert await pool.fetchval("SELECT current_user") == role
    finally:
        await close_pool(pool)


async def test_a_pool_in_use_is_cut_off_after_its_time(kit_postgres: OwnServer) -> None:
    pool = await open_pool(kit_postgres.url, kit_postgres.password_file, schema="kit", application="test")
    await pool.acquire()

    async with asyncio.timeout(5):
        await close_pool(pool, timeout_s=0.05)

    with pytest.raises(asyncpg.InterfaceError):
        await pool.fetchval("SELECT 1")
