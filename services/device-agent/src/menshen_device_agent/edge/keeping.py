"""Applies what the centre sends to the holding: a snapshot beside the one in force, then deltas and the rest."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import structlog
from menshen_rulebook.plan import plan_from_mapping
from menshen_rulebook.types import Hold, Order, ThreatLevel

from menshen_device_agent.edge.file import EdgeFile
from menshen_device_agent.edge.holding import EdgeCursor, EdgeRecord, EdgeRecords

KEEP_CURRENT_MS = 60_000
"""How often the file learns that the holding is current, so that an agent that died knows how stale its copy is."""

_log = structlog.get_logger(__name__)


class SnapshotRefusedError(Exception):
    """A snapshot or digest that does not hold; the stream is to be opened again from nothing."""


class SignatureCheck(Protocol):
    """Checks a snapshot's signature. Two implementations: Ed25519, and one that refuses everything."""

    def holds(self, cursor: EdgeCursor, digest: bytes, signature: bytes) -> bool:
        """Whether the site's snapshot key signed this."""


@dataclass(slots=True)
class _Snapshot:
    records: EdgeRecords


class EdgeKeeper:
    """Owns the holding. `alarm` is told, once per cause, what keeps the holding from being current.

    `changed` is told of another plan, of other holds and orders, and that the holding is current after all; it must
    neither wait nor raise.
    """

    def __init__(
        self,
        file: EdgeFile,
        check: SignatureCheck,
        alarm: Callable[[str], None],
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        self._file = file
        self._check = check
        self._alarm = alarm
        self._changed = changed
        self._told: set[str] = set()
        self._building: _Snapshot | None = None
        self.holding = file.load()
        self._kept_current_ms = self.holding.current_at_ms

    def begin(self) -> None:
        """A snapshot follows; the holding in force stays so until it is complete."""
        self._building = _Snapshot(EdgeRecords())

    def records(self, records: list[EdgeRecord], cursor: EdgeCursor | None) -> None:
        """Records of the snapshot under way, or deltas with the cursor after them."""
        if self._building is not None:
            self._building.records.apply(records)
            return
        self.holding.records.apply(records)
        self.holding.cursor = cursor or self.holding.cursor
        self._file.update(self.holding, records)

    def end(self, cursor: EdgeCursor, digest: bytes, signature: bytes) -> None:
        """The snapshot is complete: it takes force if digest and signature hold."""
        building, self._building = self._building, None
        if building is None:
            raise SnapshotRefusedError("no snapshot under way")
        if building.records.digest != digest:
            self._refuse("SNAPSHOT_DIGEST")
        if not self._check.holds(cursor, digest, signature):
            self._refuse("SNAPSHOT_SIGNATURE")
        self.holding.records = building.records
        self.holding.cursor = cursor
        self._file.replace(self.holding)
        _log.info("edge_snapshot", subjects=len(building.records))

    def plan(self, version: int, document: bytes) -> None:
        """The plan changed. One that this rulebook cannot evaluate is refused, alarmed and leaves the old in force."""
        try:
            plan = plan_from_mapping(json.loads(document))
        except ValueError:
            self._tell(f"PLAN_{version}")
            return
        self.holding.plan = plan
        self._changed()
        self._file.update(self.holding, ())

    def holds(
        self,
        version: int,
        holds: tuple[Hold, ...],
        *,
        threat_levels: tuple[ThreatLevel, ...] = (),
        stale_sources: frozenset[str] = frozenset(),
        orders: tuple[Order, ...] = (),
    ) -> None:
        """What holds for the site beside its plan changed; this is all of it. Doors first: a disk takes its time."""
        self.holding.holds, self.holding.orders, self.holding.holds_version = holds, orders, version
        self.holding.threat_levels, self.holding.stale_sources = threat_levels, stale_sources
        self._changed()
        self._file.update(self.holding, ())

    def digest(self, cursor: EdgeCursor, digest: bytes, now_ms: int) -> None:
        """The centre's digest: the holding is current, or it is not what the centre thinks."""
        if self._building is not None or cursor != self.holding.cursor:
            return
        if digest != self.holding.records.digest:
            self._refuse("DIGEST_DIFFERS")
        self.holding.current_at_ms = now_ms
        self._told.clear()
        if now_ms - self._kept_current_ms >= KEEP_CURRENT_MS:
            self._kept_current_ms = now_ms
            self._changed()
            self._file.update(self.holding, ())

    def close(self) -> None:
        """Write how current the holding is and close the file."""
        self._file.update(self.holding, ())
        self._file.close()

    def _refuse(self, cause: str) -> None:
        self.holding.cursor = None
        self._tell(cause)
        raise SnapshotRefusedError(cause)

    def _tell(self, cause: str) -> None:
        if cause not in self._told:
            self._told.add(cause)
            self._alarm(cause)
