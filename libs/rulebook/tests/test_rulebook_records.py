"""Subject records as bytes."""

from dataclasses import replace
from typing import Any

import pytest
from harness.rulebook_strategies import subjects
from hypothesis import given, settings
from hypothesis import strategies as st
from menshen_rulebook.records import SCHEMA, RecordMalformedError, RecordSchemaUnknownError, pack, unpack
from menshen_rulebook.types import (
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
    VehicleClass,
    Visit,
    VisitState,
)

_NO_PARTS: dict[str, Any] = {
    **dict.fromkeys(("groups", "credentials", "facts", "list_entries", "levels", "visits"), ()),
    "vehicle": None,
}
STUDENT = Subject(
    "c:0198a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b",
    1712345678901,
    SubjectKind.CARDHOLDER,
    "student",
    "north",
    ("cs-2022", "dorm-7"),
    (
        Credential(
            "0198a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5c",
            (Identifier(IdentifierType.CARD, "04A1B2C3D4E5F6"),),
            CredentialState.ACTIVE,
            1712345678901,
            1792345678901,
        ),
    ),
    (Fact("leave.state", "none", "student-office", reported_at_ms=1712345678901),),
)
STUDENT_BYTES = (
    b'[1,"c:0198a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b",1712345678901,1,"student","north",["cs-2022","dorm-7"],'
    b'[["0198a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5c",[1,"04A1B2C3D4E5F6"],2,1712345678901,1792345678901]],'
    b'[["leave.state","student-office",0,null,"none",1712345678901]]]'
)
VEHICLE = Subject(
    "v:1",
    3,
    SubjectKind.VEHICLE,
    "staff_car",
    "east",
    credentials=(
        Credential(
            "t", (Identifier(IdentifierType.EPC, "E2801160"),), CredentialState.SUSPENDED, tid="E28011", single_use=True
        ),
    ),
    list_entries=(ListEntry(ListKind.BLACK, site="east", to_ms=5, reason_code="speeding"),),
    visits=(
        Visit(
            "v", "east", 1, 2, VisitState.READY, ("b", "a"), single_entry=True, host_id="c:9", host_groups=("b", "a")
        ),
    ),
    vehicle=Vehicle(VehicleClass.CAR, PermitState.ACTIVE, 0, 9, "c:9", "云Z00001"),
)
VEHICLE_BYTES = (
    '[1,"v:1",3,2,"staff_car","east",[],[["t",[3,"E2801160"],3,0,null,"E28011",2]],[],[[1,0,5,"speeding","east"]],[],'
    '[["v","east",1,2,1,["a","b"],1,"c:9",["a","b"]]],[4,1,0,9,"c:9","云Z00001"]]'
).encode()


BANNED = replace(
    VEHICLE,
    vehicle=Vehicle(
        VehicleClass.CAR,
        PermitState.ACTIVE,
        0,
        9,
        "c:9",
        "云Z00001",
        (Permit(PermitState.ACTIVE, 20), Permit(PermitState.REVOKED, 10, 15)),
        (Suspension(3, 4, "parking"), Suspension(1, reason_code="speeding", until_test=True)),
        ("c:8", "c:7"),
    ),
)
BANNED_BYTES = (
    VEHICLE_BYTES.decode()
    .replace("[1,", "[2,", 1)
    .replace(
        '"云Z00001"]',
        '"云Z00001",[[1,20,null],[3,10,15]],[[1,null,"speeding",1],[3,4,"parking",0]],["c:7","c:8"]]',
    )
    .encode()
)


def _ordered(subject: Subject) -> Subject:
    return unpack(pack(subject))


def test_a_student_has_these_bytes() -> None:
    assert pack(STUDENT) == STUDENT_BYTES
    assert unpack(STUDENT_BYTES) == STUDENT


def test_a_vehicle_has_these_bytes() -> None:
    assert pack(VEHICLE) == VEHICLE_BYTES
    assert unpack(VEHICLE_BYTES) == replace(
        VEHICLE, visits=(replace(VEHICLE.visits[0], access_point_ids=("a", "b"), host_groups=("a", "b")),)
    )


def test_what_begins_and_ends_later_is_written_under_the_second_schema() -> None:
    once = unpack(BANNED_BYTES)

    assert pack(BANNED) == BANNED_BYTES
    assert pack(once) == BANNED_BYTES
    assert _parts(once) == _parts(BANNED)


@pytest.mark.parametrize("record", [STUDENT_BYTES, VEHICLE_BYTES])
def test_a_record_of_the_schema_before_is_read_and_written_as_it_was(record: bytes) -> None:
    assert record.startswith(b"[1,")
    assert pack(unpack(record)) == record
    assert pack(unpack(record.replace(b"[1,", b"[2,", 1))) == record


def _parts(subject: Subject) -> object:
    """A vehicle whatever the order of its parts."""
    vehicle = subject.vehicle
    if vehicle is None:
        return None
    lists = [sorted(map(repr, part)) for part in (vehicle.renewals, vehicle.suspensions, vehicle.driver_ids)]
    return replace(vehicle, renewals=(), suspensions=(), driver_ids=()), lists


def test_an_ordinary_student_takes_at_most_300_bytes() -> None:
    assert len(pack(STUDENT)) <= 300


@settings(max_examples=300, deadline=None, derandomize=True)
@given(subjects("c:1"))
def test_unpacking_gives_the_subject_back(subject: Subject) -> None:
    once = _ordered(subject)

    assert _ordered(once) == once
    assert pack(once) == pack(subject)
    assert set(once.facts) == set(subject.facts)
    assert set(once.list_entries) == set(subject.list_entries)
    assert {held.credential_id for held in once.credentials} == {held.credential_id for held in subject.credentials}
    assert _parts(once) == _parts(subject)
    assert replace(once, **_NO_PARTS) == replace(subject, **_NO_PARTS)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(subjects("c:1"))
def test_the_order_of_the_parts_does_not_change_the_bytes(subject: Subject) -> None:
    turned = replace(
        subject,
        groups=subject.groups[::-1],
        credentials=subject.credentials[::-1],
        facts=subject.facts[::-1],
        visits=subject.visits[::-1],
    )

    assert pack(turned) == pack(subject)


def test_a_newer_schema_is_named_in_the_error() -> None:
    with pytest.raises(RecordSchemaUnknownError) as caught:
        unpack(STUDENT_BYTES.replace(b"[1,", f"[{SCHEMA + 1},".encode(), 1))

    assert caught.value.schema == SCHEMA + 1


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.binary(max_size=60) | st.sampled_from([b"{}", b"[]", b"[1]", b"[1,2,3,99]", b'["1"]', b"[true]", b"\xff"]))
def test_other_bytes_are_no_record_and_are_not_quoted(noise: bytes) -> None:
    with pytest.raises((RecordMalformedError, RecordSchemaUnknownError)) as caught:
        unpack(noise)

    assert "no subject record" in str(caught.value) or "schema" in str(caught.value)
