"""Threat levels: set in PostgreSQL, put in force in Redis, then sent to the edge, as a hold is."""

from typing import Protocol

from menshen_rulebook.plan import plan_from_mapping
from menshen_rulebook.vocabulary import HIGHEST_THREAT
from menshen_servicekit.clock import Clock
from menshen_servicekit.status import DomainError, FieldTrouble, Trouble

from menshen_access.domain.administration import Deed, HoldSet
from menshen_access.domain.threat_levels import SetThreatLevel
from menshen_access.plan_making import plain_plan
from menshen_access.planning import Publish


class PlanAndHolds(Protocol):
    """The plan, and what holds beside it, in PostgreSQL."""

    async def current_plan(self, site: str) -> tuple[int, bytes]:
        """(version, canonical JSON); version 0 and no bytes for a site without a plan."""

    async def current_holds(self, site: str) -> HoldSet:
        """What holds for the site beside its plan."""


class ThreatStore(Protocol):
    """Threat levels in PostgreSQL."""

    async def set_level(self, site: str, level: SetThreatLevel, deed: Deed) -> HoldSet:
        """What holds for the site after it."""


class ThreatDesk:
    """Threat levels of all sites."""

    def __init__(self, standing: PlanAndHolds, store: ThreatStore, publish: Publish, clock: Clock) -> None:
        self._standing = standing
        self._store = store
        self._publish = publish
        self._clock = clock

    async def set_level(self, site: str, area: str, level: int, reason: str, caller: str) -> SetThreatLevel:
        """Set the level of an area, or of the whole site. DomainError INVALID names what is wrong."""
        version, plan = await self._standing.current_plan(site)
        known = {one.area_id for one in plan_from_mapping(plain_plan(site, version, plan)).areas}
        _check(known, area, level, reason)
        now_ms = self._clock.now_ms()
        wanted = SetThreatLevel(area, level, caller, reason, now_ms)
        deed = Deed(site, now_ms, caller, "SET_THREAT_LEVEL", area, reason, detail=str(level))
        await self._store.set_level(site, wanted, deed)
        await self._publish(site)
        return wanted

    async def levels(self, site: str) -> tuple[SetThreatLevel, ...]:
        """Those above normal."""
        return (await self._standing.current_holds(site)).threat_levels


def _check(known_areas: set[str], area: str, level: int, reason: str) -> None:
    wrong = []
    if area and area not in known_areas:
        wrong.append(FieldTrouble("area", "方案中已定义的区域", "an area the plan defines"))
    if not 0 <= level <= HIGHEST_THREAT:
        wrong.append(FieldTrouble("level", f"0 至 {HIGHEST_THREAT} 级", f"a level from 0 to {HIGHEST_THREAT}"))
    if not reason.strip():
        wrong.append(FieldTrouble("reason", "理由", "a reason"))
    if wrong:
        raise DomainError(
            Trouble.INVALID, "THREAT_LEVEL_INVALID", "威胁等级设置无效", "the threat level is not valid", wrong
        )
