"""Messages to domain values and back. A value that has no place in the domain is INVALID here, by name."""

from enum import IntEnum
from typing import Any, TypeVar

from menshen.vehicles.v1 import vehicles_pb2 as pb
from menshen_servicekit.feeds import Batch, Cursor
from menshen_servicekit.imports import ImportReport

from menshen_vehicles.domain.permits import Permit, PermitState
from menshen_vehicles.domain.subjects import VehicleChange
from menshen_vehicles.domain.suspensions import Suspension
from menshen_vehicles.domain.tags import TagBinding
from menshen_vehicles.domain.vehicles import Vehicle, VehicleClass
from menshen_vehicles.domain.visits import Fact, Visit, VisitState
from menshen_vehicles.domain.words import Fault, is_line, site_fault
from menshen_vehicles.troubles import refuse

E = TypeVar("E", bound=IntEnum)

MAX_KEY = 200


def key(field: str, value: str, *, is_required: bool = True) -> str:
    """An id or code to look up: one short line of text."""
    if not is_line(value, MAX_KEY) or (is_required and not value):
        refuse((Fault(field, "非空的编号", "an id, not empty") if is_required else Fault(field, "编号", "an id"),))
    return value


def site(value: str) -> str:
    fault = site_fault("site", value, frozenset())
    refuse((fault,) if fault else ())
    return value


def member(enum: type[E], value: int, field: str) -> E:
    """The member of a number; INVALID for one that this version does not know."""
    try:
        return enum(value)
    except ValueError:
        names = ", ".join(known.name for known in enum if known)
        refuse((Fault(field, f"以下之一:{names}", f"one of {names}"),))
        raise


def vehicle_from(message: pb.Vehicle, home_site: str) -> Vehicle:
    return Vehicle(
        vehicle_id=message.vehicle_id,
        site=home_site,
        sites=tuple(message.sites),
        vehicle_class=member(VehicleClass, message.vehicle_class, "vehicle.vehicle_class"),
        plate=message.plate,
        owner_id=message.owner_id,
        owner_category=message.owner_category,
        external_ref=message.external_ref,
        version=message.version,
        driver_ids=tuple(message.driver_ids),
    )


def vehicle_to(value: Vehicle) -> pb.Vehicle:
    return pb.Vehicle(
        vehicle_id=value.vehicle_id,
        site=value.site,
        sites=value.sites,
        vehicle_class=_wire(value.vehicle_class),
        plate=value.plate,
        owner_id=value.owner_id,
        owner_category=value.owner_category,
        external_ref=value.external_ref,
        version=value.version,
        driver_ids=value.driver_ids,
    )


def permit_from(message: pb.Permit) -> Permit:
    return Permit(
        permit_id="",
        vehicle_id=key("permit.vehicle_id", message.vehicle_id),
        state=PermitState.UNSPECIFIED,
        valid_from_ms=message.valid_from_ms,
        valid_to_ms=message.valid_to_ms,
        external_ref=message.external_ref,
    )


def permit_to(value: Permit) -> pb.Permit:
    return pb.Permit(
        permit_id=value.permit_id,
        vehicle_id=value.vehicle_id,
        state=_wire(value.state),
        valid_from_ms=value.valid_from_ms,
        valid_to_ms=value.valid_to_ms,
        external_ref=value.external_ref,
    )


def suspension_from(message: pb.Suspension) -> Suspension:
    return Suspension(
        suspension_id="",
        vehicle_id=key("suspension.vehicle_id", message.vehicle_id),
        from_ms=message.from_ms,
        to_ms=message.to_ms,
        reason_code=message.reason_code,
        until_test=message.until_test,
    )


def suspension_to(value: Suspension) -> pb.Suspension:
    return pb.Suspension(
        suspension_id=value.suspension_id,
        vehicle_id=value.vehicle_id,
        from_ms=value.from_ms,
        to_ms=value.to_ms,
        reason_code=value.reason_code,
        until_test=value.until_test,
        lifted_at_ms=value.lifted_at_ms,
    )


def visit_from(message: pb.VehicleVisit, visited_site: str) -> Visit:
    return Visit(
        visit_id="",
        vehicle_id="",
        site=visited_site,
        host_id=message.host_id,
        from_ms=message.from_ms,
        to_ms=message.to_ms,
        access_points=tuple(message.access_points),
        state=VisitState.UNSPECIFIED,
        single_entry=message.single_entry,
        official_ticket=message.official_ticket,
        external_ref=message.external_ref,
    )


def visit_to(value: Visit) -> pb.VehicleVisit:
    return pb.VehicleVisit(
        visit_id=value.visit_id,
        vehicle_id=value.vehicle_id,
        site=value.site,
        host_id=value.host_id,
        from_ms=value.from_ms,
        to_ms=value.to_ms,
        access_points=value.access_points,
        state=_wire(value.state),
        single_entry=value.single_entry,
        official_ticket=value.official_ticket,
        external_ref=value.external_ref,
        code=value.code,
    )


def _fact_to(value: Fact) -> pb.VehicleFact:
    return pb.VehicleFact(
        type=value.type,
        value=value.value,
        source=value.source,
        valid_from_ms=value.valid_from_ms,
        valid_to_ms=value.valid_to_ms,
    )


def binding_to(value: TagBinding) -> pb.TagBinding:
    return pb.TagBinding(
        binding_id=value.binding_id,
        vehicle_id=value.vehicle_id,
        epc=value.epc,
        tid=value.tid,
        state=_wire(value.state),
        bound_at_ms=value.bound_at_ms,
        ended_at_ms=value.ended_at_ms,
        bound_by=value.bound_by,
    )


def cursor_from(request: pb.WatchVehiclesRequest) -> Cursor | None:
    return Cursor(request.cursor.epoch, request.cursor.position) if request.HasField("cursor") else None


def batch_to(batch: Batch[VehicleChange]) -> pb.WatchVehiclesResponse:
    return pb.WatchVehiclesResponse(
        changes=map(_change_to, batch.changes),
        cursor=pb.FeedCursor(epoch=batch.cursor.epoch, position=batch.cursor.position),
        caught_up=batch.caught_up,
    )


def report_to(report: ImportReport) -> pb.ImportVehiclesResponse:
    return pb.ImportVehiclesResponse(
        rows=report.rows,
        created=report.created,
        changed=report.changed,
        faults=[
            pb.ImportFault(
                line=fault.line, field=fault.field, expected_zh=fault.expected_zh, expected_en=fault.expected_en
            )
            for fault in report.faults
        ],
    )


def _change_to(change: VehicleChange) -> pb.VehicleChange:
    return pb.VehicleChange(
        subject_id=change.subject_id,
        version=change.version,
        removed=change.is_removed,
        vehicle_class=_wire(change.vehicle_class),
        home_site=change.home_site,
        plate=change.plate,
        owner_id=change.owner_id,
        owner_category=change.owner_category,
        permits=map(permit_to, change.permits),
        tags=map(binding_to, change.tags),
        driver_ids=change.driver_ids,
        suspensions=map(suspension_to, change.suspensions),
        visits=map(visit_to, change.visits),
        facts=map(_fact_to, change.facts),
    )


def _wire(value: IntEnum) -> Any:
    """An enum as messages take it: the generated stubs type their own members, the wire has numbers."""
    return value
