"""What the gate holds: packed subject records by lookup key, plan and holds, and how current they are.

The digest is the sum modulo 2^256 of SHA-256 over each record with its subject and version: one change costs one hash,
and the centre's digest can be compared at any time.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from menshen_rulebook.plan import SitePlan
from menshen_rulebook.records import unpack
from menshen_rulebook.types import Hold, Order, Subject, ThreatLevel

_MODULUS = 1 << 256


@dataclass(frozen=True, slots=True)
class EdgeRecord:
    """One subject as the centre sent it; an empty record removes it. `keys` are `<type>:<value>`."""

    subject_id: str
    version: int
    record: bytes
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EdgeCursor:
    """Where the edge stands in the site's delta log."""

    epoch: int
    position: int


def record_digest(record: EdgeRecord) -> int:
    """The share of one record in the digest of all."""
    head = f"{record.subject_id}\x00{record.version}\x00".encode()
    return int.from_bytes(hashlib.sha256(head + record.record).digest())


class EdgeRecords:
    """Subjects, packed until looked up."""

    def __init__(self) -> None:
        self._records: dict[str, EdgeRecord] = {}
        self._keys: dict[str, str] = {}
        self._digest = 0

    def __len__(self) -> int:
        return len(self._records)

    @property
    def digest(self) -> bytes:
        """Digest over all records."""
        return self._digest.to_bytes(32)

    def apply(self, records: Iterable[EdgeRecord]) -> None:
        """Take records; only higher versions change anything."""
        for record in records:
            known = self._records.get(record.subject_id)
            if known is None or record.version > known.version:
                self._forget(known)
                self._learn(record)

    def subjects(self, keys: Iterable[str]) -> tuple[Subject, ...]:
        """The subjects behind these keys, each once, in key order."""
        ids = dict.fromkeys(self._keys[key] for key in keys if key in self._keys)
        return tuple(unpack(self._records[subject_id].record) for subject_id in ids)

    def __iter__(self) -> Iterator[EdgeRecord]:
        return iter(self._records.values())

    def _learn(self, record: EdgeRecord) -> None:
        if not record.record:
            return
        self._records[record.subject_id] = record
        self._digest = (self._digest + record_digest(record)) % _MODULUS
        for key in record.keys:
            self._keys[key] = record.subject_id

    def _forget(self, known: EdgeRecord | None) -> None:
        if known is None:
            return
        del self._records[known.subject_id]
        self._digest = (self._digest - record_digest(known)) % _MODULUS
        for key in known.keys:
            if self._keys.get(key) == known.subject_id:
                del self._keys[key]


@dataclass(slots=True)
class EdgeHolding:
    """Everything an agent decides on alone. `holds_version` is that of holds, orders, threat levels and stale sources.

    `current_at_ms` is when the centre last called it current; 0: never.
    """

    records: EdgeRecords
    plan: SitePlan | None = None
    holds: tuple[Hold, ...] = ()
    holds_version: int = 0
    threat_levels: tuple[ThreatLevel, ...] = ()
    stale_sources: frozenset[str] = frozenset()
    cursor: EdgeCursor | None = None
    current_at_ms: int = 0
    orders: tuple[Order, ...] = ()

    def is_way_out(self, access_point: str, now_ms: int) -> bool | None:
        """Whether the access point lets people out; None when no plan says so."""
        point = self.plan.point(access_point, now_ms) if self.plan is not None else None
        return None if point is None else point.leads_out and point.is_pedestrian
