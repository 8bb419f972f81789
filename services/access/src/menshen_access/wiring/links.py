"""The connections of a process to Redis."""

from dataclasses import dataclass
from typing import Final

from menshen_servicekit.lifecycle import Process

from menshen_access.redis.commit import RedisStore
from menshen_access.redis.generation import SiteGenerations
from menshen_access.redis.locator import Place, SingleNode, place_of
from menshen_access.redis.records import RedisProjection
from menshen_access.redis.resp import RespClient, RespLimits
from menshen_access.redis.stream import RedisEventStream
from menshen_access.settings import AccessSettings

_BULK_LIMITS: Final = RespLimits(timeout_s=5.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """`client` carries what cannot wait; what is large or waits in Redis has connections of its own."""

    client: RespClient
    generations: SiteGenerations
    store: RedisStore
    projection: RedisProjection
    bulk: RespClient

    def stream(self) -> RedisEventStream:
        """The streams of all sites for whoever asks how long they are."""
        return RedisEventStream(dict.fromkeys(self.generations.keys, self.bulk))


def connect(process: Process[AccessSettings]) -> Links:
    """Every client connects on its own and keeps at it; what it holds closes with the process."""
    settings = process.settings
    place, generations = _place(settings), SiteGenerations(settings.sites)
    limits = RespLimits(timeout_s=settings.redis_timeout_ms / 1000, max_waiting=settings.redis_max_waiting)
    client = RespClient(SingleNode(place), limits, generations.prepare, generations.forget_all)
    generations.attach(client)
    process.tasks.keep("redis", client.run)
    process.tasks.keep("generations", generations.watch)
    bulk = _bulk(process, "redis_projection", place)
    return Links(
        client=client,
        generations=generations,
        store=RedisStore(client, generations, settings.stream_limit),
        projection=RedisProjection(bulk, generations),
        bulk=bulk,
    )


def connect_stream(process: Process[AccessSettings]) -> RedisEventStream:
    """The streams of all sites for whoever drains them: a connection per site, because reading waits."""
    place = _place(process.settings)
    return RedisEventStream({site: _bulk(process, f"redis_stream:{site}", place) for site in process.settings.sites})


def _bulk(process: Process[AccessSettings], title: str, place: Place) -> RespClient:
    client = RespClient(SingleNode(place), _BULK_LIMITS)
    process.tasks.keep(title, client.run)
    return client


def _place(settings: AccessSettings) -> Place:
    return place_of(settings.redis_url, settings.redis_password_file, settings.trust_file)
