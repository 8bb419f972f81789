"""What the statements of retention share: their lock, keys by day, and rows as values."""

from collections.abc import Iterable
from datetime import date

import asyncpg
from menshen_servicekit.queries import load_queries

from menshen_access.domain.history import day_of
from menshen_access.domain.retention import LegalHold, RetainedEvent, RetentionClass, RetentionRun

RETENTION = load_queries("menshen_access.postgres", "retention.sql")


def lock_of(site: str) -> str:
    """The lock that whoever deletes at a site and whoever places a legal hold there take."""
    return f"retention:{site}"


def by_day(events: Iterable[RetainedEvent]) -> dict[date, list[tuple[str, int]]]:
    """The keys of the events by their day."""
    found: dict[date, list[tuple[str, int]]] = {}
    for event in events:
        found.setdefault(day_of(event.key[0]), []).append(event.key)
    return found


def event_of_row(row: asyncpg.Record) -> RetainedEvent:
    return RetainedEvent(
        row["sequence"],
        (str(row["event_id"]), row["kind"]),
        row["recorded_at_ms"],
        row["first_ms"],
        row["last_ms"],
        tuple(row["subject_ids"]),
        row["has_bytes"],
        row["is_in_use"],
    )


def hold_of_row(row: asyncpg.Record) -> LegalHold:
    hold_id, *rest = row.values()
    return LegalHold(str(hold_id), *rest)


def run_of_row(row: asyncpg.Record) -> RetentionRun:
    retention_class, *rest = row.values()
    return RetentionRun(RetentionClass(retention_class), *rest)
