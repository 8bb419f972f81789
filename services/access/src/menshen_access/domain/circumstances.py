"""What holds for a site beside its plan: lockdown holds, orders, threat levels, fact sources past their bound.

One version covers them all, so that one guard (`HoldsUnchanged`) does too.
"""

import json
from dataclasses import dataclass
from typing import Any

from menshen_rulebook.types import Hold, HoldScope, Order, OrderKind, ThreatLevel

from menshen_access.domain.administration import HoldSet, RaisedHold
from menshen_access.domain.commands import GivenOrder


@dataclass(frozen=True, slots=True)
class Circumstances:
    """`version` grows with every change; 0 is a site that never had any."""

    version: int = 0
    holds: tuple[Hold, ...] = ()
    threat_levels: tuple[ThreatLevel, ...] = ()
    stale_sources: frozenset[str] = frozenset()
    orders: tuple[Order, ...] = ()

    def encode(self) -> bytes:
        """Canonical JSON: holds [[hold_id, origin, scope, target_id]], threat_levels [[area_id, level]], stale_sources
        [source], orders [[order_id, origin, access_point_id, kind, until_ms]].
        """
        document: dict[str, Any] = {
            "holds": sorted([hold.hold_id, hold.origin, int(hold.scope), hold.target_id] for hold in self.holds),
            "orders": sorted([o.order_id, o.origin, o.access_point_id, int(o.kind), o.until_ms] for o in self.orders),
            "stale_sources": sorted(self.stale_sources),
            "threat_levels": sorted([one.area_id, one.level] for one in self.threat_levels),
            # An older process beside this one reads the site's level alone, and does not read on without it.
            "threat_level": max((one.level for one in self.threat_levels if not one.area_id), default=0),
        }
        return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def decode_circumstances(version: int, encoded: bytes) -> Circumstances:
    """The value `encode` wrote; ValueError for other bytes."""
    document = json.loads(encoded)
    try:
        return Circumstances(
            version,
            tuple(Hold(row[0], row[1], HoldScope(row[2]), row[3]) for row in document["holds"]),
            tuple(ThreatLevel(level, area_id) for area_id, level in document.get("threat_levels", ())),
            frozenset(document["stale_sources"]),
            tuple(_order(row) for row in document.get("orders", ())),
        )
    except (AttributeError, KeyError, IndexError, TypeError):
        raise ValueError("not encoded circumstances") from None


def _order(row: Any) -> Order:
    return Order(row[0], row[1], row[2], OrderKind(row[3]), row[4])


def circumstances_of(site: str, held: HoldSet) -> Circumstances:
    """What holds beside the plan as decisions read it."""
    return Circumstances(
        held.version,
        tuple(hold_of(site, hold) for hold in held.holds),
        tuple(ThreatLevel(one.level, one.area) for one in held.threat_levels),
        held.stale_sources,
        tuple(map(order_of, held.orders)),
    )


def order_of(given: GivenOrder) -> Order:
    """An order as the rulebook reads it."""
    return Order(given.order_id, given.origin, given.access_point, given.kind, given.until_ms)


def hold_of(site: str, hold: RaisedHold) -> Hold:
    """A hold with its scope: the access point if it names one, else the area, else the site."""
    if hold.access_point:
        return Hold(hold.hold_id, hold.origin, HoldScope.ACCESS_POINT, hold.access_point)
    if hold.area:
        return Hold(hold.hold_id, hold.origin, HoldScope.AREA, hold.area)
    return Hold(hold.hold_id, hold.origin, HoldScope.SITE, site)
