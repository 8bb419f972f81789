"""What holds for a whole site beside its plan: lockdown holds, orders, threat level, fact sources past their bound.

One version covers them all, so that one guard (`HoldsUnchanged`) does too.
"""

import json
from dataclasses import dataclass
from typing import Any

from menshen_rulebook.types import Hold, HoldScope, Order, OrderKind


@dataclass(frozen=True, slots=True)
class Circumstances:
    """`version` grows with every change; 0 is a site that never had any."""

    version: int = 0
    holds: tuple[Hold, ...] = ()
    threat_level: int = 0
    stale_sources: frozenset[str] = frozenset()
    orders: tuple[Order, ...] = ()

    def encode(self) -> bytes:
        """Canonical JSON: {"holds":[[hold_id, origin, scope, target_id]],"stale_sources":[],"threat_level":0} and
        "orders":[[order_id, origin, access_point_id, kind, until_ms]].
        """
        document: dict[str, Any] = {
            "holds": sorted([hold.hold_id, hold.origin, int(hold.scope), hold.target_id] for hold in self.holds),
            "orders": sorted([o.order_id, o.origin, o.access_point_id, int(o.kind), o.until_ms] for o in self.orders),
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
            tuple(_order(row) for row in document.get("orders", ())),
        )
    except (KeyError, IndexError, TypeError):
        raise ValueError("not encoded circumstances") from None


def _order(row: Any) -> Order:
    return Order(row[0], row[1], row[2], OrderKind(row[3]), row[4])
