"""The deciding half of access, wired around one connection to Redis."""

from dataclasses import dataclass

from menshen_servicekit.lifecycle import Process
from menshen_servicekit.settings import read_secret

from menshen_access.deciding import Deciding
from menshen_access.decision_metrics import DecisionMetrics
from menshen_access.events_in import EventsIn
from menshen_access.pin_checks import PinChecks
from menshen_access.redis.commit import RedisStore
from menshen_access.redis.generation import SiteGenerations
from menshen_access.redis.locator import Place, SingleNode, place_of
from menshen_access.redis.records import RedisDocuments, RedisProjection
from menshen_access.redis.resp import RespClient, RespLimits
from menshen_access.redis.stream import RedisEventStream
from menshen_access.settings import AccessSettings
from menshen_access.site_views import SiteViews
from menshen_access.subject_cache import SubjectCache

_READER_LIMITS = RespLimits(timeout_s=5.0)
_PROJECTION_LIMITS = RespLimits(timeout_s=5.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decisions:
    """The parts the servicers and the background are made with."""

    client: RespClient
    generations: SiteGenerations
    projection: RedisProjection
    stream: RedisEventStream
    views: SiteViews
    deciding: Deciding
    events: EventsIn
    metrics: DecisionMetrics


def build_decisions(process: Process[AccessSettings]) -> Decisions:
    """Wire and start: every client connects on its own and keeps at it; what it holds closes with the process.

    Decisions have a connection of their own; projecting and reading the stream never stand before them in a queue.
    """
    settings, clock, metrics = process.settings, process.clock, process.metrics
    place = place_of(settings.redis_url, settings.redis_password_file, settings.trust_file)
    generations = SiteGenerations(settings.sites)
    limits = RespLimits(timeout_s=settings.redis_timeout_ms / 1000, max_waiting=settings.redis_max_waiting)
    client = RespClient(SingleNode(place), limits, generations.prepare, generations.forget_all)
    generations.attach(client)
    process.tasks.keep("redis", client.run)
    process.tasks.keep("generations", generations.watch)
    bulk = _client(process, "redis_projection", place, _PROJECTION_LIMITS)
    readers = {site: _client(process, f"redis_stream:{site}", place, _READER_LIMITS) for site in settings.sites}
    documents = RedisDocuments(client, generations)
    views = SiteViews(settings.sites, documents)
    caches = {site: SubjectCache(settings.cached_subjects) for site in settings.sites}
    store = RedisStore(client, generations, settings.stream_limit)
    pins = PinChecks(documents, _pepper(settings))
    process.closer.push("pin checks", pins.close)
    counted = DecisionMetrics(metrics, clock)
    return Decisions(
        client=client,
        generations=generations,
        projection=RedisProjection(bulk, generations),
        stream=RedisEventStream(readers),
        views=views,
        deciding=Deciding(store, views, caches, pins, clock, process.tasks, counted),
        events=EventsIn(store, views, caches, clock, metrics),
        metrics=counted,
    )


def _client(process: Process[AccessSettings], title: str, place: Place, limits: RespLimits) -> RespClient:
    client = RespClient(SingleNode(place), limits)
    process.tasks.keep(title, client.run)
    return client


def _pepper(settings: AccessSettings) -> bytes:
    return read_secret(settings.pin_pepper_file).encode() if settings.pin_pepper_file else b""
