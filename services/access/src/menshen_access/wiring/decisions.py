"""The deciding half of access, wired around its connections to Redis."""

from dataclasses import dataclass

from menshen_servicekit.lifecycle import Process
from menshen_servicekit.settings import read_secret

from menshen_access.deciding import Deciding
from menshen_access.decision_metrics import DecisionMetrics
from menshen_access.events_in import EventsIn
from menshen_access.pin_checks import PinChecks
from menshen_access.ports import GateAlarms
from menshen_access.redis.records import RedisDocuments
from menshen_access.settings import AccessSettings
from menshen_access.site_views import SiteViews
from menshen_access.subject_cache import SubjectCache
from menshen_access.wiring.links import Links


@dataclass(frozen=True, slots=True, kw_only=True)
class Decisions:
    """The parts the servicers are made with."""

    views: SiteViews
    deciding: Deciding
    events: EventsIn
    metrics: DecisionMetrics


def build_decisions(process: Process[AccessSettings], links: Links, alarms: GateAlarms) -> Decisions:
    """Wire; what is opened closes with the process."""
    settings, clock, metrics = process.settings, process.clock, process.metrics
    documents = RedisDocuments(links.clients, links.generations)
    views = SiteViews(settings.sites, documents)
    caches = {site: SubjectCache(settings.cached_subjects) for site in settings.sites}
    pins = PinChecks(documents, _pepper(settings))
    process.closer.push("pin checks", pins.close)
    counted = DecisionMetrics(metrics, clock)
    return Decisions(
        views=views,
        deciding=Deciding(links.store, views, caches, pins, clock, process.tasks, counted, alarms),
        events=EventsIn(links.store, views, caches, clock, metrics),
        metrics=counted,
    )


def _pepper(settings: AccessSettings) -> bytes:
    return read_secret(settings.pin_pepper_file).encode() if settings.pin_pepper_file else b""
