"""Numbered SQL files, applied in order, once, by one runner at a time.

A file is `NNNN_words.sql`, numbered from 0001 without gaps. Each is one transaction, recorded with its checksum in
`schema_migrations` of the service's schema. A file that changed after it was applied, a gap, or a database that is
ahead of the files is refused before anything runs.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import asyncpg
import structlog

from menshen_servicekit.postgres import CONNECT_TIMEOUT_S, Connection
from menshen_servicekit.settings import read_secret

TURN_TIMEOUT = "2min"
"""How long a runner waits for another one to finish."""

LOCK_TIMEOUT = "5s"
STATEMENT_TIMEOUT = "15min"

_FILE = re.compile(r"(?P<number>\d{4})_(?P<words>[a-z0-9]+(?:_[a-z0-9]+)*)\.sql\Z")
_SLUG = re.compile(r"[a-z][a-z0-9_]{0,62}\Z")
_LEDGER = """
CREATE TABLE IF NOT EXISTS schema_migrations (
    number integer PRIMARY KEY,
    words text NOT NULL,
    checksum text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
)
"""

_log = structlog.get_logger(__name__)


class MigrationError(Exception):
    """The files and the database disagree; nothing was applied by this run beyond what the text says."""


@dataclass(frozen=True, slots=True)
class Migration:
    number: int
    words: str
    sql: str

    @property
    def checksum(self) -> str:
        return hashlib.sha256(self.sql.encode("utf-8")).hexdigest()


def load_migrations(package: str, folder: str = "migrations") -> tuple[Migration, ...]:
    """The migrations of an importable package in order; MigrationError for a misnamed file, a gap or a double."""
    found: list[Migration] = []
    for entry in resources.files(package).joinpath(folder).iterdir():
        if not entry.name.endswith(".sql"):
            continue
        match = _FILE.match(entry.name)
        if match is None:
            raise MigrationError(f"{entry.name}: expected NNNN_words.sql")
        found.append(Migration(int(match["number"]), match["words"], entry.read_text(encoding="utf-8")))
    found.sort(key=lambda migration: migration.number)
    for wanted, migration in enumerate(found, start=1):
        if migration.number != wanted:
            raise MigrationError(f"expected number {wanted:04d}, found {migration.number:04d}_{migration.words}.sql")
    return tuple(found)


async def migrate(
    connection: Connection, migrations: Sequence[Migration], *, schema: str, role: str | None = None
) -> tuple[Migration, ...]:
    """Bring `schema` up to date and return what was applied; the schema is made when missing.

    With `role`, everything is created as that role (the connection must be allowed to take it).
    """
    for slug in (schema, role or schema):
        if not _SLUG.match(slug):
            raise MigrationError(f"{slug!r} is not a plain lower-case identifier")
    await _settle(connection, schema, role)
    try:
        await connection.execute("SELECT pg_advisory_lock(hashtextextended($1, 0))", f"menshen.migrate.{schema}")
        await connection.execute("SELECT set_config('lock_timeout', $1, false)", LOCK_TIMEOUT)
        return await _apply_pending(connection, migrations, schema)
    finally:
        await _unsettle(connection)


async def migrate_database(
    database_url: str, password_file: Path | None, package: str, *, schema: str, role: str | None = None
) -> tuple[Migration, ...]:
    """Apply the migrations of `package` over a connection of their own: what `python -m menshen_x migrate` does."""
    migrations = load_migrations(package)
    password = read_secret(password_file) if password_file is not None else None
    connection = await asyncpg.connect(database_url, password=password, timeout=CONNECT_TIMEOUT_S)
    try:
        return await migrate(connection, migrations, schema=schema, role=role)
    finally:
        await connection.close(timeout=CONNECT_TIMEOUT_S)


async def pending(connection: Connection, migrations: Sequence[Migration], *, schema: str) -> tuple[Migration, ...]:
    """What `migrate` would apply; MigrationError when the database disagrees with the files. Changes nothing."""
    exists = await connection.fetchval(
        "SELECT to_regclass(format('%I.schema_migrations', $1::text)) IS NOT NULL", schema
    )
    if not exists:
        return tuple(migrations)
    try:
        await connection.execute("SELECT set_config('search_path', $1, false)", schema)
        return await _unapplied(connection, migrations)
    finally:
        await _unsettle(connection)


async def _settle(connection: Connection, schema: str, role: str | None) -> None:
    await connection.execute("SELECT set_config('lock_timeout', $1, false)", TURN_TIMEOUT)
    await connection.execute("SELECT set_config('statement_timeout', $1, false)", STATEMENT_TIMEOUT)
    if role is not None:
        await connection.execute("SELECT set_config('role', $1, false)", role)
    await connection.execute("SELECT set_config('search_path', $1, false)", schema)


async def _unsettle(connection: Connection) -> None:
    if not connection.is_closed():
        await connection.execute("SELECT pg_advisory_unlock_all()")
        await connection.execute("SELECT set_config('role', 'none', false)")
        await connection.execute("RESET ALL")


async def _apply_pending(connection: Connection, migrations: Sequence[Migration], schema: str) -> tuple[Migration, ...]:
    if not await connection.fetchval("SELECT count(*) FROM pg_namespace WHERE nspname = $1", schema):
        await connection.execute(await connection.fetchval("SELECT format('CREATE SCHEMA %I', $1::text)", schema))
    await connection.execute(_LEDGER)
    waiting = await _unapplied(connection, migrations)
    for migration in waiting:
        await _apply(connection, migration)
    return waiting


async def _unapplied(connection: Connection, migrations: Sequence[Migration]) -> tuple[Migration, ...]:
    rows = await connection.fetch("SELECT number, words, checksum FROM schema_migrations ORDER BY number")
    if len(rows) > len(migrations):
        raise MigrationError(f"the database is ahead: it has {len(rows)} migrations, the files have {len(migrations)}")
    for row, migration in zip(rows, migrations, strict=False):
        if row["number"] != migration.number:
            raise MigrationError(f"the database lacks {migration.number:04d} but has {row['number']:04d}")
        if row["checksum"] != migration.checksum:
            raise MigrationError(f"{migration.number:04d}_{migration.words}.sql changed after it was applied")
    return tuple(migrations[len(rows) :])


async def _apply(connection: Connection, migration: Migration) -> None:
    label = f"{migration.number:04d}_{migration.words}.sql"
    try:
        async with connection.transaction():
            await connection.execute(migration.sql)
            await connection.execute(
                "INSERT INTO schema_migrations (number, words, checksum) VALUES ($1, $2, $3)",
                migration.number,
                migration.words,
                migration.checksum,
            )
    except asyncpg.PostgresError as error:
        raise MigrationError(f"{label} failed and was rolled back: {error}") from error
    _log.info("migration_applied", migration=label)
