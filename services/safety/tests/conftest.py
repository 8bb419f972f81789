"""A running safety process on a database of its own; its access service is out of reach."""

import asyncio
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc
import pytest_asyncio
import yaml
from harness.patience import eventually
from menshen_cli.local.pki import Pki
from menshen_cli.local.provision import Database
from menshen_cli.local.roster import full_environment, process_settings, python_command, store_settings
from menshen_servicekit.channel import open_channel
from menshen_servicekit.identity import Role, spiffe_uri

SITE = "north"
OPERATOR = spiffe_uri(Role.OPERATOR, "control-room")
GUARD = spiffe_uri(Role.GUARD, "south-post", SITE)
AGENT = spiffe_uri(Role.AGENT, "north-1", SITE)
FOREIGN_AGENT = spiffe_uri(Role.AGENT, "east-1", "east")


class SafetyProcess:
    """The process, and channels to it by identity."""

    def __init__(self, folder: Path, pki: Pki, database: Database) -> None:
        self._folder = folder
        self._pki = pki
        login = database.logins["safety"]
        tls = pki.tls(spiffe_uri(Role.SERVICE, "safety"))
        self._environment = full_environment(
            {
                **process_settings(
                    tls, listen="127.0.0.1:0", address_file=folder / "address.json", environment="development"
                ),
                **store_settings("DATABASE", login.url, login.password_file),
                "MENSHEN_ACCESS_TARGET": "127.0.0.1:9",
                "MENSHEN_ESCALATE_AFTER_S": "1",
                "MENSHEN_HEARTBEAT_S": "1",
            }
        )
        self._process: asyncio.subprocess.Process | None = None
        self._channels: list[grpc.aio.Channel] = []

    async def migrate(self) -> None:
        process = await asyncio.create_subprocess_exec(
            *python_command("menshen_safety", "migrate"), env=self._environment
        )
        assert await asyncio.wait_for(process.wait(), 30) == 0

    async def start(self) -> None:
        with (self._folder / "safety.log").open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *python_command("menshen_safety"), env=self._environment, stdout=log, stderr=log
            )
        address_file = self._folder / "address.json"
        await eventually(address_file.exists, 20)
        self._address = yaml.safe_load(address_file.read_text())["grpc"]

    async def kill(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        await self._process.wait()
        (self._folder / "address.json").unlink()

    async def stop(self) -> None:
        for channel in self._channels:
            await channel.close()
        if self._process is not None and self._process.returncode is None:
            self._process.send_signal(signal.SIGTERM)
            assert await asyncio.wait_for(self._process.wait(), 40) == 0

    def stub(self, kind: Any, identity: str) -> Any:
        channel = open_channel(self._address, self._pki.tls(identity), server_name="safety", retry=False)
        self._channels.append(channel)
        return kind(channel)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def safety(tmp_path_factory: Any, pki: Pki, database: Database) -> AsyncIterator[SafetyProcess]:
    """One process for the tests of a module."""
    process = SafetyProcess(tmp_path_factory.mktemp("safety"), pki, database)
    await process.migrate()
    await process.start()
    yield process
    await process.stop()
