"""`rediss`: one server, one behind sentinels and a Cluster reached over TLS, each side showing its certificate.

The Valkey that comes with the suite has no TLS; a front in the harness ends it, as strictly as Redis does by default.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
import structlog
from harness.patience import eventually
from harness.redis_nodes import Node
from harness.tls_front import TlsFront
from menshen_access.ports import StoreAwayError
from menshen_access.redis.locators import locators_of
from menshen_access.redis.resp import RespClient
from menshen_cli.local.pki import Pki
from menshen_cli.local.ports import LOOPBACK, free_port
from menshen_cli.local.secret import new_secret, write_secret
from menshen_servicekit.identity import Role, spiffe_uri
from menshen_servicekit.pki import Authority
from menshen_servicekit.supervision import Tasks
from menshen_servicekit.tls import TlsFiles

SITE = "north"
REDIS, ACCESS = spiffe_uri(Role.SERVICE, "redis"), spiffe_uri(Role.SERVICE, "access")
NAME = "campus"


class Installation:
    """Servers behind fronts, and the clients a process of access would have."""

    def __init__(self, folder: Path, pki: Pki, tasks: Tasks) -> None:
        self.folder = folder
        self.pki = pki
        self.tasks = tasks
        self.exits = AsyncExitStack()
        self.password = write_secret(folder / "password", new_secret())

    async def node(self, name: str, lines: Sequence[str], mode: Sequence[str] = ()) -> tuple[Node, TlsFront]:
        """A server that announces the port of its front; `%d` in a line is that port."""
        front = TlsFront(self.pki.tls(REDIS))
        self.exits.push_async_callback(front.close)
        told = [line.replace("%d", str(front.port)) for line in lines]
        node = Node(self.folder / name, self.password, lambda _port: told, mode)
        self.exits.push_async_callback(asyncio.to_thread, node.remove)
        await node.start()
        front.start(node.port)
        return node, front

    async def sentinels(self) -> tuple[list[TlsFront], TlsFront]:
        """Two of them over one primary; all announce their fronts."""
        _, data = await self.node("data", ["appendonly no"])
        password = self.password.read_text()
        lines = [
            f"sentinel monitor {NAME} {LOOPBACK} {data.port} 2",
            f"sentinel auth-pass {NAME} {password}",
            f"sentinel sentinel-pass {password}",
            f"sentinel announce-ip {LOOPBACK}",
            "sentinel announce-port %d",
        ]
        return [(await self.node(f"sentinel-{n}", lines, ["--sentinel"]))[1] for n in (1, 2)], data

    def client(self, url: str, tls: TlsFiles | None = None) -> RespClient:
        files = tls or self.pki.tls(ACCESS)
        [locator] = locators_of(url, [SITE], self.password, self.password, files).values()
        made = RespClient(locator)
        self.tasks.keep("redis", made.run)
        return made


@pytest.fixture
async def installation(run_folder: Path, pki: Pki, tasks: Tasks, request: Any) -> AsyncIterator[Installation]:
    folder = run_folder / f"tls-{abs(hash(request.node.name))}"
    folder.mkdir(mode=0o711)
    made = Installation(folder, pki, tasks)
    async with made.exits:
        yield made
        await tasks.close()


async def test_one_server_is_reached_over_tls(installation: Installation) -> None:
    _, front = await installation.node("one", [])

    client = installation.client(f"rediss://{LOOPBACK}:{front.port}/3")
    await asyncio.wait_for(client.wait_connected(), 10)

    assert await client.call("SET", "a", "b" * 1_000_000) == b"OK"
    assert len(await client.call("GET", "a")) == 1_000_000
    assert front.encrypted == 1


async def test_the_primary_that_sentinels_name_is_reached_over_tls(installation: Installation) -> None:
    sentinels, data = await installation.sentinels()
    hosts = ",".join(f"{LOOPBACK}:{front.port}" for front in sentinels)

    client = installation.client(f"rediss+sentinel://{hosts}/{NAME}")
    await asyncio.wait_for(client.wait_connected(), 10)

    assert await client.call("SET", "a", "b") == b"OK"
    assert data.encrypted == 1
    assert all(front.encrypted for front in sentinels)


async def test_the_holder_of_a_slot_is_reached_over_tls(installation: Installation) -> None:
    lines = ["cluster-enabled yes", f"cluster-port {free_port()}", "cluster-announce-port %d"]
    node, front = await installation.node("cluster", lines)
    assert await node.tell("CLUSTER", "ADDSLOTSRANGE", 0, 16_383) == "OK"

    client = installation.client(f"rediss+cluster://{LOOPBACK}:{front.port}")
    await asyncio.wait_for(client.wait_connected(), 20)

    assert await eventually(lambda: _stored(client)) == b"OK"
    assert front.encrypted >= 2


async def _stored(client: RespClient) -> Any:
    try:
        return await client.call("SET", f"m:{{{SITE}}}:a", "b")
    except StoreAwayError:
        return None


@pytest.fixture
def strangers(installation: Installation) -> TlsFiles:
    """A certificate of an authority nobody here knows, which trusts its own kind alone."""
    folder = installation.folder / "strangers"
    folder.mkdir()
    return Authority.create(folder, now_ms := 1_790_000_000_000).issue("access", ACCESS, now_ms)


async def told_by(client: RespClient, word: str) -> str:
    """What the log says of a connection that does not come about."""
    with structlog.testing.capture_logs() as logged:
        found = await eventually(lambda: next((one["why"] for one in logged if word in one.get("why", "")), ""))
    assert not client.is_connected
    return str(found)


async def test_a_server_of_another_authority_is_refused_and_the_log_says_so(
    installation: Installation, strangers: TlsFiles
) -> None:
    _, front = await installation.node("one", [])
    ours = installation.pki.tls(ACCESS)
    mistaken = TlsFiles(ours.certificate_file, ours.key_file, strangers.trust_file)

    client = installation.client(f"rediss://{LOOPBACK}:{front.port}", mistaken)

    why = await told_by(client, "certificate is refused")
    assert why.startswith("the server's certificate is refused: ")
    assert "issuer" in why or "self-signed" in why or "self signed" in why


async def test_a_server_under_another_name_is_refused_and_the_log_says_so(installation: Installation) -> None:
    elsewhere = installation.pki.authority.issue("redis-elsewhere", REDIS, 1_790_000_000_000, dns=["x"], ips=[])
    front = TlsFront(elsewhere)
    installation.exits.push_async_callback(front.close)
    front.start(1)

    client = installation.client(f"rediss://{LOOPBACK}:{front.port}")

    assert "IP address mismatch" in await told_by(client, "certificate is refused")


async def test_sentinels_of_another_authority_convince_nobody_and_the_log_names_them(
    installation: Installation, strangers: TlsFiles
) -> None:
    front = TlsFront(strangers)
    installation.exits.push_async_callback(front.close)
    front.start(1)

    client = installation.client(f"rediss+sentinel://{LOOPBACK}:{front.port}/{NAME}")

    why = await told_by(client, "sentinels name")
    assert why.startswith("0 of 1 sentinels name the primary")
    assert f"{LOOPBACK}:{front.port}: the server's certificate is refused" in why


async def test_a_server_without_tls_is_refused_and_the_log_says_so(installation: Installation) -> None:
    node, _ = await installation.node("one", [])

    client = installation.client(f"rediss://{LOOPBACK}:{node.port}")

    assert await told_by(client, "no ") in {"no answer in time", "no TLS with the server: WRONG_VERSION_NUMBER"}


async def test_a_server_that_refuses_our_certificate_is_never_connected(
    installation: Installation, strangers: TlsFiles
) -> None:
    _, front = await installation.node("one", [])
    ours = installation.pki.tls(ACCESS)
    mistaken = TlsFiles(strangers.certificate_file, strangers.key_file, ours.trust_file)

    client = installation.client(f"rediss://{LOOPBACK}:{front.port}", mistaken)

    assert await told_by(client, "closed the connection")


def test_a_rediss_url_without_certificates_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="certificates"):
        locators_of("rediss://a", [SITE])
