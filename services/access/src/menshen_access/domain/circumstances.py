"""What holds for a whole site beside its plan: lockdown holds, threat level, fact sources past their bound.

One version covers all three, so that one guard (`HoldsUnchanged`) does too.
"""

import json
from dataclasses import dataclass
from typing import Any

from menshen_rulebook.types import Hold, HoldScope


@dataclass(frozen=True, slots=True)
class Circumstances:
    """`version` grows with every change; 0 is a site that never had any."""

    version: int = 0
    holds: tuple[Hold, ...] = ()
    threat_level: int = 0
    stale_sources: frozenset[str] = frozenset()

    def encode(self) -> bytes:
        """Canonical JSON: {"holds":[[hold_id, origin, scope, target_id]],"stale_sources":[],"threat_level":0}."""
        document: dict[str, Any] = {
            "holds": sorted([hold.hold_id, hold.origin, int(hold.scope), hold.target_id] for hold in self.holds),
            "stale_sources": sorted(self.stale_sources),
            "threat_level": self.threat_level,
        }
        return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def decode_circumstances(version: int, encoded: bytes) -> Circumstances:
    """The value `encode` wrote; ValueError for other bytes."""
    document = json.loads(encoded)
    try:
        return Circumstances(
            version,
            tuple(Hold(row[0], row[1], HoldScope(row[2]), row[3]) for row in document["holds"]),
            document["threat_level"],
            frozenset(document["stale_sources"]),
        )
    except (KeyError, IndexError, TypeError):
        raise ValueError("not encoded circumstances") from None
