"""The rows of the history: what an operator asks of half a year of events."""

import asyncio
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from hot_path.report import Row, sample
from menshen_access.domain.history import EventFilter
from menshen_access.postgres.reading import HistoryReader
from menshen_access.postgres.sites import Sites
from menshen_access.querying import NEWEST, days_between
from menshen_cli.local.provision import provision
from menshen_cli.local.servers import postgres_server
from menshen_rulebook.types import FOREVER_MS
from menshen_servicekit.clock import SystemClock
from menshen_servicekit.migrations import migrate_database
from menshen_servicekit.postgres import close_pool, open_pool

from history.seeding import FIRST, GATES, SUBJECTS, UNITS, seed_history

SITE: Final = "north"
PAGE: Final = 100
ASKED: Final = 60
FEW: Final = 5
MONTH_BAR_MS: Final = 50


async def measure_history(folder: Path, events: int) -> list[Row]:
    """All rows of this module; `folder` is for its server."""
    folder.mkdir(parents=True, exist_ok=True)
    async with AsyncExitStack() as exits:
        server = postgres_server(folder / "postgres-history")
        await asyncio.to_thread(server.start)
        exits.push_async_callback(asyncio.to_thread, server.remove)
        (folder / "logins").mkdir(exist_ok=True)
        login = (await provision(server, folder / "logins")).logins["access"]
        await migrate_database(login.url, login.password_file, "menshen_access", schema="access")
        pool = await open_pool(login.url, login.password_file, schema="access", application="bench", max_size=2)
        exits.push_async_callback(close_pool, pool)
        await seed_history(pool, SITE, events)
        return await _rows(HistoryReader(pool, Sites(pool)), events)


async def _rows(reader: HistoryReader, events: int) -> list[Row]:
    month = {"from_ms": _ms(60), "to_ms": _ms(90)}
    title = f"of {events:,} events"
    each = range(ASKED)
    days = [{"from_ms": _ms(n), "to_ms": _ms(n + 1)} for n in each]
    asked: list[tuple[str, list[dict[str, Any]], bool]] = [
        ("a subject's month", [{**month, "subject_id": f"c:{n * 997 % SUBJECTS}"} for n in each], True),
        ("everything of a subject", [{"subject_id": f"c:{n * 991 % SUBJECTS}"} for n in each], False),
        ("a page of an access point", [{"access_point": f"p-{n % GATES}"} for n in each], False),
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


def _ms(day: int) -> int:
    return int(datetime.combine(FIRST + timedelta(days=day), datetime.min.time(), UTC).timestamp() * 1000)
