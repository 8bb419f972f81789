"""A vehicle as decisions see it."""

from dataclasses import dataclass
from enum import IntEnum

from menshen_vehicles.domain.permits import Permit
from menshen_vehicles.domain.suspensions import Suspension
from menshen_vehicles.domain.tags import TagBinding
from menshen_vehicles.domain.vehicles import VehicleClass
from menshen_vehicles.domain.visits import Fact, Visit


class Lane(IntEnum):
    """Which changes a feed carries; numbers equal the contract's."""

    UNSPECIFIED = 0
    ALL = 1
    REVOCATIONS = 2


@dataclass(frozen=True, slots=True)
class VehicleChange:
    """The state of a vehicle at the moment it was read; nothing but id and version when `is_removed`."""

    subject_id: str
    version: int
    is_removed: bool
    vehicle_class: VehicleClass = VehicleClass.UNSPECIFIED
    home_site: str = ""
    plate: str = ""
    owner_id: str = ""
    owner_category: str = ""
    permits: tuple[Permit, ...] = ()
    tags: tuple[TagBinding, ...] = ()
    driver_ids: tuple[str, ...] = ()
    suspensions: tuple[Suspension, ...] = ()
    visits: tuple[Visit, ...] = ()
    facts: tuple[Fact, ...] = ()
