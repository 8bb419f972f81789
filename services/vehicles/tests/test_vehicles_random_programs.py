"""Random programs of changes: PostgreSQL and a registry in memory answer alike, step by step and in the end."""

import copy
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

import pytest
from menshen_servicekit.clock import ManualClock
from menshen_servicekit.status import DomainError
from menshen_vehicles.announcing import Announcing
from menshen_vehicles.domain.permits import Permit, PermitState
from menshen_vehicles.domain.suspensions import Suspension
from menshen_vehicles.domain.tags import LIVE, TagBinding
from menshen_vehicles.domain.vehicles import Vehicle, VehicleClass
from menshen_vehicles.domain.visits import Visit, VisitState
from menshen_vehicles.permitting import Permitting
from menshen_vehicles.ports import Registry
from menshen_vehicles.postgres.registry import PostgresRegistry
from menshen_vehicles.registering import Registering
from menshen_vehicles.suspending import Suspending
from menshen_vehicles.tagging import Tagging
from menshen_vehicles.troubles import taken

SITES = ("north", "east", "lake")
ACTOR = "a test"


@dataclass
class Kept:
    """Everything a registry in memory holds."""

    vehicles: dict[str, Vehicle] = field(default_factory=dict)
    permits: dict[str, Permit] = field(default_factory=dict)
    bindings: dict[str, TagBinding] = field(default_factory=dict)
    suspensions: dict[str, Suspension] = field(default_factory=dict)
    visits: dict[str, Visit] = field(default_factory=dict)


class MemoryChange:
    """`ports.Change` on a copy of what is kept."""

    def __init__(self, kept: Kept) -> None:
        self.kept = kept
        self.touched: set[str] = set()

    async def lock(self, vehicle_id: str) -> Vehicle | None:
        return self.kept.vehicles.get(vehicle_id)

    async def put_vehicle(self, vehicle: Vehicle) -> None:
        for other in self.kept.vehicles.values():
            if other.vehicle_id != vehicle.vehicle_id and vehicle.plate and other.plate == vehicle.plate:
                raise taken("vehicle.plate", "号牌", "plate")
        stored = self.kept.vehicles.get(vehicle.vehicle_id)
        self.kept.vehicles[vehicle.vehicle_id] = replace(vehicle, version=stored.version if stored else 0)

    def touch(self, vehicle: Vehicle, *, is_urgent: bool = False) -> None:
        self.touched.add(vehicle.vehicle_id)

    async def permit(self, permit_id: str) -> Permit | None:
        return self.kept.permits.get(permit_id)

    async def put_permit(self, permit: Permit) -> None:
        self.kept.permits[permit.permit_id] = permit

    async def suspension(self, suspension_id: str) -> Suspension | None:
        return self.kept.suspensions.get(suspension_id)

    async def put_suspension(self, suspension: Suspension) -> None:
        self.kept.suspensions[suspension.suspension_id] = suspension

    async def visit(self, visit_id: str) -> Visit | None:
        return self.kept.visits.get(visit_id)

    async def put_visit(self, visit: Visit) -> None:
        for other in self.kept.visits.values():
            if other.visit_id != visit.visit_id and visit.external_ref and other.external_ref == visit.external_ref:
                raise taken("visit.external_ref", "外部编号", "external_ref")
        self.kept.visits[visit.visit_id] = visit

    async def open_visits(self, vehicle_id: str, site: str, now_ms: int) -> int:
        booked = (found for found in self.kept.visits.values() if (found.vehicle_id, found.site) == (vehicle_id, site))
        return sum(found.state is VisitState.READY and found.to_ms > now_ms for found in booked)

    async def vehicle_id_of_plate(self, plate: str) -> str | None:
        found = (key for key, vehicle in self.kept.vehicles.items() if plate and vehicle.plate == plate)
        return next(found, None)

    async def binding(self, binding_id: str) -> TagBinding | None:
        return self.kept.bindings.get(binding_id)

    async def live_binding(self, epc: str) -> TagBinding | None:
        live = (found for found in self.kept.bindings.values() if found.epc == epc and found.state in LIVE)
        return next(live, None)

    async def put_binding(self, binding: TagBinding) -> None:
        self.kept.bindings[binding.binding_id] = binding

    async def note(self, action: str, site: str, target_id: str, reason: str = "") -> None:
        """The audit is not compared."""


class MemoryRegistry:
    """`ports.Registry` in dictionaries."""

    def __init__(self) -> None:
        self._kept = Kept()

    @asynccontextmanager
    async def change(self, actor: str) -> AsyncIterator[MemoryChange]:
        change = MemoryChange(copy.deepcopy(self._kept))
        yield change
        for vehicle_id in change.touched:
            vehicle = change.kept.vehicles[vehicle_id]
            change.kept.vehicles[vehicle_id] = replace(vehicle, version=vehicle.version + 1)
        self._kept = change.kept

    async def vehicle(self, site: str, vehicle_id: str) -> Vehicle | None:
        found = self._kept.vehicles.get(vehicle_id)
        return found if found and site in found.sites else None

    async def vehicle_of_plate(self, site: str, plate: str) -> Vehicle | None:
        found = (vehicle for vehicle in self._kept.vehicles.values() if plate and vehicle.plate == plate)
        return next((vehicle for vehicle in found if site in vehicle.sites), None)

    async def vehicle_of_tag(self, site: str, epc: str) -> Vehicle | None:
        bound = [
            binding
            for binding in self._kept.bindings.values()
            if binding.epc == epc and site in self._kept.vehicles[binding.vehicle_id].sites
        ]
        latest = max(bound, key=lambda binding: (binding.state in LIVE, binding.bound_at_ms), default=None)
        return self._kept.vehicles[latest.vehicle_id] if latest else None

    async def permits(self, vehicle_id: str) -> tuple[Permit, ...]:
        return tuple(found for _, found in sorted(self._kept.permits.items()) if found.vehicle_id == vehicle_id)

    async def bindings(self, vehicle_id: str) -> tuple[TagBinding, ...]:
        borne = (found for found in self._kept.bindings.values() if found.vehicle_id == vehicle_id)
        return tuple(sorted(borne, key=lambda binding: (binding.bound_at_ms, binding.binding_id)))

    async def suspensions(self, vehicle_id: str) -> tuple[Suspension, ...]:
        laid = (found for found in self._kept.suspensions.values() if found.vehicle_id == vehicle_id)
        return tuple(sorted(laid, key=lambda found: (found.from_ms, found.suspension_id)))

    async def visits(self, vehicle_id: str) -> tuple[Visit, ...]:
        booked = (replace(found, code="") for found in self._kept.visits.values() if found.vehicle_id == vehicle_id)
        return tuple(sorted(booked, key=lambda found: (found.from_ms, found.visit_id)))

    async def vehicles(self, site: str, after_id: str, limit: int) -> tuple[Vehicle, ...]:
        known = [found for key, found in sorted(self._kept.vehicles.items()) if key > after_id and site in found.sites]
        return tuple(known[:limit])


class Office:
    """The use cases on one registry, driven by numbers: the same seed asks the same of every registry."""

    def __init__(self, registry: Registry, seed: int) -> None:
        numbers = count(1)
        self._seed, self._random, self._clock = seed, random.Random(seed), ManualClock()

        def new_id() -> str:
            return f"{seed:08x}-0000-7000-8000-{next(numbers):012x}"

        self.registry = registry
        self._registering = Registering(registry, frozenset(SITES), new_id)
        self._permitting = Permitting(registry, new_id)
        self._tagging = Tagging(registry, self._clock, new_id)
        self._suspending = Suspending(registry, self._clock, new_id)
        self._announcing = Announcing(registry, self._clock, frozenset(SITES), new_id)
        self.vehicles: list[str] = []
        self._suspensions: list[str] = []
        self._visits: list[str] = []
        self._permits: list[str] = []
        self._bindings: list[str] = []

    async def step(self) -> Any:
        """One random change: what it gave, or the code it was refused with."""
        self._clock.advance_ms(self._random.randrange(1, 100_000))
        permits, tags = [self._grant, self._move], [self._bind, self._bind, self._release, self._lose]
        bans, visits = [self._suspend, self._lift, self._test], [self._announce, self._cancel]
        try:
            return await self._random.choice([self._put, self._change, *permits, *tags, *bans, *visits])()
        except DomainError as refusal:
            return refusal.code

    def _one_of(self, ids: list[str]) -> str:
        return self._random.choice([*ids, "v:00000000-0000-7000-8000-00000000dead"])

    def _site(self) -> str:
        return self._random.choice(SITES)

    def _epc(self) -> str:
        return f"{self._seed:06X}{self._random.randrange(3):02X}"

    def _given(self, vehicle_id: str, version: int) -> Vehicle:
        plate = self._random.choice(["", f"西安{self._seed}{self._random.randrange(3)}"])
        sites = tuple(self._random.sample(SITES, self._random.randrange(3)))
        drivers = tuple(f"c:00000000-0000-7000-8000-00000000000{number}" for number in range(len(sites)))
        return Vehicle(vehicle_id, "", sites, VehicleClass.E_BIKE, plate, "", "student", "", version, drivers)

    async def _put(self) -> Any:
        stored = await self._registering.put(ACTOR, self._site(), self._given("", 0))
        self.vehicles.append(stored.vehicle_id)
        return stored

    async def _change(self) -> Any:
        vehicle_id, site = self._one_of(self.vehicles), self._site()
        stored = await self.registry.vehicle(site, vehicle_id)
        version = (stored.version if stored else 1) + self._random.choice([0, 0, 0, 1])
        return await self._registering.put(ACTOR, site, self._given(vehicle_id, version))

    async def _grant(self) -> Any:
        given = Permit("", self._one_of(self.vehicles), PermitState.UNSPECIFIED, 0, 0, "")
        stored = await self._permitting.grant(ACTOR, self._site(), given)
        self._permits.append(stored.permit_id)
        return stored

    async def _move(self) -> Any:
        state = self._random.choice(list(PermitState))
        return await self._permitting.change_state(ACTOR, self._site(), self._one_of(self._permits), state, "why")

    async def _suspend(self) -> Any:
        start = self._random.choice([0, 5, self._clock.now_ms()])
        given = Suspension("", self._one_of(self.vehicles), start, 0, "speeding", until_test=start == 5)
        stored = await self._suspending.suspend(ACTOR, self._site(), given, "why")
        self._suspensions.append(stored.suspension_id)
        return stored

    async def _lift(self) -> Any:
        return await self._suspending.lift(ACTOR, self._site(), self._one_of(self._suspensions), "why")

    async def _test(self) -> Any:
        return await self._suspending.record_test(ACTOR, self._site(), self._one_of(self._suspensions), "why")

    async def _announce(self) -> Any:
        """The code is a secret of its own in every registry."""
        from_ms = self._clock.now_ms() + self._random.choice([-3_000_000, -50_000, 50_000])
        reference = self._random.choice(["", f"{self._seed}-1", f"{self._seed}-2"])
        given = Visit(
            "", "", self._site(), "", from_ms, from_ms + 1_000_000, ("m-in",), VisitState.UNSPECIFIED,
            single_entry=True, official_ticket=bool(reference), external_ref=reference,
        )  # fmt: skip
        plate = f"西安{self._seed}{self._random.randrange(5)}"
        vehicle, stored = await self._announcing.announce(ACTOR, given, plate, VehicleClass.E_BIKE)
        self.vehicles.append(vehicle.vehicle_id)
        self._visits.append(stored.visit_id)
        return vehicle, replace(stored, code="")

    async def _cancel(self) -> Any:
        visit = await self._announcing.cancel(ACTOR, self._site(), self._one_of(self._visits), "why")
        return replace(visit, code="")

    async def _bind(self) -> Any:
        stored = await self._tagging.bind(ACTOR, self._site(), self._one_of(self.vehicles), self._epc(), "")
        self._bindings.append(stored.binding_id)
        return stored

    async def _release(self) -> Any:
        return await self._tagging.release(ACTOR, self._site(), self._one_of(self._bindings), "why")

    async def _lose(self) -> Any:
        return await self._tagging.report_lost(ACTOR, self._site(), self._epc(), "why")

    async def all_that_is_kept(self) -> list[Any]:
        """As look-ups tell it, for every vehicle, tag and site."""
        found: list[Any] = []
        for vehicle_id in self.vehicles:
            found += [await self.registry.vehicle(site, vehicle_id) for site in SITES]
            found.append(await self.registry.permits(vehicle_id))
            found.append(await self.registry.bindings(vehicle_id))
            found.append(await self.registry.suspensions(vehicle_id))
            found.append(await self.registry.visits(vehicle_id))
        for number in range(3):
            epc, plate = f"{self._seed:06X}{number:02X}", f"西安{self._seed}{number}"
            found += [await self.registry.vehicle_of_tag(site, epc) for site in SITES]
            found += [await self.registry.vehicle_of_plate(site, plate) for site in SITES]
        return found


@pytest.mark.parametrize("seed", range(1, 7))
async def test_both_registries_answer_every_step_of_a_random_program_alike(clients: Any, pool: Any, seed: int) -> None:
    stored = Office(PostgresRegistry(pool, ManualClock()), seed)
    remembered = Office(MemoryRegistry(), seed)
    answers: list[Any] = []
    for _ in range(120):
        answers.append(await stored.step())
        assert answers[-1] == await remembered.step()
    assert await stored.all_that_is_kept() == await remembered.all_that_is_kept()
    assert len({answer for answer in answers if isinstance(answer, str)}) >= 4


@pytest.mark.parametrize("seed", range(1, 4))
async def test_the_feed_holds_what_the_registry_holds_after_a_random_program(
    clients: Any, pool: Any, seed: int
) -> None:
    office = Office(PostgresRegistry(pool, ManualClock()), seed + 100)
    for _ in range(60):
        await office.step()
    snapshots = {site: await clients.snapshot(site) for site in SITES}
    for vehicle_id in office.vehicles:
        for site in SITES:
            vehicle = await office.registry.vehicle(site, vehicle_id)
            told = snapshots[site].get(vehicle_id)
            assert (told.version if told and not told.removed else None) == (vehicle.version if vehicle else None)
