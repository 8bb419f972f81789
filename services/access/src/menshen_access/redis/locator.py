"""Where the primary of a site's Redis is, and how to log in to it."""

import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from menshen_servicekit.redis_url import RedisKind, RedisUrl, parse_redis_url
from menshen_servicekit.tls import TlsFiles


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
    """How to log in to any server of one installation.

    Password and certificate files are read for every place, so that what is renewed counts from the next connection on.
    With `tls` servers are checked by its authorities and by the name or address they are asked at, and shown its
    certificate: Redis and Valkey ask for one unless told otherwise.
    """

    username: str = ""
    password_file: Path | None = None
    database: int = 0
    tls: TlsFiles | None = None

    def at(self, host: str, port: int) -> Place:
        """This login at a server; OSError when a file cannot be read."""
        password = self.password_file.read_text(encoding="utf-8").rstrip("\r\n") if self.password_file else ""
        return Place(host, port, self.database, self.username, password, _context(self.tls) if self.tls else None)


def _context(files: TlsFiles) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(files.trust_file))
    context.load_cert_chain(files.certificate_file, files.key_file)
    return context


class Locator(Protocol):
    """Finds the primary anew for every connection."""

    async def locate(self) -> Place:
        """The primary as far as is known; StoreAwayError or OSError when nobody knows.

        What is found may be overtaken: whoever connects asks the server itself whether it is a primary.
        """


class SingleNode:
    """A primary at a fixed address; with a `login` its files are read for every connection."""

    def __init__(self, place: Place, login: Login | None = None) -> None:
        self._place = place
        self._login = login

    async def locate(self) -> Place:
        return self._login.at(self._place.host, self._place.port) if self._login else self._place


def place_of(url: str, password_file: Path | None, tls: TlsFiles | None = None) -> Place:
    """The place a `redis://` or `rediss://` URL names; ValueError for any other. A password in the URL is refused."""
    try:
        named = parse_redis_url(url)
    except ValueError as error:
        raise ValueError(f"expected {error}") from error
    if named.kind is not RedisKind.SINGLE:
        raise ValueError("expected redis://host:port/number or rediss://host:port/number")
    [(host, port)] = named.hosts
    return login_of(named, password_file, tls).at(host, port)


def login_of(named: RedisUrl, password_file: Path | None, tls: TlsFiles | None) -> Login:
    """The login an URL and its files give; ValueError for a `rediss` URL without certificates."""
    if named.uses_tls and tls is None:
        raise ValueError("expected certificates for a rediss URL")
    return Login(named.username, password_file, named.database, tls if named.uses_tls else None)
