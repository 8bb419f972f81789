"""Reading a status back at the client, also one that is not ours or is broken."""

import grpc
import pytest
from grpc.aio import AioRpcError, Metadata
from menshen_servicekit.status import DETAILS_KEY, Trouble, domain_error_of


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
