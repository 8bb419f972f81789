"""Vehicles."""

from dataclasses import dataclass, replace
from enum import IntEnum
from functools import lru_cache
from typing import Final

from menshen_vehicles.domain.plates import normal_plate
from menshen_vehicles.domain.words import (
    Fault,
    code_fault,
    is_cardholder_id,
    is_vehicle_id,
    line_fault,
    present,
    site_fault,
)

MAX_SITES = 64
MAX_REFERENCE = 200
MAX_DRIVERS = 16


class VehicleClass(IntEnum):
    """Numbers equal the contract's."""

    UNSPECIFIED = 0
    BICYCLE = 1
    E_BIKE = 2
    MOTORCYCLE = 3
    CAR = 4
    GOODS = 5


MOTOR: Final = frozenset({VehicleClass.MOTORCYCLE, VehicleClass.CAR, VehicleClass.GOODS})
"""Classes whose plates follow the national form."""


@dataclass(frozen=True, slots=True)
class Vehicle:
    """`plate` is normalised, or empty. `sites` always holds the home `site`, sorted and distinct.

    `driver_ids` are cardholders who may drive it beside its owner, sorted and distinct.
    """

    vehicle_id: str
    site: str
    sites: tuple[str, ...]
    vehicle_class: VehicleClass
    plate: str
    owner_id: str
    owner_category: str
    external_ref: str
    version: int = 0
    driver_ids: tuple[str, ...] = ()

    def seen_from(self, site: str) -> "Vehicle":
        """The vehicle without its owner and drivers where the site does not know it."""
        return self if site in self.sites else replace(self, owner_id="", driver_ids=())


def vehicle_faults(vehicle: Vehicle, known_sites: frozenset[str]) -> tuple[Fault, ...]:
    """Every field that is wrong. The id may be empty: the service then makes one."""
    is_id = not vehicle.vehicle_id or is_vehicle_id(vehicle.vehicle_id)
    is_owner = not vehicle.owner_id or is_cardholder_id(vehicle.owner_id)
    return present(
        (
            None if is_id else Fault("vehicle_id", "v: 加小写 UUID,或留空", "`v:` and a lower-case UUID, or empty"),
            *(site_fault("sites", site, known_sites) for site in vehicle.sites[:MAX_SITES]),
            None if len(vehicle.sites) <= MAX_SITES else Fault("sites", f"最多 {MAX_SITES} 个", f"at most {MAX_SITES}"),
            class_fault("vehicle_class", vehicle.vehicle_class),
            plate_fault("plate", vehicle.plate, vehicle.vehicle_class),
            None
            if is_owner
            else Fault("owner_id", "持卡人编号 c: 加 UUID,或留空", "a cardholder id, `c:` and a UUID, or empty"),
            _drivers_fault(vehicle.driver_ids),
            code_fault("owner_category", vehicle.owner_category) if vehicle.owner_category else None,
            line_fault("external_ref", vehicle.external_ref, MAX_REFERENCE),
        )
    )


def _drivers_fault(driver_ids: tuple[str, ...]) -> Fault | None:
    if len(driver_ids) <= MAX_DRIVERS and all(map(is_cardholder_id, driver_ids)):
        return None
    return Fault(
        "driver_ids",
        f"至多 {MAX_DRIVERS} 个持卡人编号 c: 加 UUID",
        f"at most {MAX_DRIVERS} cardholder ids, `c:` and a UUID",
    )


def class_fault(field: str, vehicle_class: VehicleClass) -> Fault | None:
    if vehicle_class is not VehicleClass.UNSPECIFIED:
        return None
    names = ", ".join(member.name for member in VehicleClass if member)
    return Fault(field, f"以下之一:{names}", f"one of {names}")


def plate_fault(field: str, plate: str, vehicle_class: VehicleClass) -> Fault | None:
    if not plate or normal_plate(plate, is_motor=vehicle_class in MOTOR) is not None:
        return None
    return Fault(field, "该类车辆可能的号牌,或留空", "a plate that this class of vehicle can have, or empty")


@lru_cache(maxsize=4096)
def with_home(site: str, sites: tuple[str, ...]) -> tuple[str, ...]:
    """The sites that know a vehicle of home `site`: sorted, distinct, the home among them."""
    return tuple(sorted({site, *sites}))
