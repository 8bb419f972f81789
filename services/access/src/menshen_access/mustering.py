"""Mustering: who passed into an area and is not known to have left it, from the presence registers of the history.

It asks PostgreSQL alone, so that it answers while Redis is away or rebuilt.
"""

from typing import Final, Protocol

from menshen_rulebook.plan import plan_from_mapping

from menshen_access.domain.presence_history import Mustered
from menshen_access.name_refusals import area_unknown
from menshen_access.plan_making import plain_plan
from menshen_access.querying import Querying, Question

DERIVED_AT_ONCE: Final = 500


class PresenceRegisters(Protocol):
    """Presence as the history remembers it."""

    async def derive(self, site: str, limit: int) -> int:
        """Derive what the next recorded events leave behind; how many events were read."""

    async def muster(self, site: str, area: str, after: str, limit: int) -> list[Mustered]:
        """Who is in the area or was last seen there, by subject id after the given one."""


class PlanSource(Protocol):
    """The plan in force."""

    async def current_plan(self, site: str) -> tuple[int, bytes]:
        """(version, canonical JSON); version 0 and no bytes for a site without a plan."""


class Mustering:
    """Muster lists of all sites. A list is a query of the history: it names its purpose and is written down."""

    def __init__(self, registers: PresenceRegisters, plans: PlanSource, querying: Querying) -> None:
        self._registers = registers
        self._plans = plans
        self._querying = querying

    async def listed(self, question: Question, area: str, after: str, size: int) -> tuple[list[Mustered], str]:
        """A page, and the subject id to go on after, empty at the end.

        DomainError INVALID without a purpose, or for an area the plan does not define.
        """
        await self._querying.write_down(question, {"area": area, "after": after})
        if not after:
            await self._check(question.site, area)
            while await self._registers.derive(question.site, DERIVED_AT_ONCE):
                pass
        found = await self._registers.muster(question.site, area, after, size + 1)
        return found[:size], found[size - 1].subject_id if len(found) > size else ""

    async def _check(self, site: str, area: str) -> None:
        version, document = await self._plans.current_plan(site)
        plan = plan_from_mapping(plain_plan(site, version, document))
        if area not in {known.area_id for known in plan.areas}:
            raise area_unknown()
