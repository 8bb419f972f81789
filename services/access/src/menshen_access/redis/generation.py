"""Generations of sites: which life of the Redis data commits belong to."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from menshen_access.domain.store import SiteState, Standing
from menshen_access.ports import StoreAwayError, Unwatch
from menshen_access.redis.connection import CommandRefusedError, Connection
from menshen_access.redis.keys import SiteKeys
from menshen_access.redis.library import BEGIN, READY
from menshen_access.redis.resp import RespClient, SiteClients, load_functions

_RETRY_S = 0.2


class SiteGenerations:
    """Implements ports.Generations for the sites of this process.

    `prepare` belongs to the client: it loads the library and reads every head before a connection takes commands.
    """

    def __init__(self, sites: Iterable[str]) -> None:
        self.keys = {site: SiteKeys(site) for site in sites}
        self._clients: SiteClients = {}
        self._run_ids: dict[str, str] = {}
        self._current: dict[str, int] = {}
        self._changed = asyncio.Event()
        self._watches: dict[str, list[Callable[[], None]]] = {site: [] for site in self.keys}

    def attach(self, clients: SiteClients) -> None:
        """The clients whose `prepare` this is; once, before they run."""
        self._clients = clients

    def current(self, site: str) -> int | None:
        return self._current.get(site)

    def watch_turns(self, site: str, tell: Callable[[], None]) -> Unwatch:
        tells = self._watches[site]
        tells.append(tell)

        def unwatch() -> None:
            if tell in tells:
                tells.remove(tell)

        return unwatch

    async def prepare(self, connection: Connection, sites: Sequence[str] = ()) -> None:
        """Load the functions, learn the server's run id and where the sites held there stand: all without `sites`."""
        held = sites or tuple(self.keys)
        self.forget(held)
        await load_functions(connection)
        run_id = _run_id_of(await connection.call("INFO", "server"))
        self._run_ids.update(dict.fromkeys(held, run_id))
        for site in held:
            self._note(site, await self._standing(connection, site))

    def doubt(self, site: str) -> None:
        """A commit was refused: nothing is known of the site until its head has been read again."""
        self._turn(site, None)

    def forget_all(self) -> None:
        """The connection of every site is gone."""
        self.forget(tuple(self.keys))

    def forget(self, sites: Iterable[str]) -> None:
        """The connection of these sites is gone."""
        for site in sites:
            self._turn(site, None)

    async def inspect(self, site: str) -> Standing:
        standing = await self._standing(self._connected(site), site)
        self._note(site, standing)
        return standing

    async def begin(self, site: str, seen: Standing) -> int | None:
        run_id = await self._connected(site).call("HGET", self.keys[site].head, "run_id")
        if ((run_id or b"").decode() == self._run_ids[site]) is not seen.bound:
            return None
        answer = await self._connected(site).call(
            "FCALL",
            BEGIN,
            1,
            self.keys[site].head,
            seen.generation,
            seen.state.value,
            run_id or "",
            self._run_ids[site],
        )
        self._turn(site, None)
        return int(answer[1]) if answer[0] == b"OK" else None

    async def ready(self, site: str, generation: int) -> bool:
        answer = await self._connected(site).call(
            "FCALL", READY, 1, self.keys[site].head, generation, self._run_ids[site]
        )
        if answer[0] == b"OK":
            self._note(site, Standing(generation, SiteState.READY, bound=True))
        return bool(answer[0] == b"OK")

    async def tell_progress(self, site: str, share: float) -> None:
        await self._connected(site).call("HSET", self.keys[site].head, "rebuilt", f"{share:.3f}")

    async def progress(self, site: str) -> float:
        state, share = await self._connected(site).call("HMGET", self.keys[site].head, "state", "rebuilt")
        return 1.0 if state == SiteState.READY.value.encode() else float(share or 0)

    async def has_plan(self, site: str) -> bool:
        return bool(await self._connected(site).call("EXISTS", self.keys[site].plan))

    async def lost(self, site: str) -> Standing:
        while True:
            try:
                standing = await self.inspect(site)
            except (StoreAwayError, CommandRefusedError):
                await asyncio.sleep(_RETRY_S)
                continue
            if not standing.usable:
                return standing
            await self._wait_until_doubted(site)

    async def watch(self) -> None:
        """Learn of sites that another process has made ready; runs as long as the process does."""
        while True:
            for site in self.keys:
                if site not in self._current:
                    await self._look_again(site)
            await asyncio.sleep(_RETRY_S)

    async def watch_current(self, report: Callable[[str, bool], None]) -> None:
        """Report for ever, of each site by itself, whether it takes decisions."""
        while True:
            changed = self._changed
            for site in self.keys:
                report(site, site in self._current)
            await changed.wait()

    async def _look_again(self, site: str) -> None:
        try:
            await self.inspect(site)
        except (StoreAwayError, CommandRefusedError):
            return

    async def _wait_until_doubted(self, site: str) -> None:
        while site in self._current:
            await self._changed.wait()

    def _connected(self, site: str) -> RespClient:
        if site not in self._run_ids:
            raise StoreAwayError("not connected to Redis")
        return self._clients[site]

    async def _standing(self, connection: "Connection | RespClient", site: str) -> Standing:
        head: list[Any] = await connection.call("HMGET", self.keys[site].head, "generation", "state", "run_id")
        generation, state, run_id = ((value or b"").decode() for value in head)
        return Standing(int(generation or 0), SiteState(state or "EMPTY"), run_id == self._run_ids[site])

    def _note(self, site: str, standing: Standing) -> None:
        self._turn(site, standing.generation if standing.usable else None)

    def _turn(self, site: str, generation: int | None) -> None:
        """Keep what is current and tell of a change; who waited looks again and waits for the next one."""
        if self._current.get(site) == generation:
            return
        if generation is None:
            del self._current[site]
        else:
            self._current[site] = generation
        self._changed.set()
        self._changed = asyncio.Event()
        for tell in tuple(self._watches[site]):
            tell()


def _run_id_of(info: bytes) -> str:
    for line in info.decode().splitlines():
        if line.startswith("run_id:"):
            return line.removeprefix("run_id:").strip()
    raise StoreAwayError("the server names no run id")
