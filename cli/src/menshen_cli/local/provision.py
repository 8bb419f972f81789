"""The database of the suite: one schema and one login per service, and nothing of one within reach of another."""

import base64
import hashlib
import hmac
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from .binaries import require_postgres
from .secret import new_secret, write_secret
from .servers import Server

OWNERS = ("identity", "access", "vehicles", "safety")
_Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
_SCRAM_ROUNDS = 4096
_DEADLINE_S = 30.0


@dataclass(frozen=True)
class Login:
    """How one service reaches its schema: a URL without a password, and the file (0600) that holds the password."""

    url: str
    password_file: Path

    @property
    def url_with_password(self) -> str:
        """For a client that takes nothing else. Never log it."""
        parts = urlsplit(self.url)
        user, _, place = parts.netloc.rpartition("@")
        return urlunsplit(parts._replace(netloc=f"{user}:{self.password_file.read_text().strip()}@{place}"))


@dataclass(frozen=True)
class Database:
    """A provisioned database: its name, and a login per service (`identity`, `access`, `vehicles`, `safety`)."""

    name: str
    logins: Mapping[str, Login]


async def provision(server: Server, folder: Path, name: str = "menshen") -> Database:
    """Create what is missing of the database `name`, its schemas and logins; password files go to `folder`.

    Raises LocalError for a PostgreSQL older than 15.
    """
    async with administration(server) as connection:
        require_postgres(connection.get_server_version().major)
        for owner in OWNERS:
            await _create_role(connection, owner, _password(folder, owner))
        await _create_database(connection, name, template="template1")
    async with administration(server, name) as connection:
        await connection.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
        for owner in OWNERS:
            await _run(connection, "CREATE SCHEMA IF NOT EXISTS %1$I AUTHORIZATION %1$I", owner)
    return _database(server, folder, name)


async def copy_database(server: Server, source: Database, name: str) -> Database:
    """A new database like `source`, to which nobody may be connected meanwhile."""
    async with administration(server) as connection:
        await _create_database(connection, name, template=source.name)
    return Database(
        name, {owner: Login(_at(login.url, name), login.password_file) for owner, login in source.logins.items()}
    )


async def drop_database(server: Server, database: Database) -> None:
    """Remove a database, whoever is connected to it."""
    async with administration(server) as connection:
        await _run(connection, "DROP DATABASE IF EXISTS %I WITH (FORCE)", database.name)


@asynccontextmanager
async def administration(server: Server, database: str | None = None) -> AsyncIterator[_Connection]:
    """A superuser's connection to `database`, or to the administrative one."""
    password = server.password_file.read_text().strip() if server.password_file else None
    url = _at(server.url, database) if database else server.url
    connection = await asyncpg.connect(url, password=password, timeout=_DEADLINE_S, command_timeout=_DEADLINE_S)
    try:
        yield connection
    finally:
        await connection.close(timeout=_DEADLINE_S)


async def _create_role(connection: _Connection, owner: str, password: str) -> None:
    if not await connection.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", owner):
        await _run(connection, "CREATE ROLE %I LOGIN NOINHERIT", owner)
    await _run(connection, "ALTER ROLE %I PASSWORD %L", owner, _scram_verifier(password))
    await _run(connection, "ALTER ROLE %1$I SET search_path = %1$I", owner)


async def _create_database(connection: _Connection, name: str, template: str) -> None:
    if not await connection.fetchval("SELECT true FROM pg_database WHERE datname = $1", name):
        await _run(connection, "CREATE DATABASE %I TEMPLATE %I", name, template)
    await _run(connection, "REVOKE ALL ON DATABASE %I FROM PUBLIC", name)
    for owner in OWNERS:
        await _run(connection, "GRANT CONNECT, TEMPORARY ON DATABASE %I TO %I", name, owner)


async def _run(connection: _Connection, statement: str, *words: str) -> None:
    """Run a statement that takes no parameters of its own: PostgreSQL itself quotes the words into it."""
    await connection.execute(
        await connection.fetchval("SELECT format($1, VARIADIC $2::text[])", statement, list(words))
    )


def _password(folder: Path, owner: str) -> str:
    path = _password_file(folder, owner)
    if not path.exists():
        write_secret(path, new_secret())
    return path.read_text()


def _password_file(folder: Path, owner: str) -> Path:
    return folder / f"{owner}.password"


def _scram_verifier(password: str) -> str:
    """The form PostgreSQL stores (RFC 5803), so that no server log ever holds a password."""
    salt = os.urandom(16)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, _SCRAM_ROUNDS)
    stored_key = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server_key = hmac.digest(salted, b"Server Key", "sha256")
    shown = [base64.b64encode(part).decode() for part in (salt, stored_key, server_key)]
    return f"SCRAM-SHA-256${_SCRAM_ROUNDS}:{shown[0]}${shown[1]}:{shown[2]}"


def _database(server: Server, folder: Path, name: str) -> Database:
    logins = {}
    for owner in OWNERS:
        parts = urlsplit(_at(server.url, name))
        url = urlunsplit(parts._replace(netloc=f"{owner}@{parts.netloc.rpartition('@')[2]}"))
        logins[owner] = Login(url, _password_file(folder, owner))
    return Database(name, logins)


def _at(url: str, database: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))
