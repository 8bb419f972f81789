"""Cardholders and vehicles of the feeds as the rulebook's subjects. Names never come this far."""

from collections.abc import Sequence
from enum import IntEnum
from typing import Final, TypeVar

from menshen.identity.v1 import identity_pb2
from menshen.vehicles.v1 import vehicles_pb2
from menshen_rulebook.plates import known_as
from menshen_rulebook.types import (
    FOREVER_MS,
    Credential,
    CredentialState,
    Fact,
    Identifier,
    IdentifierType,
    ListEntry,
    ListKind,
    Permit,
    PermitState,
    Subject,
    SubjectKind,
    Suspension,
    Vehicle,
    Visit,
    VisitState,
)
from menshen_rulebook.vocabulary import AccessPointClass, VehicleClass

from menshen_access.domain.subject_records import FeedChange

E = TypeVar("E", bound=IntEnum)

_VISIT_STATES: Final = {
    identity_pb2.VISIT_STATE_READY: VisitState.READY,
    identity_pb2.VISIT_STATE_CANCELLED: VisitState.CANCELLED,
}
_PERMIT_STATES: Final = {
    vehicles_pb2.PERMIT_STATE_ACTIVE: PermitState.ACTIVE,
    vehicles_pb2.PERMIT_STATE_SUSPENDED: PermitState.SUSPENDED,
    vehicles_pb2.PERMIT_STATE_REVOKED: PermitState.REVOKED,
}
_VEHICLE_VISIT_STATES: Final = {
    vehicles_pb2.VEHICLE_VISIT_STATE_READY: VisitState.READY,
    vehicles_pb2.VEHICLE_VISIT_STATE_CANCELLED: VisitState.CANCELLED,
}
_MOST_PERMITS: Final = 16
_TAG_STATES: Final = {
    vehicles_pb2.TAG_STATE_ACTIVE: CredentialState.ACTIVE,
    vehicles_pb2.TAG_STATE_LOST: CredentialState.LOST,
    vehicles_pb2.TAG_STATE_RELEASED: CredentialState.RETURNED,
}


def cardholder_change(change: identity_pb2.SubjectChange) -> FeedChange:
    """A change of identity's feed."""
    if change.removed:
        return FeedChange(change.subject_id, change.version, None)
    subject = Subject(
        subject_id=change.subject_id,
        version=0,
        kind=SubjectKind.CARDHOLDER,
        category=change.category,
        home_site=change.home_site,
        groups=tuple(change.groups),
        credentials=tuple(_credential(credential) for credential in change.credentials),
        facts=tuple(_fact(fact) for fact in change.facts),
        list_entries=tuple(_list_entry(entry) for entry in change.list_entries),
        visits=tuple(_visit(visit) for visit in change.visits),
        has_pin=bool(change.pin_verifier),
    )
    return FeedChange(
        change.subject_id,
        change.version,
        subject,
        change.pin_verifier,
        change.duress_verifier,
        change.photo_ref,
    )


def vehicle_change(change: vehicles_pb2.VehicleChange) -> FeedChange:
    """A change of the vehicles' feed, with everything that is to begin and end: decisions choose by their own time."""
    if change.removed:
        return FeedChange(change.subject_id, change.version, None)
    permits = [_permit(permit) for permit in change.permits]
    first = max(permits, key=_weight, default=Permit(PermitState.UNSPECIFIED))
    subject = Subject(
        subject_id=change.subject_id,
        version=0,
        kind=SubjectKind.VEHICLE,
        category=change.owner_category,
        home_site=change.home_site,
        credentials=tuple(_vehicle_credentials(change)),
        facts=tuple(_fact(fact) for fact in change.facts),
        visits=tuple(_vehicle_visit(visit) for visit in change.visits),
        vehicle=Vehicle(
            _known(VehicleClass, change.vehicle_class),
            first.state,
            first.from_ms,
            first.to_ms,
            change.owner_id,
            change.plate,
            tuple(permit for permit in _last(permits) if permit is not first),
            tuple(_suspension(suspension) for suspension in change.suspensions),
            tuple(change.driver_ids),
        ),
    )
    return FeedChange(change.subject_id, change.version, subject)


def _known(words: type[E], value: int) -> E:
    """The member of that number; UNSPECIFIED, which opens nothing, for one that a newer service sent."""
    return words(value) if value in words._value2member_map_ else words(0)


def _end(to_ms: int) -> int:
    return to_ms or FOREVER_MS


def _credential(credential: identity_pb2.Credential) -> Credential:
    return Credential(
        credential_id=credential.credential_id,
        identifiers=tuple(Identifier(_known(IdentifierType, item.type), item.value) for item in credential.identifiers),
        state=_known(CredentialState, credential.state),
        valid_from_ms=credential.valid_from_ms,
        valid_to_ms=_end(credential.valid_to_ms),
        pin_required=credential.pin_required,
        single_use=credential.single_use,
        replaces=credential.replaces or None,
    )


def _fact(fact: identity_pb2.Fact | vehicles_pb2.VehicleFact) -> Fact:
    return Fact(fact.type, fact.value, fact.source, fact.valid_from_ms, _end(fact.valid_to_ms), fact.reported_at_ms)


def _list_entry(entry: identity_pb2.ListEntry) -> ListEntry:
    kind = _known(ListKind, entry.kind)
    access_point_class = _known(AccessPointClass, entry.access_point_class)
    if kind is ListKind.WHITE and int(access_point_class) != int(entry.access_point_class):
        # A class that only a newer service knows must not waive anything at all the others.
        kind = ListKind.UNSPECIFIED
    return ListEntry(
        kind,
        site=entry.scope_site,
        access_point_id=entry.access_point,
        access_point_class=access_point_class,
        from_ms=entry.from_ms,
        to_ms=_end(entry.to_ms),
        reason_code=entry.reason_code,
    )


def _visit(visit: identity_pb2.Visit) -> Visit:
    return Visit(
        visit.visit_id,
        visit.site,
        visit.from_ms,
        visit.to_ms,
        _VISIT_STATES.get(visit.state, VisitState.UNSPECIFIED),
        tuple(visit.access_points),
        visit.single_entry,
        visit.host_id,
        tuple(visit.host_groups),
    )


def _vehicle_credentials(change: vehicles_pb2.VehicleChange) -> list[Credential]:
    tags = [
        Credential(
            credential_id=tag.binding_id,
            identifiers=(Identifier(IdentifierType.EPC, tag.epc),),
            state=_TAG_STATES.get(tag.state, CredentialState.UNSPECIFIED),
            tid=tag.tid or None,
        )
        for tag in change.tags
    ]
    if change.plate:
        plate = known_as(Identifier(IdentifierType.PLATE, change.plate))
        tags.append(Credential(f"plate:{change.subject_id}", (plate,), CredentialState.ACTIVE))
    # A code is unbounded in time: the visit's window decides, and says why, before and after it.
    return tags + [
        Credential(f"code:{visit.visit_id}", (Identifier(IdentifierType.QR, visit.code),), CredentialState.ACTIVE)
        for visit in change.visits
        if visit.code
    ]


def _permit(permit: vehicles_pb2.Permit) -> Permit:
    state = _PERMIT_STATES.get(permit.state, PermitState.UNSPECIFIED)
    return Permit(state, permit.valid_from_ms, _end(permit.valid_to_ms))


def _weight(permit: Permit) -> tuple[bool, int, int]:
    """Of several permits an active one comes first, and of these the one that ends last."""
    return permit.state is PermitState.ACTIVE, permit.to_ms, permit.from_ms


def _last(permits: Sequence[Permit]) -> list[Permit]:
    """The permits a record carries: those that weigh most, so many as it holds."""
    return sorted(permits, key=_weight)[-_MOST_PERMITS:]


def _suspension(suspension: vehicles_pb2.Suspension) -> Suspension:
    return Suspension(suspension.from_ms, _end(suspension.to_ms), suspension.reason_code, suspension.until_test)


def _vehicle_visit(visit: vehicles_pb2.VehicleVisit) -> Visit:
    return Visit(
        visit.visit_id,
        visit.site,
        visit.from_ms,
        visit.to_ms,
        _VEHICLE_VISIT_STATES.get(visit.state, VisitState.UNSPECIFIED),
        tuple(visit.access_points),
        visit.single_entry,
        visit.host_id,
    )
