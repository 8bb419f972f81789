"""Messages to domain values and back. A value that has no place in the domain is INVALID here, by name."""

from enum import IntEnum
from typing import Any, TypeVar

from menshen.identity.v1 import identity_pb2 as pb
from menshen_servicekit.feeds import Batch, Cursor
from menshen_servicekit.imports import ImportReport

from menshen_identity.domain.codes import CodeOrder
from menshen_identity.domain.credentials import Credential, CredentialState, Identifier, IdentifierType
from menshen_identity.domain.facts import Fact
from menshen_identity.domain.lists import AccessPointClass, ListEntry, ListKind
from menshen_identity.domain.people import Cardholder, Organisation
from menshen_identity.domain.sources import FactSource
from menshen_identity.domain.subjects import SubjectChange
from menshen_identity.domain.succession import Retirement
from menshen_identity.domain.visits import Visit, VisitState
from menshen_identity.domain.words import Fault, is_line, site_fault
from menshen_identity.troubles import refuse

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


def cardholder_from(message: pb.Cardholder, home_site: str) -> Cardholder:
    return Cardholder(
        cardholder_id=message.cardholder_id,
        site=home_site,
        sites=tuple(message.sites),
        category=message.category,
        groups=tuple(message.groups),
        name=message.name,
        organisation_id=message.organisation_id and key("cardholder.organisation_id", message.organisation_id),
        photo_ref=message.photo_ref,
        external_ref=message.external_ref,
        version=message.version,
    )


def cardholder_to(value: Cardholder) -> pb.Cardholder:
    return pb.Cardholder(
        cardholder_id=value.cardholder_id,
        site=value.site,
        sites=value.sites,
        category=value.category,
        groups=value.groups,
        name=value.name,
        organisation_id=value.organisation_id,
        photo_ref=value.photo_ref,
        external_ref=value.external_ref,
        version=value.version,
    )


def organisation_from(message: pb.Organisation) -> Organisation:
    return Organisation(
        key("organisation.organisation_id", message.organisation_id, is_required=False),
        key("organisation.parent_id", message.parent_id, is_required=False),
        message.name_zh,
        message.name_en,
        message.external_ref,
    )


def organisation_to(value: Organisation) -> pb.Organisation:
    return pb.Organisation(
        organisation_id=value.organisation_id,
        parent_id=value.parent_id,
        name_zh=value.name_zh,
        name_en=value.name_en,
        external_ref=value.external_ref,
    )


def identifier_from(message: pb.Identifier, field: str) -> Identifier:
    return Identifier(member(IdentifierType, message.type, f"{field}.type"), message.value)


def credential_from(message: pb.Credential) -> Credential:
    return Credential(
        credential_id="",
        cardholder_id=key("credential.cardholder_id", message.cardholder_id),
        identifiers=tuple(identifier_from(identifier, "credential.identifiers") for identifier in message.identifiers),
        state=member(CredentialState, message.state, "credential.state"),
        valid_from_ms=message.valid_from_ms,
        valid_to_ms=message.valid_to_ms,
        external_ref=message.external_ref,
        replaces=key("credential.replaces", message.replaces, is_required=False),
        stands_in_for=key("credential.stands_in_for", message.stands_in_for, is_required=False),
        single_use=message.single_use,
        pin_required=message.pin_required,
    )


def code_order_from(request: pb.IssueCodeRequest) -> CodeOrder:
    return CodeOrder(
        key("cardholder_id", request.cardholder_id),
        request.valid_from_ms,
        request.valid_to_ms,
        request.reusable,
        request.pin_required,
    )


def retirement_to(retirement: Retirement) -> pb.RetireCredentialResponse:
    return pb.RetireCredentialResponse(retirement=_wire(retirement))


def credential_to(value: Credential) -> pb.Credential:
    return pb.Credential(
        credential_id=value.credential_id,
        cardholder_id=value.cardholder_id,
        identifiers=[pb.Identifier(type=_wire(kind), value=text) for kind, text in value.identifiers],
        state=_wire(value.state),
        valid_from_ms=value.valid_from_ms,
        valid_to_ms=value.valid_to_ms,
        external_ref=value.external_ref,
        changed_at_ms=value.changed_at_ms,
        replaces=value.replaces,
        stands_in_for=value.stands_in_for,
        single_use=value.single_use,
        pin_required=value.pin_required,
    )


def fact_from(message: pb.Fact) -> Fact:
    return Fact(
        message.type,
        message.value,
        message.source,
        message.valid_from_ms,
        message.valid_to_ms,
        message.reported_at_ms,
    )


def fact_to(value: Fact) -> pb.Fact:
    return pb.Fact(
        type=value.type,
        value=value.value,
        source=value.source,
        valid_from_ms=value.valid_from_ms,
        valid_to_ms=value.valid_to_ms,
        reported_at_ms=value.reported_at_ms,
    )


def source_to(value: FactSource) -> pb.FactSource:
    return pb.FactSource(source=value.source, complete_to_ms=value.complete_to_ms)


def entry_from(message: pb.ListEntry, cardholder_id: str) -> ListEntry:
    return ListEntry(
        entry_id="",
        cardholder_id=cardholder_id,
        kind=member(ListKind, message.kind, "entry.kind"),
        access_point=message.access_point,
        scope_site=message.scope_site,
        from_ms=message.from_ms,
        to_ms=message.to_ms,
        reason_code=message.reason_code,
        source=message.source,
        access_point_class=member(AccessPointClass, message.access_point_class, "entry.access_point_class"),
    )


def entry_to(value: ListEntry) -> pb.ListEntry:
    return pb.ListEntry(
        entry_id=value.entry_id,
        kind=_wire(value.kind),
        access_point=value.access_point,
        scope_site=value.scope_site,
        from_ms=value.from_ms,
        to_ms=value.to_ms,
        reason_code=value.reason_code,
        source=value.source,
        access_point_class=_wire(value.access_point_class),
    )


def visit_from(request: pb.CreateVisitRequest) -> Visit:
    """The host may be named in the request or in the visit."""
    message = request.visit
    return Visit(
        visit_id="",
        site=request.site,
        cardholder_id="",
        host_id=request.host_id or message.host_id,
        from_ms=message.from_ms,
        to_ms=message.to_ms,
        access_points=tuple(message.access_points),
        state=VisitState.UNSPECIFIED,
        single_entry=message.single_entry,
        external_ref=message.external_ref,
    )


def visit_to(value: Visit) -> pb.Visit:
    return pb.Visit(
        visit_id=value.visit_id,
        site=value.site,
        cardholder_id=value.cardholder_id,
        host_id=value.host_id,
        from_ms=value.from_ms,
        to_ms=value.to_ms,
        access_points=value.access_points,
        state=_wire(value.state),
        single_entry=value.single_entry,
        external_ref=value.external_ref,
        host_groups=value.host_groups,
    )


def cursor_from(request: pb.WatchSubjectsRequest) -> Cursor | None:
    return Cursor(request.cursor.epoch, request.cursor.position) if request.HasField("cursor") else None


def batch_to(batch: Batch[SubjectChange]) -> pb.WatchSubjectsResponse:
    return pb.WatchSubjectsResponse(
        changes=map(_change_to, batch.changes),
        cursor=pb.FeedCursor(epoch=batch.cursor.epoch, position=batch.cursor.position),
        caught_up=batch.caught_up,
    )


def report_to(report: ImportReport) -> pb.ImportCardholdersResponse:
    return pb.ImportCardholdersResponse(
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


def _change_to(change: SubjectChange) -> pb.SubjectChange:
    return pb.SubjectChange(
        subject_id=change.subject_id,
        version=change.version,
        removed=change.is_removed,
        category=change.category,
        home_site=change.home_site,
        groups=change.groups,
        credentials=map(credential_to, change.credentials),
        facts=map(fact_to, change.facts),
        list_entries=map(entry_to, change.entries),
        visits=map(visit_to, change.visits),
        pin_verifier=change.pin_verifier,
        duress_verifier=change.duress_verifier,
        photo_ref=change.photo_ref,
    )


def _wire(value: IntEnum) -> Any:
    """An enum as messages take it: the generated stubs type their own members, the wire has numbers."""
    return value
