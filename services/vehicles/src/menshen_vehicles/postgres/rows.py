"""Rows to frozen values. Every column is one the statements of queries.sql enumerate."""

from collections.abc import Sequence
from typing import Any

from asyncpg import Record

from menshen_vehicles.domain.permits import Permit, PermitState
from menshen_vehicles.domain.tags import TagBinding, TagState
from menshen_vehicles.domain.vehicles import Vehicle, VehicleClass


def vehicle(row: Record) -> Vehicle:
    return Vehicle(
        vehicle_id=row["vehicle_id"],
        site=row["site"],
        sites=tuple(row["sites"]),
        vehicle_class=VehicleClass(row["vehicle_class"]),
        plate=row["plate"],
        owner_id=row["owner_id"],
        owner_category=row["owner_category"],
        external_ref=row["external_ref"],
        version=row["version"],
    )


def permit(values: Sequence[Any] | Record) -> Permit:
    """From (id, vehicle, state, from, to, reference), in that order."""
    permit_id, vehicle_id, state, *rest = values
    return Permit(permit_id, vehicle_id, PermitState(state), *rest)


def binding(values: Sequence[Any] | Record) -> TagBinding:
    """From (id, vehicle, epc, tid, state, bound at, ended at, bound by), in that order."""
    binding_id, vehicle_id, epc, tid, state, *rest = values
    return TagBinding(binding_id, vehicle_id, epc, tid, TagState(state), *rest)
