"""The connections of a process to Redis."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from menshen_servicekit.lifecycle import Process

from menshen_access.redis.commit import RedisStore
from menshen_access.redis.connection import Connection
from menshen_access.redis.generation import SiteGenerations
from menshen_access.redis.locator import Locator
from menshen_access.redis.locators import locators_of
from menshen_access.redis.records import RedisProjection
from menshen_access.redis.resp import RespClient, RespLimits, SiteClients
from menshen_access.redis.stream import RedisEventStream
from menshen_access.settings import AccessSettings

_BULK_LIMITS: Final = RespLimits(timeout_s=5.0)


class PrimaryLinks:
    """The connections of a process to one primary, for the sites it holds.

    `client` carries what cannot wait; what is large or waits in Redis has connections of its own, which follow it: when
    it loses the primary, or finds one, the others look for it anew, though they would wait longer for an answer.
    """

    def __init__(
        self, process: Process[AccessSettings], sites: Sequence[str], locator: Locator, generations: SiteGenerations
    ) -> None:
        settings = process.settings
        limits = RespLimits(timeout_s=settings.redis_timeout_ms / 1000, max_waiting=settings.redis_max_waiting)
        self.sites = tuple(sites)
        self._process = process
        self._locator = locator
        self._generations = generations
        self._followers: list[RespClient] = []
        self.client = RespClient(locator, limits, self._prepare, self._lost)
        self._suffix = "" if self.sites == tuple(settings.sites) else f":{self.sites[0]}"
        self.bulk = self.follower(f"redis_projection{self._suffix}")

    def run(self) -> None:
        """Connect, and keep at it for as long as the process lives."""
        self._process.tasks.keep(f"redis{self._suffix}", self.client.run)

    def follower(self, title: str) -> RespClient:
        """One more connection, which connects on its own and keeps at it."""
        client = RespClient(self._locator, _BULK_LIMITS)
        self._followers.append(client)
        self._process.tasks.keep(title, client.run)
        return client

    async def _prepare(self, connection: Connection) -> None:
        await self._generations.prepare(connection, self.sites)
        for client in self._followers:
            client.retry()

    def _lost(self) -> None:
        self._generations.forget(self.sites)
        for client in self._followers:
            client.relocate("the primary was lost")


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """What a process reaches Redis with; `primaries` has one entry per primary the settings tell apart."""

    primaries: tuple[PrimaryLinks, ...]
    clients: SiteClients
    bulk: SiteClients
    generations: SiteGenerations
    store: RedisStore
    projection: RedisProjection

    def stream(self) -> RedisEventStream:
        """The streams of all sites for whoever asks how long they are."""
        return RedisEventStream(self.bulk)

    def drain(self) -> RedisEventStream:
        """The streams of all sites for whoever drains them: a connection per site, because reading waits."""
        return RedisEventStream(
            {site: primary.follower(f"redis_stream:{site}") for primary in self.primaries for site in primary.sites}
        )


def connect(process: Process[AccessSettings]) -> Links:
    """Every client connects on its own and keeps at it; what it holds closes with the process."""
    settings = process.settings
    generations = SiteGenerations(settings.sites)
    found = locators_of(
        settings.redis_url,
        settings.sites,
        settings.redis_password_file,
        settings.redis_sentinel_password_file,
        process.tls,
    )
    primaries = tuple(PrimaryLinks(process, sites, locator, generations) for sites, locator in found.items())
    clients = {site: primary.client for primary in primaries for site in primary.sites}
    bulk = {site: primary.bulk for primary in primaries for site in primary.sites}
    generations.attach(clients)
    for primary in primaries:
        primary.run()
    process.tasks.keep("generations", generations.watch)
    return Links(
        primaries=primaries,
        clients=clients,
        bulk=bulk,
        generations=generations,
        store=RedisStore(clients, generations, settings.stream_limit),
        projection=RedisProjection(bulk, generations),
    )
