"""Rows to frozen values. Every column is one the statements of queries.sql enumerate."""

from collections.abc import Sequence
from typing import Any

from asyncpg import Record

from menshen_vehicles.domain.permits import Permit, PermitState
from menshen_vehicles.domain.suspensions import Suspension
from menshen_vehicles.domain.tags import TagBinding, TagState
from menshen_vehicles.domain.vehicles import Vehicle, VehicleClass
from menshen_vehicles.domain.visits import Visit, VisitState


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
        driver_ids=tuple(row["driver_ids"]),
    )


def permit(values: Sequence[Any] | Record) -> Permit:
    """From (id, vehicle, state, from, to, reference), in that order."""
    permit_id, vehicle_id, state, *rest = values
    return Permit(permit_id, vehicle_id, PermitState(state), *rest)


def binding(values: Sequence[Any] | Record) -> TagBinding:
    """From (id, vehicle, epc, tid, state, bound at, ended at, bound by), in that order."""
    binding_id, vehicle_id, epc, tid, state, *rest = values
    return TagBinding(binding_id, vehicle_id, epc, tid, TagState(state), *rest)


def suspension(values: Sequence[Any] | Record) -> Suspension:
    """From (id, vehicle, from, to, reason, until test, lifted at), in that order."""
    return Suspension(*values)


def visit(values: Sequence[Any] | Record) -> Visit:
    """From (id, vehicle, site, host, from, to, access points, state, once, ticket, reference, code), in that order."""
    visit_id, vehicle_id, site, host_id, from_ms, to_ms, access_points, state, *rest = values
    about = (visit_id, vehicle_id, site, host_id, from_ms, to_ms)
    return Visit(*about, tuple(access_points), VisitState(state), *rest)
