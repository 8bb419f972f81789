"""From the bytes of a request to its message. Bytes that are none become UNREADABLE, which is refused as bad input."""

from collections.abc import Callable
from typing import Any, Final

Deserializer = Callable[[bytes], Any]


class Unreadable:
    """Stands for a message whose bytes were not of its type. Its `site` is nobody's: no check of a site admits it."""

    site: Final = None


UNREADABLE: Final = Unreadable()


def tolerant(deserializer: Deserializer | None) -> Deserializer | None:
    """The same deserializer, with UNREADABLE for bytes it cannot read: gRPC would log them and blame the server."""
    if deserializer is None:
        return None

    def read(message: bytes) -> Any:
        try:
            return deserializer(message)
        except Exception:  # noqa: BLE001  (a peer's bytes; protobuf's DecodeError is one of many)
            return UNREADABLE

    return read
