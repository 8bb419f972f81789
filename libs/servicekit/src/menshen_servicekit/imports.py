"""Bulk import from CSV: read as a stream, staged, and published only when every row is valid.

A `Sheet` reads the file; `Importer` stages its rows, has them checked, and publishes them in short
transactions. A service that imports has, in its schema, a table `staged_rows` whose first columns are `import_id text,
line integer` and whose others are its own, and a table

    imports (import_id text PRIMARY KEY, site text, actor text, state text, at_ms bigint, rows integer,
             created integer, changed integer, published_line integer, moved_at timestamptz)

An import whose process died while publishing is finished by `resume`, in this process or another: all its rows were
valid, and the row of `imports` says how far it came.
"""

import asyncio
import secrets
from collections.abc import AsyncIterable, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg

from menshen_servicekit.feeds import Touch, publish
from menshen_servicekit.postgres import Connection, Pool
from menshen_servicekit.sheets import MAX_FAULTS, Row, RowFault, Sheet
from menshen_servicekit.status import DomainError, Trouble

MAX_CHUNK_BYTES = 1024 * 1024
STAGE_ROWS = 2_000
CHECK_TIMEOUT_S = 120.0
RESUME_S = 5.0


@dataclass(frozen=True, slots=True)
class ImportOrder:
    """Whose import it is. `bound_site` is the only site its caller may write to, None for all."""

    site: str
    actor: str
    bound_site: str | None
    is_dry_run: bool
    at_ms: int


@dataclass(frozen=True, slots=True)
class Step:
    """What one short transaction published: up to which line, what came of it, which feed entries changed."""

    last_line: int
    created: int
    changed: int
    touches: Sequence[Touch]


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did; with any fault it did nothing."""

    rows: int
    created: int
    changed: int
    faults: tuple[RowFault, ...]


@dataclass(frozen=True, kw_only=True)
class ImportPlan:
    """What is particular to one import.

    `parse` gives the values of `staged_columns` for a record, or its faults. `check` looks at all staged rows of an
    import against each other and against what is stored. `published_tables` have grown afterwards, and the planner is
    told. `publish` writes the next rows after a line, in the
    transaction it is given, and None when there are none.
    """

    channel: str
    required: tuple[str, ...]
    optional: tuple[str, ...]
    staged_columns: tuple[str, ...]
    published_tables: tuple[str, ...]
    parse: Callable[[Row, ImportOrder], tuple[Any, ...] | list[RowFault]]
    check: Callable[[Connection, str, ImportOrder], Awaitable[Sequence[RowFault]]]
    publish: Callable[[Connection, str, int], Awaitable[Step | None]]


class Importer:
    """Runs imports of one plan; any number at a time."""

    def __init__(self, pool: Pool, plan: ImportPlan) -> None:
        self._pool = pool
        self._plan = plan

    async def run(self, order: ImportOrder, chunks: AsyncIterable[bytes]) -> ImportReport:
        """Read, stage, check and publish one file.

        DomainError INVALID for a chunk that is too large, CONFLICT when what was checked changed before it was
        published: the lines before the one named are in force, and the file can be sent again.
        """
        import_id = secrets.token_hex(16)
        sheet = Sheet(self._plan.required, self._plan.optional)
        await self._pool.execute(_BEGIN, import_id, order.site, order.actor, order.at_ms)
        try:
            await self._stage(import_id, order, sheet, chunks)
            await self._check(import_id, order, sheet)
            if sheet.faults or order.is_dry_run:
                return ImportReport(sheet.rows, 0, 0, tuple(sheet.faults))
            await self._pool.execute(_PUBLISHING, import_id, sheet.rows)
        finally:
            await self._pool.execute(_DISCARD_UNLESS_PUBLISHING, import_id)
        created, changed = await self._publish(import_id)
        await self._analyse(self._plan.published_tables)
        return ImportReport(sheet.rows, created, changed, ())

    async def resume(self) -> None:
        """For ever: finish imports that nobody is publishing any more, and drop what was never sent to its end."""
        while True:
            for row in await self._pool.fetch(_ORPHANS):
                await self._publish(row["import_id"])
            await self._pool.execute(_DROP_UNFINISHED)
            await asyncio.sleep(RESUME_S)

    async def _stage(self, import_id: str, order: ImportOrder, sheet: Sheet, chunks: AsyncIterable[bytes]) -> None:
        staged: list[tuple[Any, ...]] = []
        async for chunk in chunks:
            if len(chunk) > MAX_CHUNK_BYTES:
                raise _chunk_too_large()
            staged += self._parsed(import_id, order, sheet, sheet.feed(chunk))
            if len(staged) >= STAGE_ROWS:
                await self._copy(staged)
                staged = []
        staged += self._parsed(import_id, order, sheet, sheet.finish())
        await self._copy(staged)

    def _parsed(self, import_id: str, order: ImportOrder, sheet: Sheet, rows: Sequence[Row]) -> list[tuple[Any, ...]]:
        staged: list[tuple[Any, ...]] = []
        for row in rows:
            parsed = self._plan.parse(row, order)
            if isinstance(parsed, list):
                for fault in parsed:
                    sheet.add_fault(fault)
            else:
                staged.append((import_id, row.line, *parsed))
        return staged

    async def _copy(self, staged: Sequence[tuple[Any, ...]]) -> None:
        if staged:
            async with self._pool.acquire(timeout=RESUME_S) as connection:
                await connection.copy_records_to_table(
                    "staged_rows", records=staged, columns=("import_id", "line", *self._plan.staged_columns)
                )

    async def _check(self, import_id: str, order: ImportOrder, sheet: Sheet) -> None:
        if len(sheet.faults) >= MAX_FAULTS:
            return
        await self._analyse(("staged_rows",))
        async with self._pool.acquire(timeout=RESUME_S) as connection, connection.transaction():
            await connection.execute("SELECT set_config('statement_timeout', $1, true)", f"{CHECK_TIMEOUT_S:.0f}s")
            for fault in await self._plan.check(connection, import_id, order):
                sheet.add_fault(fault)
        sheet.faults.sort(key=lambda fault: fault.line)

    async def _analyse(self, tables: Sequence[str]) -> None:
        """Without fresh statistics the planner takes a table that just grew for an empty one.

        Coarse ones will do: analyses of one table wait for each other, and so would imports that run side by side.
        """
        async with self._pool.acquire(timeout=RESUME_S) as connection, connection.transaction():
            await connection.execute("SET LOCAL default_statistics_target = 10")
            await connection.execute("ANALYZE " + ", ".join(tables), timeout=CHECK_TIMEOUT_S)

    async def _publish(self, import_id: str) -> tuple[int, int]:
        """Publish to the end; how many were created and changed by the whole import."""
        while True:
            try:
                done = await self._publish_some(import_id)
            except asyncpg.IntegrityConstraintViolationError:
                raise await self._overtaken(import_id) from None
            if done is not None:
                return done

    async def _publish_some(self, import_id: str) -> tuple[int, int] | None:
        async with self._pool.acquire(timeout=RESUME_S) as connection, connection.transaction():
            await connection.execute(_LOOK_UP_ROW_BY_ROW)
            progress = await connection.fetchrow(_LOCK_PROGRESS, import_id)
            if progress is None:
                raise _import_lost()
            if progress["state"] != "PUBLISHING":
                return progress["created"], progress["changed"]
            step = await self._plan.publish(connection, import_id, progress["published_line"])
            if step is None:
                await connection.execute(_FINISH, import_id, "DONE")
                return progress["created"], progress["changed"]
            await connection.execute(_ADVANCE, import_id, step.last_line, step.created, step.changed)
            if step.touches:
                await publish(connection, self._plan.channel, step.touches)
        return None

    async def _overtaken(self, import_id: str) -> DomainError:
        line = await self._pool.fetchval(_FAIL, import_id)
        return DomainError(
            Trouble.CONFLICT,
            "IMPORT_OVERTAKEN",
            f"校验之后数据被他人更改:第 {line} 行及之前已生效,请重新发送文件",
            f"what was checked has changed meanwhile: lines up to {line} are in force, send the file again",
        )


def _chunk_too_large() -> DomainError:
    return DomainError(
        Trouble.INVALID,
        "CHUNK_TOO_LARGE",
        f"每块最多 {MAX_CHUNK_BYTES} 字节",
        f"at most {MAX_CHUNK_BYTES} bytes in a chunk",
    )


def _import_lost() -> DomainError:
    return DomainError(
        Trouble.CONFLICT, "IMPORT_LOST", "该导入已被清除,请重新发送文件", "the import was dropped: send the file again"
    )


_BEGIN = "INSERT INTO imports (import_id, site, actor, state, at_ms) VALUES ($1, $2, $3, 'RECEIVING', $4)"

_PUBLISHING = "UPDATE imports SET state = 'PUBLISHING', rows = $2, moved_at = clock_timestamp() WHERE import_id = $1"

_DISCARD_UNLESS_PUBLISHING = """
WITH given_up AS (DELETE FROM imports WHERE import_id = $1 AND state = 'RECEIVING' RETURNING import_id)
DELETE FROM staged_rows WHERE import_id IN (SELECT import_id FROM given_up)
"""

# A batch is small beside tables that grow under it: index look-ups, planned for the sizes of this moment.
_LOOK_UP_ROW_BY_ROW = """
SELECT
    set_config('plan_cache_mode', 'force_custom_plan', true),
    set_config('enable_hashjoin', 'off', true),
    set_config('enable_mergejoin', 'off', true)
"""

_LOCK_PROGRESS = """
SELECT state, published_line, created, changed FROM imports WHERE import_id = $1 FOR UPDATE
"""

_ADVANCE = """
UPDATE imports SET published_line = $2, created = created + $3, changed = changed + $4, moved_at = clock_timestamp()
WHERE import_id = $1
"""

_FINISH = """
WITH finished AS (UPDATE imports SET state = $2, moved_at = clock_timestamp() WHERE import_id = $1 RETURNING import_id)
DELETE FROM staged_rows WHERE import_id IN (SELECT import_id FROM finished)
"""

_FAIL = """
WITH failed AS (
    UPDATE imports SET state = 'FAILED', moved_at = clock_timestamp() WHERE import_id = $1
    RETURNING import_id, published_line
), dropped AS (DELETE FROM staged_rows WHERE import_id IN (SELECT import_id FROM failed))
SELECT published_line FROM failed
"""

_ORPHANS = """
SELECT import_id FROM imports
WHERE state = 'PUBLISHING' AND moved_at < clock_timestamp() - interval '15 seconds' ORDER BY moved_at LIMIT 10
"""

_DROP_UNFINISHED = """
WITH given_up AS (
    DELETE FROM imports WHERE state = 'RECEIVING' AND moved_at < clock_timestamp() - interval '1 hour'
    RETURNING import_id
)
DELETE FROM staged_rows WHERE import_id IN (SELECT import_id FROM given_up)
"""
