"""Twenty thousand invented vehicles with permits and tags, and their CSV for ImportVehicles."""

import random
from collections.abc import Iterable, Iterator, Sequence
from enum import Enum
from typing import NamedTuple

from .people import SEED, Person, csv_chunks, invented_id

VEHICLES = 20_000
_KINDS = (("E_BIKE", 62), ("CAR", 33), ("MOTORCYCLE", 3), ("GOODS", 2))
_PLATE_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
_WITHOUT_PERMIT_SHARE = 0.03
_COLUMNS = (
    "external_ref", "vehicle_id", "class", "plate", "owner_id", "owner_category", "sites",
    "permit_from", "permit_to", "epc", "tid",
)  # fmt: skip


class Permit(Enum):
    """Which permit a vehicle has; the values are its begin and end as the import takes them."""

    NONE = ("", "")
    IN_FORCE = ("2026-01-01", "2099-12-31")
    ENDED = ("2025-01-01", "2025-12-31")


class Vehicle(NamedTuple):
    """A vehicle with one tag. E-bikes have no plate; plates are of an office that no province has."""

    vehicle_id: str
    site: str
    sites: tuple[str, ...]
    vehicle_class: str
    plate: str
    owner_id: str
    owner_category: str
    permit: Permit
    epc: str
    tid: str
    external_ref: str


def vehicles_of(people: Sequence[Person], count: int = VEHICLES, seed: int = SEED) -> list[Vehicle]:
    """That many invented vehicles of some of these people; the same for the same arguments."""
    chance = random.Random(seed + 1)  # noqa: S311 -- invented vehicles, not secrets
    adults = [person for person in people if person.category != "student"] or list(people)
    kinds = chance.choices([name for name, _ in _KINDS], [weight for _, weight in _KINDS], k=count)
    return [_vehicle(number, kind, chance.choice(people if kind == "E_BIKE" else adults), chance)
            for number, kind in enumerate(kinds, start=1)]  # fmt: skip


def vehicles_known_at(vehicles: Iterable[Vehicle], site: str) -> int:
    """How many of them a site knows."""
    return sum(site in vehicle.sites for vehicle in vehicles)


def vehicle_chunks(vehicles: Sequence[Vehicle], site: str) -> Iterator[bytes]:
    """The CSV of those at home at a site, in chunks that ImportVehicles takes."""
    return csv_chunks(_COLUMNS, (_row(vehicle) for vehicle in vehicles if vehicle.site == site))


def _vehicle(number: int, kind: str, owner: Person, chance: random.Random) -> Vehicle:
    return Vehicle(
        vehicle_id=invented_id("v", chance),
        site=owner.site,
        sites=owner.sites,
        vehicle_class=kind,
        plate="" if kind == "E_BIKE" else _plate(number),
        owner_id=owner.cardholder_id,
        owner_category=owner.category,
        permit=Permit.NONE if chance.random() < _WITHOUT_PERMIT_SHARE else Permit.IN_FORCE,
        epc=f"E2D0{number:020X}",
        tid=f"E2801160{chance.getrandbits(64):016X}",
        external_ref=f"reg-{number}",
    )


def _plate(number: int) -> str:
    letters = len(_PLATE_LETTERS)
    return f"宁X{_PLATE_LETTERS[number % letters]}{number // letters:04d}"


def _row(vehicle: Vehicle) -> str:
    return (
        f"{vehicle.external_ref},{vehicle.vehicle_id},{vehicle.vehicle_class},{vehicle.plate},{vehicle.owner_id},"
        f"{vehicle.owner_category},{';'.join(vehicle.sites)},{','.join(vehicle.permit.value)},{vehicle.epc},{vehicle.tid}"
    )
