"""The keeping half of access, wired: what one process at a time does for a site, so that others may decide."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial

import grpc
from menshen_servicekit.channel import open_channel
from menshen_servicekit.ids import Uuid7Factory
from menshen_servicekit.lifecycle import Process
from menshen_servicekit.postgres import Connection

from menshen_access.alarming import AlarmCourier
from menshen_access.announcing import Announcer
from menshen_access.archive_watch import ArchiveWatch
from menshen_access.closing import ClosureWatch
from menshen_access.domain.retention import RetentionClass
from menshen_access.domain.retirements import Source
from menshen_access.forgetting import Forgetting
from menshen_access.keeping import Duty, SiteKeeper
from menshen_access.order_expiry import OrderExpiry
from menshen_access.peers.alarms import SafetyRoom
from menshen_access.peers.office import IdentityOffice
from menshen_access.peers.sources import IdentitySources
from menshen_access.peers.subject_feeds import IdentityFeed, VehicleFeed
from menshen_access.postgres.archive_state import ArchiveState
from menshen_access.postgres.ledgers import LeasedLedger
from menshen_access.postgres.shadow_pages import ShadowPages
from menshen_access.postgres.sites import Leases
from menshen_access.postgres.versions import Versions
from menshen_access.postgres.whole_days import WholeDays
from menshen_access.projecting import Projector, SubjectFeed
from menshen_access.publishing import Publisher
from menshen_access.rebuilding import Rebuilder, RegisterKeeper
from menshen_access.recording import EventStream, Recorder
from menshen_access.retaining import Retention
from menshen_access.retiring import RetirementCourier
from menshen_access.reviewing import Reviewing
from menshen_access.securing import SecuredDoors, SecuredWatch
from menshen_access.settings import AccessSettings
from menshen_access.shadow_keeper import ShadowKeeper
from menshen_access.source_watch import SourceWatch
from menshen_access.tripwire import Tripwire
from menshen_access.uploading import LateMerger
from menshen_access.wiring.links import Links
from menshen_access.wiring.stores import BACKOFF, Stores, read_snapshot_key
from menshen_access.witnessing import Witness

Channels = Mapping[str, grpc.aio.Channel]


def open_channels(process: Process[AccessSettings]) -> Channels:
    """Channels to the services access follows and tells; they close with the process."""
    settings = process.settings
    targets = {
        "identity": settings.identity_target,
        "vehicles": settings.vehicles_target,
        "safety": settings.safety_target,
    }
    channels = {name: open_channel(target, process.tls, server_name=name) for name, target in targets.items()}
    for name, channel in channels.items():
        process.closer.push(f"{name} channel", channel.close)
    return channels


def duties_of(
    process: Process[AccessSettings], stores: Stores, links: Links, stream: EventStream, channels: Channels
) -> list[Duty]:
    """Everything this process does for its sites, each for as long as it is run; nothing is started."""
    parts = _Parts(process, stores, links, stream, channels)
    sites = process.settings.sites
    return [
        stores.notices(),
        ("alarm_courier", parts.deliver),
        *((f"site:{site}", parts.keeper(site).keep) for site in sites),
    ]


class _Parts:
    """Builds the duties of one process."""

    def __init__(
        self,
        process: Process[AccessSettings],
        stores: Stores,
        links: Links,
        stream: EventStream,
        channels: Channels,
    ) -> None:
        self._process = process
        self._stores = stores
        self._links = links
        self._stream = stream
        self._channels = channels
        self._leases = Leases(stores.pool, stores.sites)

    def keeper(self, site: str) -> SiteKeeper[Connection]:
        process, stores = self._process, self._stores

        def record(lease: Connection) -> Callable[[], Awaitable[None]]:
            ledger = LeasedLedger(stores.history, lease)
            return Recorder(site, self._stream, ledger, process.clock, stores.board, process.metrics).run

        return SiteKeeper(site, self._leases, record, self._duties(site), process.metrics, BACKOFF)

    async def deliver(self) -> None:
        process, stores = self._process, self._stores
        courier = AlarmCourier(stores.outbox, SafetyRoom(self._channels["safety"]), stores.board, process.metrics)
        async with self._leases.hold("alarms"):
            await courier.run(process.settings.sites)

    def _duties(self, site: str) -> list[Duty]:
        stores, links, clock = self._stores, self._links, self._process.clock
        board, presence, generations, apply = stores.board, stores.presence, links.generations, links.store.apply
        publisher = Publisher(site, stores.subjects, stores.administration, links.projection, generations, board)
        rebuilder = Rebuilder(site, generations, publisher, links.projection, presence, apply, clock)
        return [
            ("rebuild", rebuilder.run),
            ("publish_records", publisher.follow_records),
            ("publish_documents", publisher.follow_documents),
            ("merge_late", LateMerger(site, presence, apply, generations, board).follow),
            ("registers", RegisterKeeper(site, presence, board, clock).follow),
            ("expire_reviews", partial(Reviewing(stores.reviews, board, clock).expire, site)),
            ("announce", Announcer(site, stores.public_notices, board, clock).follow),
            ("end_orders", OrderExpiry(site, stores.orders, board, clock).follow),
            ("shadows", ShadowKeeper(site, ShadowPages(stores.pool), board, clock).follow),
            ("forget_uses", Forgetting(site, presence, links.projection, generations, clock).follow),
            self._retention(site),
            self._closure_alarms(site),
            *self._source_watch(site),
            self._secured_alarms(site),
            self._tripwire(site),
            self._archive_watch(site),
            *self._retirements(site),
            *self._projections(site, publisher),
            *self._witness(site),
        ]

    def _retention(self, site: str) -> Duty:
        settings, stores = self._process.settings, self._stores
        days = {RetentionClass.HEALTH: settings.health_days, RetentionClass.IDENTITY: settings.identity_days}
        if settings.core_days:
            days[RetentionClass.CORE] = settings.core_days
        whole_days, versions = WholeDays(stores.pool, settings.sites), Versions(stores.pool)
        clock, query_days = self._process.clock, settings.query_log_days
        return "retention", Retention(site, stores.retained, whole_days, versions, days, query_days, clock).follow

    def _closure_alarms(self, site: str) -> Duty:
        process, stores = self._process, self._stores
        wait_ms = process.settings.closure_approval_s * 1000
        watch = ClosureWatch(site, stores.closures, stores.board, process.clock, Uuid7Factory(process.clock), wait_ms)
        return "closure_alarms", watch.follow

    def _source_watch(self, site: str) -> list[Duty]:
        stores, clock = self._stores, self._process.clock
        new_id = Uuid7Factory(clock)
        feed, plans = IdentitySources(self._channels["identity"]), stores.public_notices
        watch = SourceWatch(site, feed, plans, stores.fact_sources, stores.board, clock, new_id)
        return [("hear_sources", watch.listen), ("source_watch", watch.follow)]

    def _secured_alarms(self, site: str) -> Duty:
        stores, clock = self._stores, self._process.clock
        doors = SecuredDoors(stores.administration, stores.public_notices, stores.door_reports, clock)
        watch = SecuredWatch(site, doors, stores.door_reports, stores.board, clock, Uuid7Factory(clock))
        return "secured_alarms", watch.follow

    def _tripwire(self, site: str) -> Duty:
        stores, clock = self._stores, self._process.clock
        watch = Tripwire(site, stores.tripwires, stores.public_notices, stores.board, clock, Uuid7Factory(clock))
        return "tripwire", watch.follow

    def _archive_watch(self, site: str) -> Duty:
        process, stores = self._process, self._stores
        archive, new_id = ArchiveState(stores.pool), Uuid7Factory(process.clock)
        watch = ArchiveWatch(site, archive, stores.outbox, stores.board, process.clock, new_id, process.metrics)
        return "archive_watch", watch.follow

    def _retirements(self, site: str) -> list[Duty]:
        stores, office = self._stores, IdentityOffice(self._channels["identity"])
        courier = RetirementCourier(site, stores.retirements, office, stores.board, self._process.metrics)
        return [(f"retire_{source.value}", partial(courier.follow, source)) for source in Source]

    def _witness(self, site: str) -> list[Duty]:
        settings, clock, reader = self._process.settings, self._process.clock, self._stores.reader
        folder = settings.heads_folder
        if folder is None:
            return []
        sign = read_snapshot_key(settings.snapshot_key_file).sign
        return [("witness", Witness(site, reader, sign, folder, clock).run)]

    def _projections(self, site: str, publisher: Publisher) -> list[Duty]:
        channels, stores, metrics = self._channels, self._stores, self._process.metrics
        feeds: tuple[SubjectFeed, ...] = (
            IdentityFeed(channels["identity"]),
            VehicleFeed(channels["vehicles"]),
        )
        duties: list[Duty] = []
        for feed in feeds:
            projector = Projector(site, feed, stores.subjects, publisher, stores.board, metrics)
            duties.append((f"project_{feed.title}", projector.follow_all))
            duties.append((f"revoke_{feed.title}", projector.follow_revocations))
        return duties
