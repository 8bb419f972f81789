"""Why a server of Redis is not reached, in words for the log: addresses and causes, no content."""

import ssl

from menshen_access.ports import StoreAwayError
from menshen_access.redis.connection import CommandRefusedError


def why(trouble: Exception) -> str:
    """One sentence about what connecting or asking raised."""
    if isinstance(trouble, ssl.SSLCertVerificationError):
        return f"the server's certificate is refused: {trouble.verify_message}"
    if isinstance(trouble, ssl.SSLError):
        return f"no TLS with the server: {trouble.reason or 'a certificate file is not as it should be'}"
    if isinstance(trouble, TimeoutError):
        return "no answer in time"
    if isinstance(trouble, OSError):
        return trouble.strerror or type(trouble).__name__
    if isinstance(trouble, StoreAwayError | CommandRefusedError):
        return str(trouble)
    return type(trouble).__name__
