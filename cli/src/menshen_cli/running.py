"""A way into the suite that runs on this machine, for commands in another terminal."""

import json
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import grpc
from menshen_servicekit.channel import open_channel
from menshen_servicekit.identity import Role, spiffe_uri
from menshen_servicekit.tls import TlsFiles

from menshen_cli.local.language import LocalError
from menshen_cli.local.pki import Pki
from menshen_cli.local.runfolder import default_folder, published_addresses

_AGENT_PREFIX = "agent-"
_FOLDERS = ("run", "demo")


def operator_uri(name: str) -> str:
    """An operator of all sites at this terminal."""
    return spiffe_uri(Role.OPERATOR, f"terminal-{name}")


class RunningSuite:
    """Channels to the processes of the suite in a folder, called as one identity; `async with` closes them.

    Without a folder the one of `menshen up` is taken, else that of `menshen demo`. Raises LocalError when none runs.
    """

    def __init__(self, uri: str, folder: Path | None = None) -> None:
        self._folder, self._addresses = _find(folder)
        self._tls: TlsFiles = Pki(self._folder / "pki").tls(uri)
        self._channels: list[grpc.aio.Channel] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for channel in self._channels:
            await channel.close()

    def channel(self, service: str) -> grpc.aio.Channel:
        """A channel to a service. LocalError when the suite does not run it."""
        return self._open(self._address(service), service)

    def agents(self) -> dict[str, grpc.aio.Channel]:
        """A channel to every device agent, by agent id."""
        names = [name for name in self._addresses if name.startswith(_AGENT_PREFIX)]
        return {name.removeprefix(_AGENT_PREFIX): self._open(self._address(name), "localhost") for name in names}

    def _address(self, name: str) -> str:
        if name not in self._addresses:
            raise LocalError(f"no {name} runs in {self._folder}", f"{self._folder} 中没有运行 {name}")
        # A restarted agent listens elsewhere: its own file is fresher than what the suite published.
        own = self._folder / "addresses" / f"{name}.json"
        known = json.loads(own.read_text()) if own.is_file() else self._addresses[name]
        return str(known["grpc"])

    def _open(self, address: str, server_name: str) -> grpc.aio.Channel:
        channel = open_channel(address, self._tls, server_name=server_name)
        self._channels.append(channel)
        return channel


def _find(folder: Path | None) -> tuple[Path, dict[str, Any]]:
    if folder is not None:
        return folder, published_addresses(folder)
    for name in _FOLDERS[:-1]:
        try:
            return default_folder(name), published_addresses(default_folder(name))
        except LocalError:
            continue
    return default_folder(_FOLDERS[-1]), published_addresses(default_folder(_FOLDERS[-1]))
