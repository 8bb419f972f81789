"""The agent's spool: everything that happened at its doors, numbered without gaps.

Entries stay until PostgreSQL has them, and for days after. The file is SQLite in WAL mode with `synchronous=NORMAL`: a
committed entry survives the death of the process; a power cut may cost the last moments. PostgreSQL may have those
already, so their numbers may be given twice: after any end but an orderly one the next numbers insist on being sent. A
file that SQLite cannot trust is moved aside and a new epoch begins. A file that cannot be opened just now (a full disk,
another process) stays where it is, and this run keeps an epoch of its own in memory. While the disk refuses writes,
entries wait in a bounded queue in memory; past its end the oldest is given up and counted.
"""

import sqlite3
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_SCHEMA = """
CREATE TABLE IF NOT EXISTS spool (epoch INTEGER NOT NULL, acknowledged INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS entry (
    number INTEGER PRIMARY KEY, written_ms INTEGER NOT NULL, body BLOB NOT NULL, insists INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS entry_insists ON entry (number) WHERE insists = 1;
"""
_ORDERLY, _IN_USE = 0, 1


@dataclass(frozen=True, slots=True)
class SpoolEntry:
    """One entry; `body` is opaque to the spool."""

    number: int
    body: bytes


@dataclass(frozen=True, slots=True)
class SpoolLimits:
    """Bounds of the spool."""

    waiting_entries: int = 10_000
    """Entries held in memory while the disk refuses."""
    doubtful_numbers: int = 1_000
    """How many numbers a power cut may have taken back."""
    keep_ms: int = 7 * 24 * 3_600_000
    """How long acknowledged entries stay, for a restored PostgreSQL to be refilled."""


class Spool:
    """Owns the file; close() it. All calls are short and synchronous: an append costs tens of microseconds."""

    def __init__(self, path: Path, now_ms: Callable[[], int], limits: SpoolLimits | None = None) -> None:
        self._path = path
        self._now_ms = now_ms
        self._limits = limits or SpoolLimits()
        self._waiting: deque[tuple[int, int, bytes, bool]] = deque()
        self._insisting: set[int] = set()
        self.given_up = 0
        """Entries lost because memory was full while the disk refused; a gap the history will show."""
        self.moved_aside: Path | None = None
        """Where an untrustworthy file of an earlier run went; None when there was none."""
        self.in_memory = False
        """Whether the file could not be opened: what this run spools dies with it."""
        self.epoch = 0
        self.acknowledged = 0
        self.last_number = 0
        self._doubtful_until = 0
        self._database = self._open()

    @property
    def failing(self) -> bool:
        """True while the disk refuses writes."""
        return bool(self._waiting)

    @property
    def unacknowledged(self) -> int:
        """Entries PostgreSQL is not known to have."""
        return self.last_number - self.acknowledged + sum(n <= self.acknowledged for n in self._insisting)

    def append(self, body: bytes) -> int:
        """Store a new entry and return its number; never fails."""
        self.last_number += 1
        self._write(self.last_number, body)
        return self.last_number

    def replace(self, number: int, body: bytes, *, insists: bool = False) -> None:
        """Store the final form of an entry.

        One that insists is to be sent whatever the watermark says: the centre may have recorded another event, its own
        decision, under the same number.
        """
        self._write(number, body, insists=insists)

    def insisting(self, limit: int) -> list[SpoolEntry]:
        """At most `limit` entries below the watermark that still insist, oldest first."""
        self._flush()
        with self._trouble():
            rows = self._database.execute(
                "SELECT number, body FROM entry WHERE insists = 1 AND number <= ? ORDER BY number LIMIT ?",
                (self.acknowledged, limit),
            )
            return [SpoolEntry(row[0], row[1]) for row in rows]
        return []

    def sent(self, numbers: Iterable[int]) -> None:
        """The centre has stored these very entries: they no longer insist."""
        settled = self._insisting.intersection(numbers)
        with self._trouble():
            for number in settled:
                self._database.execute("UPDATE entry SET insists = 0 WHERE number = ?", (number,))
            self._insisting -= settled

    def after(self, number: int, limit: int) -> list[SpoolEntry]:
        """Return at most `limit` entries with higher numbers, oldest first."""
        self._flush()
        stored: list[SpoolEntry] = []
        with self._trouble():
            rows = self._database.execute(
                "SELECT number, body FROM entry WHERE number > ? ORDER BY number LIMIT ?", (number, limit)
            )
            stored = [SpoolEntry(row[0], row[1]) for row in rows]
        seen = {entry.number for entry in stored}
        held = (SpoolEntry(n, body) for n, _, body, _ in self._waiting if n > number and n not in seen)
        return sorted([*stored, *held], key=lambda entry: entry.number)[:limit]

    def acknowledge(self, epoch: int, number: int) -> None:
        """PostgreSQL has everything up to `number`; a watermark of another epoch, or an older one, changes nothing."""
        if epoch != self.epoch or number <= self.acknowledged:
            return
        self.acknowledged = min(number, self.last_number)
        with self._trouble():
            self._database.execute("UPDATE spool SET acknowledged = ?", (self.acknowledged,))

    def rewind(self, number: int) -> None:
        """The centre was restored and knows less: entries after `number` are unacknowledged again."""
        self.acknowledged = min(self.acknowledged, number)

    def rewind_all(self) -> None:
        """All that is kept is unacknowledged again, for later runs too; what was dropped long ago is not waited for."""
        for oldest in self.after(0, 1):
            self.rewind(oldest.number - 1)
            with self._trouble():
                self._database.execute("UPDATE spool SET acknowledged = ?", (self.acknowledged,))

    def prune(self) -> None:
        """Drop acknowledged entries older than the limit."""
        oldest = self._now_ms() - self._limits.keep_ms
        with self._trouble():
            self._database.execute(
                "DELETE FROM entry WHERE number <= ? AND written_ms < ? AND insists = 0", (self.acknowledged, oldest)
            )

    def close(self) -> None:
        """Write what waits and close the file."""
        self._flush()
        with self._trouble():
            _mark(self._database, _ORDERLY)
        self._database.close()

    def _write(self, number: int, body: bytes, *, insists: bool = False) -> None:
        insists = insists or number <= self._doubtful_until
        if insists:
            self._insisting.add(number)
        self._waiting.append((number, self._now_ms(), body, insists))
        self._flush()
        if len(self._waiting) > self._limits.waiting_entries:
            self._waiting.popleft()
            self.given_up += 1

    def _flush(self) -> None:
        with self._trouble():
            while self._waiting:
                self._database.execute("INSERT OR REPLACE INTO entry VALUES (?, ?, ?, ?)", self._waiting[0])
                self._waiting.popleft()

    @contextmanager
    def _trouble(self) -> Iterator[None]:
        """A disk that refuses is a state of the spool, not an error of whoever reports an event."""
        try:
            yield
        except sqlite3.Error:
            self._database.rollback()

    def _open(self) -> sqlite3.Connection:
        try:
            return self._load()
        except sqlite3.OperationalError:
            # Not the file is at fault but what surrounds it; doors are served all the same.
            self.in_memory = True
            return self._load(":memory:")
        except sqlite3.DatabaseError:
            self.moved_aside = self._path.with_name(f"{self._path.name}.untrusted-{self._now_ms()}")
            self._path.rename(self.moved_aside)
            for suffix in ("-wal", "-shm"):
                self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)
            return self._load()

    def _load(self, name: str = "") -> sqlite3.Connection:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        database = sqlite3.connect(name or self._path, isolation_level=None, timeout=1.0)
        try:
            self._begin(database)
        except sqlite3.DatabaseError:
            database.close()
            raise
        return database

    def _begin(self, database: sqlite3.Connection) -> None:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = NORMAL")
        database.executescript(_SCHEMA)
        if database.execute("PRAGMA quick_check").fetchone() != ("ok",):
            raise sqlite3.DatabaseError("quick_check")
        row = database.execute("SELECT epoch, acknowledged FROM spool").fetchone()
        if row is None:
            row = (self._now_ms(), 0)
            database.execute("INSERT INTO spool VALUES (?, ?)", row)
        self.epoch, self.acknowledged = row
        highest = database.execute("SELECT max(number) FROM entry").fetchone()[0] or 0
        self.last_number = max(highest, self.acknowledged)
        self._insisting = {row[0] for row in database.execute("SELECT number FROM entry WHERE insists = 1")}
        if database.execute("PRAGMA user_version").fetchone()[0] == _IN_USE:
            self._doubtful_until = self.last_number + self._limits.doubtful_numbers
        _mark(database, _IN_USE)


def _mark(database: sqlite3.Connection, standing: int) -> None:
    """Say on the disk itself, power cut or not, whether a run uses the file."""
    database.execute("PRAGMA synchronous = FULL")
    database.execute(f"PRAGMA user_version = {standing}")
    database.execute("PRAGMA synchronous = NORMAL")
