"""Where the primary of a site's Redis is, and how to log in to it."""

import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from menshen_servicekit.redis_url import RedisKind, RedisUrl, parse_redis_url


@dataclass(frozen=True, slots=True)
class Place:
    """One server to connect to. `tls` is None for a plaintext connection."""

    host: str
    port: int
    database: int = 0
    username: str = ""
    password: str = field(default="", repr=False)
    tls: ssl.SSLContext | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Login:
    """How to log in to any server of one installation. The password file is read for every place."""

    username: str = ""
    password_file: Path | None = None
    database: int = 0
    tls: ssl.SSLContext | None = field(default=None, repr=False)

    def at(self, host: str, port: int) -> Place:
        """This login at a server; OSError when the password cannot be read."""
        password = self.password_file.read_text(encoding="utf-8").rstrip("\r\n") if self.password_file else ""
        return Place(host, port, self.database, self.username, password, self.tls)


class Locator(Protocol):
    """Finds the primary anew for every connection."""

    async def locate(self) -> Place:
        """The primary as far as is known; StoreAwayError or OSError when nobody knows.

        What is found may be overtaken: whoever connects asks the server itself whether it is a primary.
        """


class SingleNode:
    """A primary at a fixed address."""

    def __init__(self, place: Place) -> None:
        self._place = place

    async def locate(self) -> Place:
        return self._place


def place_of(url: str, password_file: Path | None, trust_file: Path | None = None) -> Place:
    """The place a `redis://` or `rediss://` URL names; ValueError for any other. A password in the URL is refused."""
    try:
        named = parse_redis_url(url)
    except ValueError as error:
        raise ValueError(f"expected {error}") from error
    if named.kind is not RedisKind.SINGLE:
        raise ValueError("expected redis://host:port/number or rediss://host:port/number")
    [(host, port)] = named.hosts
    return login_of(named, password_file, trust_file).at(host, port)


def login_of(named: RedisUrl, password_file: Path | None, trust_file: Path | None) -> Login:
    """The login an URL and its files give; `trust_file` holds the authorities of servers reached over TLS."""
    tls = ssl.create_default_context(cafile=str(trust_file) if trust_file else None) if named.uses_tls else None
    return Login(named.username, password_file, named.database, tls)
