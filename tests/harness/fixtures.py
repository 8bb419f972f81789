"""Fixtures for every room. A server that cannot be had fails the test; nothing is skipped.

`postgres`, `valkey`: running servers of this session (quick, not durable: a test that kills a server starts its own).
`database`: a fresh database of this test module, with a schema and a login per service.
`redis_url`: the session's Valkey, emptied (keys and Functions) for this test module; holds the password.
`pki`: a CA and the certificate of any identity. `suite`: the four services, running; durable, so tests may kill.
"""

import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from hypothesis import strategies as st
from menshen_cli.local.binaries import Taken
from menshen_cli.local.pki import Pki
from menshen_cli.local.provision import Database, copy_database, drop_database, provision
from menshen_cli.local.servers import Server, postgres_server, valkey_server
from menshen_cli.local.suite import Suite
from menshen_cli.local.valkey import ask


@pytest.fixture(scope="session", autouse=True)
def unicode_tables() -> None:
    """Let Hypothesis make its tables of Unicode, which takes seconds on a fresh checkout, outside any example."""
    st.text().validate()


@pytest.fixture(scope="session")
def run_folder() -> Iterator[Path]:
    """The folder of this test session, gone at its end; the servers' account may pass through it."""
    folder = Path(tempfile.mkdtemp(prefix="menshen-tests-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def postgres(run_folder: Path) -> Iterator[Server]:
    """A running PostgreSQL."""
    server = postgres_server(run_folder / "postgres", durable=False)
    server.start()
    yield server
    server.remove()


@pytest.fixture(scope="session")
def valkey(run_folder: Path) -> Iterator[Server]:
    """A running Valkey: `valkey.url` and `valkey.password_file` are what a service's settings take."""
    server = valkey_server(run_folder / "valkey", durable=False)
    server.start()
    if server.taken is Taken.SETTING and _ask(server, "DBSIZE").strip() != ":0":
        pytest.fail("MENSHEN_REDIS_URL names a server that holds keys; these tests would erase them")
    yield server
    server.remove()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def database_template(postgres: Server, run_folder: Path) -> Database:
    """What every test module's database is copied from; nobody connects to it."""
    folder = run_folder / "logins"
    folder.mkdir()
    return await provision(postgres, folder, "menshen_template")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def database(postgres: Server, database_template: Database) -> AsyncIterator[Database]:
    """A fresh database: `database.logins["access"].url` and `.password_file`, or `.url_with_password`."""
    fresh = await copy_database(postgres, database_template, f"menshen_test_{secrets.token_hex(4)}")
    yield fresh
    await drop_database(postgres, fresh)


@pytest.fixture(scope="module")
def redis_url(valkey: Server) -> str:
    """The URL of an emptied Valkey, password included. Never log it."""
    answers = _ask(valkey, "FLUSHALL\r\nFUNCTION FLUSH")
    assert answers.startswith("+OK\r\n+OK"), answers
    return valkey.url.replace("://", f"://:{_password(valkey)}@", 1)


def _password(server: Server) -> str:
    return server.password_file.read_text().strip() if server.password_file else ""


def _ask(server: Server, commands: str) -> str:
    parts = urlsplit(server.url)
    return ask(parts.hostname or "", parts.port or 6379, _password(server), commands)


@pytest.fixture(scope="session")
def pki(run_folder: Path) -> Pki:
    """An authority of this session: `pki.tls("spiffe://menshen/service/access")` and so on, issued when asked for."""
    folder = run_folder / "pki"
    folder.mkdir(mode=0o700)
    return Pki(folder)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def suite(run_folder: Path, request: pytest.FixtureRequest) -> AsyncIterator[Suite]:
    """The four services over servers of their own, durable, for this test module; `start_agent` adds agents."""
    async with Suite(run_folder / f"suite-{Path(str(request.node.path)).stem}") as running:
        yield running
