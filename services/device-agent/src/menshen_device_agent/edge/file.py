"""The holding on disk, so that a restarted agent decides without the centre.

One SQLite file, written in one transaction per snapshot or batch of deltas. A file that is damaged, or whose records do
not add up to the digest it names, is dropped: the centre sends a new snapshot.
"""

import json
import sqlite3
from collections.abc import Iterable
from pathlib import Path

from menshen_rulebook.plan import plan_from_mapping, plan_to_json
from menshen_rulebook.types import Hold, HoldScope, Order, OrderKind, ThreatLevel

from menshen_device_agent.edge.holding import EdgeCursor, EdgeHolding, EdgeRecord, EdgeRecords

_SCHEMA = """
CREATE TABLE IF NOT EXISTS record (subject_id TEXT PRIMARY KEY, version INTEGER, record BLOB, keys TEXT);
CREATE TABLE IF NOT EXISTS standing (name TEXT PRIMARY KEY, value BLOB NOT NULL);
"""


class EdgeFile:
    """Owns the file; close() it. Trouble with the disk costs the copy on disk, never the holding in memory."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._database: sqlite3.Connection | None = None

    def load(self) -> EdgeHolding:
        """What is on disk; an empty holding when nothing trustworthy is."""
        try:
            holding = self._load()
        except (sqlite3.Error, ValueError, KeyError):
            self._drop()
            holding = EdgeHolding(EdgeRecords())
        return holding

    def replace(self, holding: EdgeHolding) -> None:
        """Write a whole snapshot."""
        self._write(holding, holding.records, whole=True)

    def update(self, holding: EdgeHolding, changed: Iterable[EdgeRecord]) -> None:
        """Write changed records and where the holding stands."""
        self._write(holding, changed, whole=False)

    def close(self) -> None:
        """Close the file."""
        if self._database is not None:
            self._database.close()
            self._database = None

    def _write(self, holding: EdgeHolding, records: Iterable[EdgeRecord], *, whole: bool) -> None:
        try:
            database = self._open()
            with database:
                if whole:
                    database.execute("DELETE FROM record")
                database.executemany("DELETE FROM record WHERE subject_id = ?", ((r.subject_id,) for r in records))
                kept = ((r.subject_id, r.version, r.record, "\n".join(r.keys)) for r in records if r.record)
                database.executemany("INSERT INTO record VALUES (?, ?, ?, ?)", kept)
                database.executemany("INSERT OR REPLACE INTO standing VALUES (?, ?)", _standing(holding).items())
        except sqlite3.Error:
            self._drop()

    def _load(self) -> EdgeHolding:
        database = self._open()
        standing = dict(database.execute("SELECT name, value FROM standing"))
        records = EdgeRecords()
        rows = database.execute("SELECT subject_id, version, record, keys FROM record")
        records.apply(EdgeRecord(row[0], row[1], row[2], tuple(row[3].split("\n"))) for row in rows)
        if not standing:
            return EdgeHolding(records)
        if standing["digest"] != records.digest:
            raise ValueError("digest")
        head = json.loads(standing["head"])
        return EdgeHolding(
            records=records,
            plan=plan_from_mapping(json.loads(standing["plan"])) if standing["plan"] else None,
            holds=tuple(Hold(h[0], h[1], HoldScope(h[2]), h[3]) for h in head["holds"]),
            holds_version=head["holds_version"],
            # A file written before levels and sources were kept has neither; the next message brings them.
            threat_levels=tuple(ThreatLevel(level, area_id) for area_id, level in head.get("threat_levels", ())),
            stale_sources=frozenset(head.get("stale_sources", ())),
            cursor=EdgeCursor(*head["cursor"]) if head["cursor"] else None,
            current_at_ms=head["current_at_ms"],
            orders=tuple(Order(o[0], o[1], o[2], OrderKind(o[3]), o[4]) for o in head.get("orders", ())),
        )

    def _open(self) -> sqlite3.Connection:
        if self._database is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            database = sqlite3.connect(self._path, timeout=1.0)
            database.execute("PRAGMA journal_mode = WAL")
            database.execute("PRAGMA synchronous = NORMAL")
            database.executescript(_SCHEMA)
            self._database = database
        return self._database

    def _drop(self) -> None:
        self.close()
        for suffix in ("", "-wal", "-shm"):
            self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)


def _standing(holding: EdgeHolding) -> dict[str, bytes]:
    cursor = holding.cursor
    head = {
        "holds": [[h.hold_id, h.origin, int(h.scope), h.target_id] for h in holding.holds],
        "orders": [[o.order_id, o.origin, o.access_point_id, int(o.kind), o.until_ms] for o in holding.orders],
        "holds_version": holding.holds_version,
        "threat_levels": [[one.area_id, one.level] for one in holding.threat_levels],
        "stale_sources": sorted(holding.stale_sources),
        "cursor": [cursor.epoch, cursor.position] if cursor else None,
        "current_at_ms": holding.current_at_ms,
    }
    return {
        "digest": holding.records.digest,
        "head": json.dumps(head).encode(),
        "plan": plan_to_json(holding.plan) if holding.plan is not None else b"",
    }
