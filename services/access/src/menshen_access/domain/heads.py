"""Signed heads of the chain: one JSON line each, with an Ed25519 signature over `statement_of`."""

import json
from dataclasses import asdict, dataclass


class NotAHeadError(ValueError):
    """The line is no signed head as this module writes them."""


@dataclass(frozen=True, slots=True)
class SignedHead:
    """The last link of a site's chain at an instant; `hash` and `signature` in lowercase hexadecimal."""

    site: str
    epoch: int
    sequence: int
    hash: str
    at_ms: int
    signature: str = ""


def statement_of(head: SignedHead) -> bytes:
    """The bytes that are signed."""
    return f"menshen history head\n{head.site}\n{head.epoch}\n{head.sequence}\n{head.hash}\n{head.at_ms}\n".encode()


def line_of(head: SignedHead) -> bytes:
    """The head as it is written, with its newline."""
    return json.dumps(asdict(head), sort_keys=True).encode() + b"\n"


def head_of(line: bytes) -> SignedHead:
    """The head of a line; NotAHeadError for a line that `line_of` does not write."""
    try:
        head = SignedHead(**json.loads(line))
        bytes.fromhex(head.signature)
        bytes.fromhex(head.hash)
        numbers = (head.epoch, head.sequence, head.at_ms)
        if all(type(number) is int for number in numbers) and line_of(head) == line:
            return head
    except (TypeError, ValueError, RecursionError):
        pass
    raise NotAHeadError("the line is no signed head")
