"""Loads the university into the running suite, as an operator would, and waits until every gate can decide on it.

loaded = await Loading(suite, clock).load(population, report)
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass, field

from menshen.access.v1 import administration_pb2 as administration
from menshen.access.v1.administration_pb2_grpc import AdministrationServiceStub
from menshen.identity.v1 import identity_pb2 as identity
from menshen.identity.v1.identity_pb2_grpc import IdentityServiceStub
from menshen.safety.v1 import safety_pb2 as safety
from menshen.safety.v1.safety_pb2_grpc import ReleaseServiceStub
from menshen.vehicles.v1 import vehicles_pb2 as vehicles
from menshen.vehicles.v1.vehicles_pb2_grpc import VehicleServiceStub
from menshen_servicekit.clock import Clock

from menshen_cli.local.language import LocalError
from menshen_cli.local.suite import Suite

from .cast import CAST, CAST_VEHICLES
from .people import PEOPLE, Person, cardholder_chunks, known_at, people_of
from .plans import morning_offset_minutes, plan_document
from .policies import document, policy_mapping
from .traffic import VEHICLES, Vehicle, vehicle_chunks, vehicles_known_at, vehicles_of
from .university import CAMPUSES, SITES, ZONES, Campus, Zone

FIRST_POLICY_VERSION = 1
_CALL_S = 20.0
_IMPORT_S = 120.0
_PROJECTED_S = 120.0
_LOOK_S = 0.2
_MINUTE_MS = 60_000

Report = Callable[[int, int, str], None]
"""Hears (done, total, what) as loading goes on; `what` is PROJECTION."""

PLANS, IMPORTS, PROJECTION = "plans", "imports", "projection"


@dataclass(frozen=True, slots=True)
class Population:
    """Everybody and everything, cast included."""

    people: list[Person]
    vehicles: list[Vehicle]

    def known_at(self, site: str) -> int:
        """How many subjects a site knows."""
        return known_at(self.people, site) + vehicles_known_at(self.vehicles, site)


def population_of(people: int = PEOPLE, vehicles: int = VEHICLES) -> Population:
    """A crowd of that size and the cast; the crowd comes first."""
    crowd = people_of(people)
    return Population([*crowd, *CAST], [*vehicles_of(crowd, vehicles), *CAST_VEHICLES])


@dataclass(slots=True)
class Loaded:
    """What loading took, in seconds by part, and the campus clock's offset from UTC."""

    utc_offset_minutes: int
    seconds: dict[str, float] = field(default_factory=dict)


class Loading:
    """Loads one suite. Raises LocalError with the first fault when a service refuses what it is given."""

    def __init__(self, suite: Suite, clock: Clock) -> None:
        self._clock = clock
        self._administration = AdministrationServiceStub(suite.channel("access"))
        self._identity = IdentityServiceStub(suite.channel("identity"))
        self._vehicles = VehicleServiceStub(suite.channel("vehicles"))
        self._releases = ReleaseServiceStub(suite.channel("safety"))

    async def load(self, population: Population, report: Report) -> Loaded:
        """Everything: plans and policies, zones, people, vehicles; returns when every site holds them all."""
        began = self._clock.monotonic()
        loaded = Loaded(morning_offset_minutes(self._clock.now_ms()))
        await self.put_plans(loaded.utc_offset_minutes)
        loaded.seconds[PLANS] = self._clock.monotonic() - began
        async with asyncio.TaskGroup() as group:
            projected = group.create_task(self._until_projected(population, report))
            await self._import_all(population)
            loaded.seconds[IMPORTS] = self._clock.monotonic() - began
            await projected
        loaded.seconds[PROJECTION] = self._clock.monotonic() - began
        return loaded

    async def put_plans(self, utc_offset_minutes: int) -> None:
        """Plans, the policies in force and the fire zones; agents are accepted from here on."""
        async with asyncio.TaskGroup() as group:
            for campus in CAMPUSES:
                group.create_task(self._put_plan(campus, utc_offset_minutes))
            for zone in ZONES:
                group.create_task(self._put_zone(zone))

    async def activate(self, campus: Campus, policy: dict[str, object], reason: str) -> None:
        """Store one more policy of a campus; its own `from_ms` says when it takes force."""
        await self._administration.ActivatePolicy(
            administration.ActivatePolicyRequest(
                site=campus.site, document=document(policy), from_ms=int(str(policy["from_ms"])), reason=reason
            ),
            timeout=_CALL_S,
        )

    async def held(self, site: str) -> int:
        """Subjects a site decides on; 0 until it is ready."""
        response = await self._administration.GetProjection(
            administration.GetProjectionRequest(site=site), timeout=_CALL_S
        )
        return response.subjects if response.ready else 0

    async def _put_plan(self, campus: Campus, utc_offset_minutes: int) -> None:
        text = plan_document(campus, utc_offset_minutes)
        await self._administration.PutPlan(
            administration.PutPlanRequest(site=campus.site, document=text, reason="demonstration"), timeout=_CALL_S
        )
        from_ms = self._clock.now_ms() - _MINUTE_MS
        policy = policy_mapping(campus, version=FIRST_POLICY_VERSION, from_ms=from_ms)
        await self.activate(campus, policy, "demonstration")

    async def _put_zone(self, zone: Zone) -> None:
        written = safety.Zone(
            zone_id=zone.zone_id, name_zh=zone.name.zh, name_en=zone.name.en, doors=zone.doors, areas=zone.areas
        )
        await self._releases.PutZone(safety.PutZoneRequest(site=zone.site, zone=written), timeout=_CALL_S)

    async def _import_all(self, population: Population) -> None:
        async with asyncio.TaskGroup() as group:
            for site in SITES:
                group.create_task(self._import_people(population, site))
                group.create_task(self._import_vehicles(population, site))

    async def _import_people(self, population: Population, site: str) -> None:
        chunks = cardholder_chunks(population.people, site)

        async def requests() -> AsyncIterator[identity.ImportCardholdersRequest]:
            for chunk in chunks:
                yield identity.ImportCardholdersRequest(site=site, chunk=chunk)

        response = await self._identity.ImportCardholders(requests(), timeout=_IMPORT_S)
        _refuse_faults("cardholders", site, response.faults)

    async def _import_vehicles(self, population: Population, site: str) -> None:
        chunks = vehicle_chunks(population.vehicles, site)

        async def requests() -> AsyncIterator[vehicles.ImportVehiclesRequest]:
            for chunk in chunks:
                yield vehicles.ImportVehiclesRequest(site=site, chunk=chunk)

        response = await self._vehicles.ImportVehicles(requests(), timeout=_IMPORT_S)
        _refuse_faults("vehicles", site, response.faults)

    async def _until_projected(self, population: Population, report: Report) -> None:
        wanted = {site: population.known_at(site) for site in SITES}
        total, done = sum(wanted.values()), -1
        try:
            async with asyncio.timeout(_PROJECTED_S):
                while done < total:
                    held = {site: await self.held(site) for site in SITES}
                    done = sum(min(held[site], wanted[site]) for site in SITES)
                    report(done, total, PROJECTION)
                    await asyncio.sleep(_LOOK_S if done < total else 0)
        except TimeoutError:
            raise LocalError(
                f"the sites hold {done} of {total} subjects after {_PROJECTED_S:g} s",
                f"{_PROJECTED_S:g} 秒后各校区仅有 {total} 个主体中的 {done} 个",
            ) from None


def _refuse_faults(
    what: str, site: str, faults: Iterable[identity.ImportFault] | Iterable[vehicles.ImportFault]
) -> None:
    for fault in faults:
        raise LocalError(
            f"import of {what} at {site}, line {fault.line}, {fault.field}: expected {fault.expected_en}",
            f"{site} 导入 {what} 第 {fault.line} 行 {fault.field}：应为{fault.expected_zh}",
        )
