"""Rows to frozen values. Every column is one the statements of queries.sql enumerate."""

from collections.abc import Sequence
from typing import Any

from asyncpg import Record

from menshen_identity.domain.credentials import Credential, CredentialState, Identifier, IdentifierType
from menshen_identity.domain.facts import Fact
from menshen_identity.domain.lists import AccessPointClass, ListEntry, ListKind
from menshen_identity.domain.people import Cardholder, Organisation
from menshen_identity.domain.visits import Visit, VisitState

TYPES = {int(member): member for member in IdentifierType}
STATES = {int(member): member for member in CredentialState}


def cardholder(row: Record) -> Cardholder:
    return Cardholder(
        cardholder_id=row["cardholder_id"],
        site=row["site"],
        sites=tuple(row["sites"]),
        category=row["category"],
        groups=tuple(row["groups"]),
        name=row["name"],
        organisation_id=row["organisation_id"],
        photo_ref=row["photo_ref"],
        external_ref=row["external_ref"],
        version=row["version"],
    )


def organisation(row: Record) -> Organisation:
    return Organisation(row["organisation_id"], row["parent_id"], row["name_zh"], row["name_en"], row["external_ref"])


def credential(row: Record) -> Credential:
    return Credential(
        credential_id=row["credential_id"],
        cardholder_id=row["cardholder_id"],
        identifiers=identifiers(zip(row["types"], row["values"], strict=True)),
        state=STATES[row["state"]],
        valid_from_ms=row["valid_from_ms"],
        valid_to_ms=row["valid_to_ms"],
        external_ref=row["external_ref"],
        changed_at_ms=row["changed_at_ms"],
        replaces=row["replaces"],
        stands_in_for=row["stands_in_for"],
        single_use=row["single_use"],
        pin_required=row["pin_required"],
        is_code=row["is_code"],
        only_site=row["only_site"],
    )


def identifiers(pairs: Any) -> tuple[Identifier, ...]:
    """From (type number, value) pairs."""
    return tuple(Identifier(TYPES[number], value) for number, value in pairs)


def fact(values: Sequence[Any] | Record) -> Fact:
    """From (type, value, source, from, to, reported), in that order."""
    return Fact(*values)


def entry(values: Sequence[Any] | Record) -> ListEntry:
    """From (id, cardholder, kind, access point, site, from, to, reason, source, class), in that order."""
    entry_id, cardholder_id, kind, point, site, from_ms, to_ms, reason, source, point_class = values
    scope = AccessPointClass(point_class)
    return ListEntry(entry_id, cardholder_id, ListKind(kind), point, site, from_ms, to_ms, reason, source, scope)


def visit(values: Sequence[Any] | Record) -> Visit:
    """From (id, site, cardholder, host, from, to, access points, state, single entry, reference), in that order.

    The host's groups may follow.
    """
    visit_id, site, cardholder_id, host_id, from_ms, to_ms, points, state, single_entry, external_ref, *rest = values
    return Visit(
        visit_id,
        site,
        cardholder_id,
        host_id,
        from_ms,
        to_ms,
        tuple(points),
        VisitState(state),
        single_entry,
        external_ref,
        tuple(rest[0]) if rest else (),
    )
