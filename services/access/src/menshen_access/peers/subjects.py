"""Cardholders and vehicles of the feeds as the rulebook's subjects. Names never come this far."""

from collections.abc import Sequence
from enum import IntEnum
from typing import Final, TypeVar

from menshen.identity.v1 import identity_pb2
from menshen.vehicles.v1 import vehicles_pb2
from menshen_rulebook.types import (
    FOREVER_MS,
    Credential,
    CredentialState,
    Fact,
    Identifier,
    IdentifierType,
    ListEntry,
    ListKind,
    PermitState,
    Subject,
    SubjectKind,
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


def vehicle_change(change: vehicles_pb2.VehicleChange, now_ms: int) -> FeedChange:
    """A change of the vehicles' feed. Of several permits the one in force counts, else the one that ends last."""
    if change.removed:
        return FeedChange(change.subject_id, change.version, None)
    vehicle_class = _known(VehicleClass, change.vehicle_class)
    permit = _deciding_permit(change.permits, now_ms)
    vehicle = Vehicle(vehicle_class, owner_id=change.owner_id, plate=change.plate)
    if permit is not None:
        state = _PERMIT_STATES.get(permit.state, PermitState.UNSPECIFIED)
        vehicle = Vehicle(
            vehicle_class, state, permit.valid_from_ms, _end(permit.valid_to_ms), change.owner_id, change.plate
        )
    subject = Subject(
        subject_id=change.subject_id,
        version=0,
        kind=SubjectKind.VEHICLE,
        category=change.owner_category,
        home_site=change.home_site,
        credentials=tuple(_vehicle_credentials(change)),
        vehicle=vehicle,
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


def _fact(fact: identity_pb2.Fact) -> Fact:
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
        plate = Identifier(IdentifierType.PLATE, change.plate)
        tags.append(Credential(f"plate:{change.subject_id}", (plate,), CredentialState.ACTIVE))
    return tags


def _deciding_permit(permits: Sequence[vehicles_pb2.Permit], now_ms: int) -> vehicles_pb2.Permit | None:
    """The permit that decides from now on, with the renewals that follow it without a gap.

    A renewal takes over at its instant although no change of the vehicle tells of it.
    """

    def weight(permit: vehicles_pb2.Permit) -> tuple[bool, bool, int]:
        is_active = permit.state == vehicles_pb2.PERMIT_STATE_ACTIVE
        in_force = is_active and permit.valid_from_ms <= now_ms < _end(permit.valid_to_ms)
        return in_force, is_active, _end(permit.valid_to_ms)

    deciding = max(permits, key=weight, default=None)
    if deciding is None or deciding.state != vehicles_pb2.PERMIT_STATE_ACTIVE:
        return deciding
    to_ms = _end(deciding.valid_to_ms)
    for permit in sorted(permits, key=lambda permit: permit.valid_from_ms):
        if permit.state == vehicles_pb2.PERMIT_STATE_ACTIVE and deciding.valid_from_ms <= permit.valid_from_ms <= to_ms:
            to_ms = max(to_ms, _end(permit.valid_to_ms))
    joined = vehicles_pb2.Permit()
    joined.CopyFrom(deciding)
    joined.valid_to_ms = 0 if to_ms == FOREVER_MS else to_ms
    return joined
