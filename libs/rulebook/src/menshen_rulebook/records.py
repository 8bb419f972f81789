"""Subject records as bytes: the same in PostgreSQL, Redis and the edge snapshot.

A record is a compact JSON array, schema number first; empty values at the end of an array are left out and FOREVER_MS
is written as null. The same subject gives the same bytes in whatever order its parts were collected.

It is written under the lowest schema that can say it, so that a reader of the schema before refuses only what it could
not judge: schema 2 adds a vehicle's renewals, suspensions and drivers.
"""

import json
from collections.abc import Callable, Iterable
from typing import Any, Final

from menshen_rulebook.subject import (
    Credential,
    Fact,
    Identifier,
    LevelAssignment,
    ListEntry,
    Permit,
    Subject,
    Suspension,
    Vehicle,
    Visit,
)
from menshen_rulebook.vocabulary import (
    FOREVER_MS,
    AccessPointClass,
    CredentialState,
    IdentifierType,
    ListKind,
    PermitState,
    SubjectKind,
    VehicleClass,
    VisitState,
)

SCHEMA: Final = 2
"""The newest record schema this rulebook writes; it reads every one up to it."""
OLDEST_READER: Final = 1
"""The oldest reader that is still told of subjects: what it cannot read it refuses, one by one."""

# Schema, id, version, kind, category and home site are always written.
_LEAST: Final = 6
_PIN_REQUIRED: Final = 1
_SINGLE_USE: Final = 2
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode

_IDENTIFIER_TYPES: Final = tuple(IdentifierType)
_CREDENTIAL_STATES: Final = tuple(CredentialState)


class RecordSchemaUnknownError(ValueError):
    """The record was written under a schema this rulebook does not know; `schema` is its number."""

    def __init__(self, schema: int) -> None:
        super().__init__(f"subject record schema {schema} is not known; this rulebook reads up to {SCHEMA}")
        self.schema = schema


class RecordMalformedError(ValueError):
    """The bytes are no subject record. The text quotes none of them."""

    def __init__(self) -> None:
        super().__init__("the bytes are no subject record")


def pack(subject: Subject) -> bytes:
    """The record's bytes."""
    return _encode(
        _trimmed(
            [
                _schema_of(subject.vehicle),
                subject.subject_id,
                subject.version,
                subject.kind,
                subject.category,
                subject.home_site,
                sorted(subject.groups),
                _sorted(_credential_row(credential) for credential in subject.credentials),
                _sorted(_fact_row(fact) for fact in subject.facts),
                _sorted(_list_row(entry) for entry in subject.list_entries),
                _sorted(_trimmed([a.level_id, a.from_ms, _end(a.to_ms)]) for a in subject.levels),
                _sorted(_visit_row(visit) for visit in subject.visits),
                _vehicle_row(subject.vehicle),
                int(subject.has_pin),
            ]
        )
    ).encode()


def unpack(record: bytes) -> Subject:
    """The subject of a record.

    Raises RecordSchemaUnknownError for a newer schema and RecordMalformedError for anything that is no record.
    """
    try:
        row = json.loads(record)
        schema = row[0]
        if type(schema) is int and 1 <= schema <= SCHEMA and len(row) >= _LEAST:
            return _subject(row)
    except (ValueError, TypeError, IndexError, KeyError, RecursionError):
        raise RecordMalformedError from None
    if type(schema) is int and schema > SCHEMA:
        raise RecordSchemaUnknownError(schema)
    raise RecordMalformedError


def _end(to_ms: int) -> int | None:
    return None if to_ms == FOREVER_MS else to_ms


def _trimmed(row: list[Any]) -> list[Any]:
    while row and (row[-1] is None or row[-1] in (0, "", [])) and row[-1] is not False:
        row.pop()
    return row


def _sorted(rows: Iterable[list[Any]]) -> list[list[Any]]:
    listed = list(rows)
    return sorted(listed, key=_encode) if len(listed) > 1 else listed


def _credential_row(credential: Credential) -> list[Any]:
    flags = credential.pin_required * _PIN_REQUIRED + credential.single_use * _SINGLE_USE
    identifiers = [part for identifier in sorted(credential.identifiers) for part in identifier]
    return _trimmed(
        [
            credential.credential_id,
            identifiers,
            credential.state,
            credential.valid_from_ms,
            _end(credential.valid_to_ms),
            credential.tid,
            flags,
            credential.replaces,
        ]
    )


def _fact_row(fact: Fact) -> list[Any]:
    # The value stands last but one so that trimming cannot drop a False or a zero.
    return [fact.type, fact.source, fact.valid_from_ms, _end(fact.valid_to_ms), fact.value, fact.reported_at_ms]


def _list_row(entry: ListEntry) -> list[Any]:
    return _trimmed(
        [
            entry.kind,
            entry.from_ms,
            _end(entry.to_ms),
            entry.reason_code,
            entry.site,
            entry.access_point_id,
            entry.access_point_class,
        ]
    )


def _visit_row(visit: Visit) -> list[Any]:
    return _trimmed(
        [
            visit.visit_id,
            visit.site,
            visit.from_ms,
            _end(visit.to_ms),
            visit.state,
            sorted(visit.access_point_ids),
            int(visit.single_entry),
            visit.host_id,
            sorted(visit.host_groups),
        ]
    )


def _vehicle_row(vehicle: Vehicle | None) -> list[Any] | None:
    if vehicle is None:
        return None
    row = [
        vehicle.vehicle_class,
        vehicle.permit_state,
        vehicle.permit_from_ms,
        _end(vehicle.permit_to_ms),
        vehicle.owner_id,
        vehicle.plate,
    ]
    if _schema_of(vehicle) == 1:
        return row
    return row + _trimmed(
        [
            _sorted([one.state, one.from_ms, _end(one.to_ms)] for one in vehicle.renewals),
            _sorted(
                [one.from_ms, _end(one.to_ms), one.reason_code, int(one.until_test)] for one in vehicle.suspensions
            ),
            sorted(vehicle.driver_ids),
        ]
    )


def _schema_of(vehicle: Vehicle | None) -> int:
    """The lowest schema that can say it."""
    if vehicle is None or not (vehicle.renewals or vehicle.suspensions or vehicle.driver_ids):
        return 1
    return 2


_BLANK: Final[tuple[Any, ...]] = (0, "", 0, 0, "", "", (), (), (), (), (), (), None, 0)


def _filled(row: list[Any], blank: tuple[Any, ...]) -> list[Any]:
    return row + list(blank[len(row) :])


def _each(rows: Iterable[list[Any]], build: Callable[[list[Any]], Any]) -> tuple[Any, ...]:
    return tuple([build(row) for row in rows])


def _forever(to_ms: int | None) -> int:
    return FOREVER_MS if to_ms is None else to_ms


def _subject(row: list[Any]) -> Subject:
    full = _filled(row, _BLANK)
    return Subject(
        full[1],
        full[2],
        SubjectKind(full[3]),
        full[4],
        full[5],
        tuple(full[6]),
        _each(full[7], _credential),
        _each(full[8], _fact),
        _each(full[9], _list_entry),
        _each(full[10], _level),
        _each(full[11], _visit),
        _vehicle(full[12]),
        bool(full[13]),
    )


def _credential(row: list[Any]) -> Credential:
    full = _filled(row, ("", (), 0, 0, None, None, 0, None))
    flat = full[1]
    return Credential(
        full[0],
        tuple([Identifier(_IDENTIFIER_TYPES[flat[i]], flat[i + 1]) for i in range(0, len(flat), 2)]),
        _CREDENTIAL_STATES[full[2]],
        full[3],
        _forever(full[4]),
        full[5],
        bool(full[6] & _PIN_REQUIRED),
        bool(full[6] & _SINGLE_USE),
        full[7],
    )


def _fact(row: list[Any]) -> Fact:
    type_, source, valid_from_ms, valid_to_ms, value, reported_at_ms = row
    return Fact(type_, value, source, valid_from_ms, _forever(valid_to_ms), reported_at_ms)


def _list_entry(row: list[Any]) -> ListEntry:
    kind, from_ms, to_ms, reason_code, site, point, class_ = _filled(row, (0, 0, None, "", "", "", 0))
    return ListEntry(ListKind(kind), site, point, AccessPointClass(class_), from_ms, _forever(to_ms), reason_code)


def _level(row: list[Any]) -> LevelAssignment:
    level_id, from_ms, to_ms = _filled(row, ("", 0, None))
    return LevelAssignment(level_id, from_ms, _forever(to_ms))


def _visit(row: list[Any]) -> Visit:
    full = _filled(row, ("", "", 0, None, 0, (), 0, "", ()))
    return Visit(
        full[0],
        full[1],
        full[2],
        _forever(full[3]),
        VisitState(full[4]),
        tuple(full[5]),
        bool(full[6]),
        full[7],
        tuple(full[8]),
    )


def _vehicle(row: list[Any] | None) -> Vehicle | None:
    if row is None:
        return None
    full = _filled(row, (0, 0, 0, None, "", "", (), (), ()))
    return Vehicle(
        VehicleClass(full[0]),
        PermitState(full[1]),
        full[2],
        _forever(full[3]),
        full[4],
        full[5],
        tuple([Permit(PermitState(state), from_ms, _forever(to_ms)) for state, from_ms, to_ms in full[6]]),
        tuple([Suspension(from_ms, _forever(to_ms), code, bool(test)) for from_ms, to_ms, code, test in full[7]]),
        tuple(full[8]),
    )
