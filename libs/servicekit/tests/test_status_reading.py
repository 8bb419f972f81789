"""Reading a status back at the client, also one that is not ours or is broken."""

from dataclasses import replace

import grpc
import pytest
from grpc.aio import AioRpcError, Metadata
from menshen_servicekit.status import (
    DETAILS_KEY,
    MOST_FIELDS,
    DomainError,
    FieldTrouble,
    Trouble,
    counted,
    domain_error_of,
    status_of,
)


def failure(code: grpc.StatusCode, details: str | None = None, *trailers: tuple[str, str | bytes]) -> AioRpcError:
    return AioRpcError(code, Metadata(), Metadata(*trailers), details)


@pytest.mark.parametrize(
    ("code", "trouble"),
    [
        (grpc.StatusCode.UNAVAILABLE, Trouble.UNAVAILABLE),
        (grpc.StatusCode.RESOURCE_EXHAUSTED, Trouble.EXHAUSTED),
        (grpc.StatusCode.DEADLINE_EXCEEDED, Trouble.DEADLINE),
        (grpc.StatusCode.DATA_LOSS, Trouble.INTERNAL),
    ],
)
def test_a_foreign_status_becomes_the_nearest_trouble(code: grpc.StatusCode, trouble: Trouble) -> None:
    error = domain_error_of(failure(code, "words"))

    assert (error.trouble, error.code, error.message_en) == (trouble, code.name, "words")


@pytest.mark.parametrize("payload", [b"\xff\xff\xff", b"", b"\x08\x05"])
def test_broken_details_fall_back_to_the_code(payload: bytes) -> None:
    error = domain_error_of(failure(grpc.StatusCode.NOT_FOUND, None, (DETAILS_KEY, payload)))

    assert (error.trouble, error.code) == (Trouble.NOT_FOUND, "NOT_FOUND")


def faulty(*fields: FieldTrouble, zh: str = "有误", en: str = "faulty") -> DomainError:
    return DomainError(Trouble.INVALID, "DOCUMENT_INVALID", zh, en, fields)


def arrived(error: DomainError) -> tuple[DomainError, int]:
    """What a caller is told, and the bytes that takes: the message percent-encoded, the details in Base64."""
    status = status_of(error)
    details = status.trailing_metadata[0][1]
    assert isinstance(details, bytes)
    encoded = sum(1 if chr(byte).isalnum() and byte < 0x7F else 3 for byte in status.details.encode())
    error = domain_error_of(failure(status.code, status.details, *status.trailing_metadata))
    return error, encoded + len(details) * 4 // 3


def test_two_faults_of_one_place_are_both_told() -> None:
    both = FieldTrouble("areas[0]", "甲", "one"), FieldTrouble("areas[0]", "乙", "two")

    assert arrived(faulty(*both))[0].fields == both


@pytest.mark.parametrize(("length", "least"), [(20, MOST_FIELDS), (120, 10), (2_000, 1)])
def test_more_faults_than_a_transport_carries_are_told_up_to_a_bound_and_counted(length: int, least: int) -> None:
    many = [FieldTrouble(f"requirements[{place}].test", "长" * length, "x" * length) for place in range(300)]

    told, size = arrived(faulty(*many))

    *first, last = told.fields
    assert len(first) >= least
    assert first == [
        replace(one, message_zh=cut("长", length), message_en=cut("x", length)) for one in many[: len(first)]
    ]
    left = 300 - len(first)
    assert (last.path, last.message_zh, last.message_en) == ("", f"另有 {left} 处", f"and {left} more")
    assert size < 8_192


def cut(letter: str, length: int) -> str:
    """Of so many letters, 600 at most."""
    return letter * length if length <= 600 else letter * 599 + "…"


@pytest.mark.parametrize("letter", ["x", "长", "𠮷", "%"])
@pytest.mark.parametrize("count", [1, 2, 300])
def test_however_long_the_texts_are_a_fault_is_told_and_the_transport_carries_it(letter: str, count: int) -> None:
    long = letter * 20_000

    told, size = arrived(faulty(*[FieldTrouble(long, long, long)] * count, zh=long, en=long))

    assert (told.trouble, told.code) == (Trouble.INVALID, "DOCUMENT_INVALID")
    texts = [told.message_zh, told.message_en, told.fields[0].message_zh, told.fields[0].message_en]
    assert [one for one in texts if len(one) < 150 or one != letter * (len(one) - 1) + "…"] == []
    whole = [one for one in told.fields if one.path]
    left = count - len(whole)
    assert [one.message_en for one in told.fields[len(whole) :]] == ([f"and {left} more"] if left else [])
    assert size < 8_192


def test_one_is_counted_without_a_plural() -> None:
    assert (counted(1, "fault"), counted(2, "fault"), counted(0, "fault")) == ("1 fault", "2 faults", "0 faults")
