"""The rows of the history: what an operator asks of half a year of events."""

import asyncio
import shutil
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from hot_path.report import Row, sample
from menshen_access.domain.history import EventFilter
from menshen_access.postgres.reading import HistoryReader
from menshen_access.postgres.sites import Sites
from menshen_access.querying import NEWEST, days_between
from menshen_cli.local.provision import provision
from menshen_cli.local.servers import Server, postgres_server
from menshen_rulebook.types import FOREVER_MS
from menshen_servicekit.clock import SystemClock
from menshen_servicekit.migrations import migrate_database
from menshen_servicekit.postgres import Pool, close_pool, open_pool

from history.campus import GATES, LANES, PERSON, SITE
from history.explaining import measure_explain
from history.exporting import measure_export
from history.pressing import measure_pressing
from history.running import replay, suite_on, what_if
from history.seeding import UNITS, Filled, Scale, kept, seed_history

PAGE: Final = 100
ASKED: Final = 60
FEW: Final = 5
MONTH_BAR_MS: Final = 50


@dataclass(frozen=True, slots=True)
class Terms:
    """How much is asked: rows exported, days replayed, and rounds of decisions meanwhile and how long each lasts."""

    exported: int
    replayed_days: int
    rounds: int
    seconds: float


async def measure_history(folder: Path, scale: Scale, terms: Terms, *, keep: bool = False) -> list[Row]:
    """All rows of this package, of one history; `folder` is for its servers.

    With `keep` the history stays there, and a history of that size that stayed there is asked again.
    """
    folder.mkdir(parents=True, exist_ok=True)
    home, note = folder / "postgres-history", folder / "filled.json"
    before = kept(note, scale) if keep else None
    async with AsyncExitStack() as exits:
        if before is None:
            # What a run that was killed has left.
            note.unlink(missing_ok=True)
            await asyncio.to_thread(postgres_server(home).remove)
        server = postgres_server(home)
        await asyncio.to_thread(server.start)
        exits.push_async_callback(asyncio.to_thread, server.stop if keep else server.remove)
        (folder / "logins").mkdir(exist_ok=True)
        login = (await provision(server, folder / "logins")).logins["access"]
        await migrate_database(login.url, login.password_file, "menshen_access", schema="access")
        pool = await open_pool(login.url, login.password_file, schema="access", application="bench", max_size=2)
        try:
            filled, rows = await _filled(pool, scale, before)
            if keep:
                note.write_text(filled.to_json())
            rows += await _listed(HistoryReader(pool, Sites(pool)), filled)
            rows += await measure_explain(pool, filled)
        finally:
            await close_pool(pool)
        return [*rows, *await _measure_served(server, folder, filled, terms)]


async def _filled(pool: Pool, scale: Scale, before: Filled | None) -> tuple[Filled, list[Row]]:
    if before is not None:
        return before, []
    clock = SystemClock()
    began = clock.monotonic()
    filled = await seed_history(pool, scale)
    return filled, [Row(f"filling in {scale.events:,} events", figure=f"{clock.monotonic() - began:.0f} s")]


async def _measure_served(server: Server, folder: Path, filled: Filled, terms: Terms) -> list[Row]:
    """What is asked of a suite that runs on the history."""
    clock, scale = SystemClock(), filled.scale
    window = filled.ms(0), filled.ms(terms.replayed_days)
    files = folder / "exports"
    shutil.rmtree(files, ignore_errors=True)
    files.mkdir()
    async with suite_on(server, folder / "suite") as suite:
        began = clock.monotonic()
        totals = await what_if(suite)
        title = f"a what-if of {totals.subjects:,} subjects, {GATES} access points, a week"
        rows = [Row(title, figure=f"{clock.monotonic() - began:.1f} s")]
        exported = min(terms.exported, scale.recorded)
        rows += await measure_export(suite, files, exported, whole=exported == scale.recorded)
        began = clock.monotonic()
        decisions = await replay(suite, *window)
        pace = decisions / (clock.monotonic() - began)
        rows.append(Row(f"a replay of {decisions:,} decisions", figure=f"{pace:,.0f} decisions/s"))
        return rows + await measure_pressing(suite, files, window, terms.rounds, terms.seconds)


async def _listed(reader: HistoryReader, filled: Filled) -> list[Row]:
    scale, month = filled.scale, {"from_ms": filled.ms(60), "to_ms": filled.ms(90)}
    title = f"of {scale.events:,} events"
    each = range(ASKED)
    days = [{"from_ms": filled.ms(n), "to_ms": filled.ms(n + 1)} for n in each]
    subjects = scale.subjects
    asked: list[tuple[str, list[dict[str, Any]], bool]] = [
        ("a subject's month", [{**month, "subject_id": PERSON.format(n * 997 % subjects)} for n in each], True),
        ("everything of a subject", [{"subject_id": PERSON.format(n * 991 % subjects)} for n in each], False),
        ("a page of an access point", [{"access_point": f"n{n % LANES}-in"} for n in each], False),
        ("a page of a day's refusals", [{**day, "outcome": 4} for day in days], False),
        ("a page of a unit's day", [{**day, "unit": f"u-{n * 7 % UNITS}"} for n, day in enumerate(days)], True),
        ("a category's refusals of a month", [{**month, "category": "visitor", "outcome": 4}] * FEW, False),
        ("a page of everybody of a category", [{"category": "student"}] * FEW, False),
        ("a unit nobody belongs to", [{**month, "unit": "u-none"}] * FEW, False),
        ("a kind that never happened", [{**month, "kind": 9}] * FEW, False),
        ("an outcome nobody got", [{**month, "outcome": 2}] * FEW, False),
        ("a reason nobody was given", [{**month, "reason_code": "VISIT_OVER"}] * FEW, False),
    ]
    return [await _row(reader, f"{what} {title}", wishes, barred=barred) for what, wishes, barred in asked]


async def _row(reader: HistoryReader, title: str, wishes: list[dict[str, Any]], *, barred: bool) -> Row:
    clock, took_us = SystemClock(), []
    for wish in wishes:
        began = clock.monotonic()
        await reader.listed(SITE, _wanted(**wish), PAGE + 1)
        took_us.append((clock.monotonic() - began) * 1e6)
    found = sample(took_us, 0.0)
    if not barred:
        return Row(title, found.p50_us, found.p99_us)
    bar = f"p99 <= {MONTH_BAR_MS} ms"
    return Row(title, found.p50_us, found.p99_us, bar=bar, met=found.p99_us <= MONTH_BAR_MS * 1000)


def _wanted(**changes: Any) -> EventFilter:
    days = days_between(changes.get("from_ms", 0), changes.get("to_ms", FOREVER_MS))
    given: dict[str, Any] = {
        "before_sequence": NEWEST, "subject_id": "", "access_point": "", "days": days, "from_ms": 0,
        "to_ms": FOREVER_MS, "kind": 0, "outcome": 0, "reason_code": "",
    }  # fmt: skip
    return EventFilter(**{**given, **changes})
