"""Both servers: started, stopped, killed and started again, and never where they do not belong."""

import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest
from menshen_cli.local.binaries import Taken, require_postgres, require_redis
from menshen_cli.local.language import LocalError
from menshen_cli.local.provision import Database, Login, administration, provision
from menshen_cli.local.servers import GivenServer, OwnServer, Server, postgres_server, valkey_server
from menshen_cli.local.valkey import ask


@pytest.fixture
def own_folder(run_folder: Path, request: pytest.FixtureRequest) -> Path:
    folder = run_folder / request.node.name
    folder.mkdir(mode=0o711)
    return folder


@pytest.fixture
def durable_postgres(own_folder: Path) -> Iterator[OwnServer]:
    server = postgres_server(own_folder / "postgres")
    assert isinstance(server, OwnServer)
    server.start()
    yield server
    server.remove()


@pytest.fixture
def durable_valkey(own_folder: Path) -> Iterator[OwnServer]:
    server = valkey_server(own_folder / "valkey")
    assert isinstance(server, OwnServer)
    server.start()
    yield server
    server.remove()


def tell(server: OwnServer, command: str) -> str:
    return ask("127.0.0.1", server.port, server.password_file.read_text(), command)


async def test_a_killed_postgres_keeps_what_was_committed_and_returns_on_its_port(durable_postgres: OwnServer) -> None:
    port = durable_postgres.port
    async with administration(durable_postgres) as connection:
        await connection.execute("CREATE TABLE kept (word text)")
        await connection.execute("INSERT INTO kept VALUES ('here')")

        durable_postgres.kill()
        durable_postgres.restart()

    async with administration(durable_postgres) as connection:
        assert await connection.fetchval("SELECT word FROM kept") == "here"
    assert durable_postgres.port == port


async def test_a_killed_valkey_keeps_its_append_only_file_and_returns_on_its_port(durable_valkey: OwnServer) -> None:
    port = durable_valkey.port
    assert tell(durable_valkey, "SET kept here").startswith("+OK")

    durable_valkey.kill()
    durable_valkey.restart()

    assert "here" in tell(durable_valkey, "GET kept")
    assert durable_valkey.port == port


def test_a_stopped_server_leaves_no_process_and_no_listener(durable_valkey: OwnServer) -> None:
    durable_valkey.stop()

    assert durable_valkey.pid is None
    assert tell(durable_valkey, "PING") == ""


def test_passwords_are_required_and_lie_in_files_of_their_owner_only(durable_valkey: OwnServer) -> None:
    assert ask("127.0.0.1", durable_valkey.port, "", "PING").startswith("-NOAUTH")
    assert stat.S_IMODE(durable_valkey.password_file.stat().st_mode) == 0o600
    assert durable_valkey.password_file.read_text() not in durable_valkey.url


def test_valkey_never_evicts_and_appends_every_write(durable_valkey: OwnServer) -> None:
    assert "noeviction" in tell(durable_valkey, "CONFIG GET maxmemory-policy")
    assert "yes" in tell(durable_valkey, "CONFIG GET appendonly")


async def test_postgres_listens_on_loopback_alone_and_forgets_nothing(durable_postgres: OwnServer) -> None:
    async with administration(durable_postgres) as connection:
        assert await connection.fetchval("SHOW listen_addresses") == "127.0.0.1"
        assert await connection.fetchval("SHOW unix_socket_directories") == ""
        assert await connection.fetchval("SHOW fsync") == "on"
        assert await connection.fetchval("SHOW password_encryption") == "scram-sha-256"


async def test_a_folder_closed_to_others_does_not_stop_the_servers(own_folder: Path) -> None:
    closed = own_folder / "private home"
    closed.mkdir(mode=0o700)
    server = postgres_server(closed / "postgres", durable=False)

    server.start()
    try:
        async with administration(server) as connection:
            assert await connection.fetchval("SELECT 1") == 1
    finally:
        server.remove()


@pytest.mark.parametrize("make", [postgres_server, valkey_server])
def test_production_refuses_servers_of_our_own(make: object, own_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MENSHEN_ENVIRONMENT", "production")
    assert callable(make)

    with pytest.raises(LocalError, match="production"):
        make(own_folder / "server")


def test_a_url_setting_is_taken_first_and_its_password_moves_to_a_file(
    own_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MENSHEN_ENVIRONMENT", "production")
    monkeypatch.setenv("MENSHEN_DATABASE_URL", "postgresql://admin:s3cret@127.0.0.1:1/postgres")

    server = postgres_server(own_folder / "given")

    assert isinstance(server, GivenServer)
    assert server.taken is Taken.SETTING
    assert server.url == "postgresql://admin@127.0.0.1:1/postgres"
    assert server.password_file is not None
    assert server.password_file.read_text() == "s3cret"
    with pytest.raises(LocalError, match=r"127\.0\.0\.1:1"):
        server.start()
    with pytest.raises(LocalError, match="not ours"):
        server.kill()


def test_given_sentinels_are_there_when_one_of_them_answers(own_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        monkeypatch.setenv("MENSHEN_REDIS_URL", f"redis+sentinel://127.0.0.1:1,127.0.0.1:{port},127.0.0.1:1/campus")
        valkey_server(own_folder / "given").start()

    with pytest.raises(LocalError, match=r"nothing answers at 127\.0\.0\.1:1"):
        valkey_server(own_folder / "given").start()


def test_a_given_url_that_names_no_redis_says_what_is_expected(
    own_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MENSHEN_LANGUAGE", "en_GB.UTF-8")
    monkeypatch.setenv("MENSHEN_REDIS_URL", "redis+sentinel://127.0.0.1:1")

    with pytest.raises(LocalError, match="MENSHEN_REDIS_URL: expected the name of the primary"):
        valkey_server(own_folder / "given").start()


def test_versions_without_what_we_need_are_refused_in_both_languages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MENSHEN_LANGUAGE", "zh_CN.UTF-8")
    with pytest.raises(LocalError, match="PostgreSQL 14 版本过低") as postgres:
        require_postgres(14)
    with pytest.raises(LocalError, match=r"Redis 6\.2 版本过低") as redis:
        require_redis((6, 2))

    assert "15 or newer" in postgres.value.en
    assert "7.0 or newer" in redis.value.en


async def connected(login: Login) -> "asyncpg.Connection[asyncpg.Record]":
    return await asyncpg.connect(login.url, password=login.password_file.read_text(), timeout=10)


async def test_a_service_owns_its_schema_and_sees_no_other(database: Database) -> None:
    access = await connected(database.logins["access"])
    identity = await connected(database.logins["identity"])
    try:
        await identity.execute("CREATE TABLE cardholder (id text)")
        assert await identity.fetchval("SELECT to_regclass('identity.cardholder') IS NOT NULL")

        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await access.fetch("SELECT * FROM identity.cardholder")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await access.execute("CREATE TABLE public.mine (id text)")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await access.execute("CREATE SCHEMA other")
    finally:
        await access.close(timeout=5)
        await identity.close(timeout=5)


async def test_provisioning_twice_changes_nothing(postgres: Server, database: Database) -> None:
    folder = database.logins["access"].password_file.parent

    again = await provision(postgres, folder, database.name)

    assert again == database
    connection = await connected(again.logins["safety"])
    await connection.close(timeout=5)
