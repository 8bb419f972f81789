"""Presence as operators see and correct it: occupancy, forgiveness, and how far the projection of a site is."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from menshen_rulebook.places import counter
from menshen_rulebook.plan import SitePlan, plan_from_mapping
from menshen_servicekit.clock import Clock
from menshen_servicekit.status import DomainError, FieldTrouble, Trouble

from menshen_access.domain.administration import Deed
from menshen_access.domain.subject_records import FeedPlace
from menshen_access.domain.subject_records import Projection as Projected
from menshen_access.plan_making import plain_plan
from menshen_access.ports import Generations, NotReadyError, Projection, StoreAwayError
from menshen_access.recording import EventStream

DERIVED_AT_ONCE = 500


class PresenceMemory(Protocol):
    """Presence as the history remembers it."""

    async def derive(self, site: str, limit: int) -> int:
        """Derive what the next recorded events leave behind; how many events were read."""

    async def forgive(self, site: str, at_ms: int, event_id: str, areas: Sequence[str], subject_id: str) -> None:
        """Remember that places became unknown."""


class SiteRecords(Protocol):
    """What PostgreSQL says of a site."""

    async def current_plan(self, site: str) -> tuple[int, bytes]:
        """(version, canonical JSON); version 0 and no bytes for a site without a plan."""

    async def write_down(self, deed: Deed) -> None:
        """Audit something."""


class SiteSubjects(Protocol):
    """How far the projection is."""

    async def projection(self, site: str) -> Projected: ...

    async def place(self, site: str, feed: str) -> FeedPlace | None: ...


@dataclass(frozen=True, slots=True)
class Occupancy:
    """People and vehicles in an area, and the places that grants not yet taken keep for them."""

    present: int
    reserved: int
    vehicles: int
    vehicles_reserved: int


@dataclass(frozen=True, slots=True)
class Standing:
    """How far the projection of a site is. `is_ready` once it is decided on; `rebuilt` is 0 to 1; `recorder_lag` counts
    events not yet recorded.
    """

    subjects: int
    plan_version: int
    is_ready: bool
    rebuilt: float
    recorder_lag: int
    feed_positions: Mapping[str, int]


class PresenceDesk:
    """Answers and corrects for all sites."""

    def __init__(
        self,
        memory: PresenceMemory,
        records: SiteRecords,
        subjects: SiteSubjects,
        store: Projection,
        stream: EventStream,
        generations: Generations,
        clock: Clock,
        new_id: Callable[[], str],
    ) -> None:
        self._memory = memory
        self._records = records
        self._subjects = subjects
        self._store = store
        self._stream = stream
        self._generations = generations
        self._clock = clock
        self._new_id = new_id

    async def forgive(self, site: str, areas: Sequence[str], subject_id: str, reason: str, caller: str) -> int:
        """Make presence unknown, in PostgreSQL first; how many registers changed. DomainError INVALID or NOT_READY."""
        plan = await self._plan(site)
        _check(plan, areas, reason)
        generation = self._generation(site)
        while await self._memory.derive(site, DERIVED_AT_ONCE):
            pass
        now_ms, event_id = self._clock.now_ms(), self._new_id()
        places = [*areas, *map(counter, areas)]
        await self._records.write_down(
            Deed(site, now_ms, caller, "FORGIVE_PRESENCE", subject_id or " ".join(areas), reason)
        )
        await self._memory.forgive(site, now_ms, event_id, places, subject_id)
        try:
            return await self._store.forgive(site, generation, now_ms, event_id, frozenset(places), subject_id)
        except NotReadyError:
            raise _not_ready() from None

    async def occupancy(self, site: str) -> Mapping[str, Occupancy]:
        """How many people and vehicles are in every area of the plan, and places kept for them."""
        self._generation(site)
        areas = [area.area_id for area in (await self._plan(site)).areas]
        counts = await self._store.occupancy(site, [*areas, *map(counter, areas)], self._clock.now_ms())
        return {area: Occupancy(*counts[area], *counts[counter(area)]) for area in areas}

    async def standing(self, site: str) -> Standing:
        """How far the projection of a site is; also while Redis is away."""
        projected = await self._subjects.projection(site)
        version, _ = await self._records.current_plan(site)
        positions = {"subjects": projected.position}
        for feed in ("identity", "vehicles"):
            place = await self._subjects.place(site, feed)
            positions[feed] = place.position if place else 0
        lag, share, has_plan = await self._in_redis(site)
        is_ready = has_plan and self._generations.current(site) is not None
        return Standing(projected.subjects, version, is_ready, share, lag, positions)

    async def _in_redis(self, site: str) -> tuple[int, float, bool]:
        """Events not yet recorded, how far a rebuild is, and whether there is a plan to decide by."""
        try:
            has_plan = await self._generations.has_plan(site)
            return await self._stream.length(site), await self._generations.progress(site), has_plan
        except StoreAwayError:
            return 0, 0.0, False

    async def _plan(self, site: str) -> SitePlan:
        version, plan = await self._records.current_plan(site)
        return plan_from_mapping(plain_plan(site, version, plan))

    def _generation(self, site: str) -> int:
        generation = self._generations.current(site)
        if generation is None:
            raise _not_ready()
        return generation


def _check(plan: SitePlan, areas: Sequence[str], reason: str) -> None:
    faults = []
    if not reason.strip():
        faults.append(FieldTrouble("reason", "理由", "a reason"))
    known = {area.area_id for area in plan.areas}
    faults += [
        FieldTrouble(f"areas[{place}]", "方案中已定义的区域", "an area the plan defines")
        for place, area in enumerate(areas)
        if area not in known
    ]
    if faults:
        raise DomainError(Trouble.INVALID, "FORGIVE_INVALID", "请求无效", "the request is not valid", faults)


def _not_ready() -> DomainError:
    return DomainError(Trouble.NOT_READY, "SITE_NOT_READY", "该校区数据正在重建", "the site is being rebuilt")
