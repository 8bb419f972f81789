"""Reading a status back at the client, also one that is not ours or is broken."""

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


def arrived(*fields: FieldTrouble) -> tuple[list[FieldTrouble], int]:
    """The fields a caller is told of, and the bytes that took."""
    status = status_of(DomainError(Trouble.INVALID, "DOCUMENT_INVALID", "有误", "faulty", fields))
    told = domain_error_of(failure(status.code, status.details, *status.trailing_metadata))
    return list(told.fields), len(status.trailing_metadata[0][1])


def test_two_faults_of_one_place_are_both_told() -> None:
    both = FieldTrouble("areas[0]", "甲", "one"), FieldTrouble("areas[0]", "乙", "two")

    assert arrived(*both)[0] == list(both)


@pytest.mark.parametrize(("length", "least"), [(20, MOST_FIELDS), (120, 10), (2_000, 0)])
def test_more_faults_than_a_transport_carries_are_told_up_to_a_bound_and_counted(length: int, least: int) -> None:
    many = [FieldTrouble(f"requirements[{place}].test", "长" * length, "x" * length) for place in range(300)]

    told, size = arrived(*many)

    *first, last = told
    assert len(first) >= least
    assert first == many[: len(first)]
    left = 300 - len(first)
    assert (last.path, last.message_zh, last.message_en) == ("", f"另有 {left} 处", f"and {left} more")
    assert size < 8_000


def test_one_is_counted_without_a_plural() -> None:
    assert (counted(1, "fault"), counted(2, "fault"), counted(0, "fault")) == ("1 fault", "2 faults", "0 faults")
