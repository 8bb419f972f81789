"""Lockdown: holds are raised and released in PostgreSQL, then put in force in Redis, then sent to the edge."""

from collections.abc import Callable
from typing import Protocol

from menshen_rulebook.plan import SitePlan, plan_from_mapping
from menshen_servicekit.clock import Clock
from menshen_servicekit.status import DomainError, FieldTrouble, Trouble

from menshen_access.domain.administration import Deed, HoldSet, RaisedHold
from menshen_access.plan_making import plain_plan
from menshen_access.planning import Publish


class HoldStore(Protocol):
    """Holds in PostgreSQL."""

    async def current_plan(self, site: str) -> tuple[int, bytes]:
        """(version, canonical JSON); version 0 and no bytes for a site without a plan."""

    async def current_holds(self, site: str) -> HoldSet:
        """The holds in force."""

    async def raise_hold(self, site: str, hold: RaisedHold, deed: Deed) -> HoldSet:
        """The holds after it."""

    async def release_hold(self, site: str, hold_id: str, deed: Deed) -> RaisedHold | None:
        """The hold as it stood; None when no such hold is in force."""


class Holding:
    """Lockdown holds of all sites."""

    def __init__(self, store: HoldStore, publish: Publish, clock: Clock, new_id: Callable[[], str]) -> None:
        self._store = store
        self._publish = publish
        self._clock = clock
        self._new_id = new_id

    async def raise_hold(self, site: str, area: str, access_point: str, reason: str, caller: str) -> RaisedHold:
        """Bar the entries of a site, an area or an access point. DomainError INVALID names what is wrong."""
        version, plan = await self._store.current_plan(site)
        _check(plan_from_mapping(plain_plan(site, version, plan)), area, access_point, reason)
        now_ms = self._clock.now_ms()
        hold = RaisedHold(self._new_id(), caller, area, access_point, reason, now_ms)
        deed = Deed(site, now_ms, caller, "RAISE_HOLD", hold.hold_id, reason)
        await self._store.raise_hold(site, hold, deed)
        await self._publish(site)
        return hold

    async def release_hold(self, site: str, hold_id: str, reason: str, caller: str) -> RaisedHold:
        """Release a hold by its id; others stay. DomainError NOT_FOUND when it is not in force."""
        _check_reason(reason)
        deed = Deed(site, self._clock.now_ms(), caller, "RELEASE_HOLD", hold_id, reason)
        released = await self._store.release_hold(site, hold_id, deed)
        if released is None:
            raise DomainError(Trouble.NOT_FOUND, "HOLD_UNKNOWN", "无此生效中的封控", "no such hold is in force")
        await self._publish(site)
        return released

    async def holds(self, site: str) -> HoldSet:
        return await self._store.current_holds(site)


def _check(plan: SitePlan, area: str, access_point: str, reason: str) -> None:
    _check_reason(reason)
    if area and area not in {known.area_id for known in plan.areas}:
        raise _invalid("area", "方案中已定义的区域", "an area the plan defines")
    if access_point and access_point not in {known.access_point_id for known in plan.access_points}:
        raise _invalid("access_point", "方案中已定义的通行点", "an access point the plan defines")


def _check_reason(reason: str) -> None:
    if not reason.strip():
        raise _invalid("reason", "理由", "a reason")


def _invalid(path: str, zh: str, en: str) -> DomainError:
    return DomainError(
        Trouble.INVALID, "HOLD_INVALID", "封控无效", "the hold is not valid", [FieldTrouble(path, zh, en)]
    )
