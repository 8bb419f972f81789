"""Where the primary of a site's Redis is, and how to log in to it."""

import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

_SCHEMES = {"redis", "rediss"}
DEFAULT_PORT = 6379


@dataclass(frozen=True, slots=True)
class Place:
    """One server to connect to. `tls` is None for a plaintext connection."""

    host: str
    port: int
    database: int = 0
    username: str = ""
    password: str = field(default="", repr=False)
    tls: ssl.SSLContext | None = field(default=None, repr=False)


class Locator(Protocol):
    """Finds the primary anew for every connection."""

    async def locate(self) -> Place:
        """The primary as far as is known; OSError when nobody knows."""


class SingleNode:
    """A primary at a fixed address."""

    def __init__(self, place: Place) -> None:
        self._place = place

    async def locate(self) -> Place:
        return self._place


def place_of(url: str, password_file: Path | None, trust_file: Path | None = None) -> Place:
    """The place a `redis://` or `rediss://` URL names; ValueError for any other. A password in the URL is refused."""
    parts = urlsplit(url)
    if parts.scheme not in _SCHEMES or not parts.hostname:
        raise ValueError("expected redis://host:port/number or rediss://host:port/number")
    if parts.password:
        raise ValueError("the password belongs in a file, not in the URL")
    number = parts.path.strip("/") or "0"
    if not number.isdigit():
        raise ValueError("expected a database number after the port")
    tls = None
    if parts.scheme == "rediss":
        tls = ssl.create_default_context(cafile=str(trust_file) if trust_file else None)
    password = password_file.read_text(encoding="utf-8").rstrip("\r\n") if password_file else ""
    return Place(parts.hostname, parts.port or DEFAULT_PORT, int(number), unquote(parts.username or ""), password, tls)
