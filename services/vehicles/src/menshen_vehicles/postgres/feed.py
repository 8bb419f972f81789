"""Reads of the vehicle feed: one round trip a page."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from asyncpg import Record
from menshen_servicekit.clock import Clock
from menshen_servicekit.feeds import PAGE_SIZE, Page
from menshen_servicekit.postgres import Pool

from menshen_vehicles.domain.subjects import Lane, VehicleChange
from menshen_vehicles.domain.suspensions import Suspension
from menshen_vehicles.domain.vehicles import VehicleClass
from menshen_vehicles.domain.visits import VISIT_KEPT_MS, Visit, VisitState, facts_at
from menshen_vehicles.postgres import rows
from menshen_vehicles.postgres.change import Q


class PostgresFeed:
    """Pages of vehicles by position, in either lane."""

    def __init__(self, pool: Pool, clock: Clock) -> None:
        self._pool = pool
        self._clock = clock

    def reader(self, site: str, lane: Lane) -> Callable[[int], Awaitable[Page[VehicleChange]]]:
        """What reads the page after a position, for one site and lane."""

        async def read(after: int) -> Page[VehicleChange]:
            now_ms = self._clock.now_ms()
            found = await self._pool.fetch(
                Q.read_feed, site, after, PAGE_SIZE, lane is Lane.REVOCATIONS, now_ms, now_ms - VISIT_KEPT_MS
            )
            changes = [_change(row, site) for row in found if row["at"] is not None]
            return Page(found[0]["epoch"], found[0]["head"], changes, found[-1]["at"] if changes else after)

        return read


def _change(row: Record, site: str) -> VehicleChange:
    """As a site sees it: where it is only expected, by its plate and its visits there, and gone with the last one."""
    visits = () if row["is_removed"] else tuple(map(rows.visit, _list(row["visits"])))
    if not row["is_removed"] and row["is_known"]:
        return _known(row, site, visits)
    here = tuple(visit for visit in visits if visit.site == site)
    if not any(visit.state is VisitState.READY for visit in here):
        return VehicleChange(row["subject_id"], row["version"], is_removed=True)
    return _expected(row, site, here)


def _expected(row: Record, site: str, visits: tuple[Visit, ...]) -> VehicleChange:
    return VehicleChange(
        subject_id=row["subject_id"],
        version=row["version"],
        is_removed=False,
        vehicle_class=VehicleClass(row["vehicle_class"]),
        home_site=row["home_site"],
        plate=row["plate"],
        owner_category=row["owner_category"],
        suspensions=_suspensions(row),
        visits=visits,
        facts=facts_at(site, visits),
    )


def _known(row: Record, site: str, visits: tuple[Visit, ...]) -> VehicleChange:
    return replace(
        _expected(row, site, visits),
        owner_id=row["owner_id"],
        permits=tuple(map(rows.permit, _list(row["permits"]))),
        tags=tuple(map(rows.binding, _list(row["tags"]))),
        driver_ids=tuple(row["driver_ids"]),
    )


def _suspensions(row: Record) -> tuple[Suspension, ...]:
    return tuple(map(rows.suspension, _list(row["suspensions"])))


def _list(text: str | None) -> list[Any]:
    found: list[Any] = json.loads(text) if text else []
    return found
