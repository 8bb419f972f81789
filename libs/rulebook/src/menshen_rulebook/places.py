"""Where vehicles are counted: in a tree of counters beside that of people.

A limit of an area speaks of people, its parking of vehicles. The path of a vehicle's passage therefore names counters
of its own: `vehicles:<area>` for each area, and one for each area and the vehicle's class. They follow from the plan's
areas alone, so that parking may be added or changed while vehicles are inside.
"""

from typing import Final

from menshen_rulebook.subject import Subject
from menshen_rulebook.vocabulary import SubjectKind, VehicleClass

VEHICLES: Final = "vehicles:"
"""How the counters of vehicles begin; no area id does."""


def counter(area_id: str, vehicle_class: VehicleClass = VehicleClass.UNSPECIFIED) -> str:
    """What counts the vehicles in an area: all of them, or those of one class."""
    return f"{VEHICLES}{area_id}" if not vehicle_class else f"{VEHICLES}{area_id}:{vehicle_class.name}"


def path_of(areas: tuple[str, ...], subject: Subject) -> tuple[str, ...]:
    """The path of a subject that comes into these areas, innermost first."""
    if subject.kind is not SubjectKind.VEHICLE:
        return areas
    vehicle_class = subject.vehicle.vehicle_class if subject.vehicle is not None else VehicleClass.UNSPECIFIED
    return vehicle_path(areas, vehicle_class)


def vehicle_path(areas: tuple[str, ...], vehicle_class: VehicleClass = VehicleClass.UNSPECIFIED) -> tuple[str, ...]:
    """The path of a vehicle; of a class nobody knows it counts among all vehicles alone."""
    all_vehicles = tuple([counter(area_id) for area_id in areas])
    return all_vehicles + tuple([counter(area_id, vehicle_class) for area_id in areas if vehicle_class])


def area_of(place: str) -> str:
    """The area the first part of a path speaks of."""
    return place.removeprefix(VEHICLES)
