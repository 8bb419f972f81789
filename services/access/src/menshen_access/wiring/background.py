"""Everything of access beside its decisions, wired: what is recorded, projected, rebuilt, administered and read.

`build_background` connects nothing and starts nothing; `Background.start` hands the tasks to their owner.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import grpc
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from menshen_rulebook.records import SCHEMA
from menshen_servicekit.clock import Clock
from menshen_servicekit.ids import Uuid7Factory
from menshen_servicekit.postgres import Connection, Pool
from menshen_servicekit.supervision import Backoff, Tasks
from menshen_servicekit.telemetry import Metrics

from menshen_access.alarming import AlarmCourier, AlarmQueue
from menshen_access.assigning import Assigning
from menshen_access.domain.store import EventAnswer, Happening
from menshen_access.edge_sync import Ed25519Signer, EdgeSync, SharedShelf
from menshen_access.feeding import Feeding
from menshen_access.holding import Holding
from menshen_access.keeping import Duty, SiteKeeper
from menshen_access.noticeboard import Noticeboard
from menshen_access.peers.alarms import SafetyRoom
from menshen_access.peers.subject_feeds import IdentityFeed, VehicleFeed
from menshen_access.planning import Planning
from menshen_access.ports import Generations, Projection
from menshen_access.postgres.administration import Administration
from menshen_access.postgres.alarms import Outbox
from menshen_access.postgres.history import History
from menshen_access.postgres.ledgers import LeasedLedger, PooledLedger
from menshen_access.postgres.partitions import Partitions
from menshen_access.postgres.presence import PresenceHistory
from menshen_access.postgres.reading import HistoryReader
from menshen_access.postgres.reviews import Reviews
from menshen_access.postgres.sites import Leases, Sites, listen
from menshen_access.postgres.subjects import Subjects
from menshen_access.presence_desk import PresenceDesk
from menshen_access.projecting import Projector, SubjectFeed
from menshen_access.publishing import Publisher
from menshen_access.querying import Querying
from menshen_access.rebuilding import Progress, Rebuilder, RegisterKeeper
from menshen_access.recording import EventStream, Recorder
from menshen_access.reviewing import ReviewEnds, Reviewing
from menshen_access.rpc.administration import AdministrationServicer
from menshen_access.rpc.convert_admin import ServedSites
from menshen_access.rpc.edge import Prepare, SyncEdgeCall, UploadCall
from menshen_access.rpc.events import EventServicer
from menshen_access.rpc.reviews import ReviewServicer
from menshen_access.uploading import LateMerger, Uploading
from menshen_access.watermarks import SpoolWatermarks
from menshen_access.wiring.in_force import InForce
from menshen_access.witnessing import Witness

BACKOFF: Final = Backoff(0.05, 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What the background needs. `pool` must allow two connections per site and eight more.

    `apply` lets a recorded event bear on presence in Redis; `prepare` gives the event that records an agent's report.
    `heads_folder` takes signed heads of the chain; None: none are written.
    """

    sites: tuple[str, ...]
    pool: Pool
    store: Projection
    generations: Generations
    stream: EventStream
    apply: Callable[[str, int, Happening], Awaitable[EventAnswer]]
    prepare: Prepare
    identity: grpc.aio.Channel
    vehicles: grpc.aio.Channel
    safety: grpc.aio.Channel
    snapshot_key: Ed25519PrivateKey
    heads_folder: Path | None
    clock: Clock
    metrics: Metrics


@dataclass(frozen=True, slots=True, kw_only=True)
class Background:
    """The wired parts. The first three are ports of the hot path; servicers and calls are for the server."""

    watermarks: SpoolWatermarks
    review_ends: ReviewEnds
    gate_alarms: AlarmQueue
    administration: AdministrationServicer
    events: EventServicer
    reviews: ReviewServicer
    upload: UploadCall
    sync_edge: SyncEdgeCall
    progress: Mapping[str, Progress]
    duties: tuple[Duty, ...]
    metrics: Metrics

    def start(self, tasks: Tasks) -> None:
        """Run every duty of this process until `tasks` closes."""
        tasks.keep("background", self.run)

    async def run(self) -> None:
        """Run every duty until cancelled; one that fails is back within a second of its store."""
        owner = Tasks(self.metrics, BACKOFF)
        try:
            for title, duty in self.duties:
                owner.keep(title, duty)
            await asyncio.Event().wait()
        finally:
            await owner.close()


def read_snapshot_key(path: Path) -> Ed25519PrivateKey:
    """The site key (PEM, PKCS 8); ValueError when the file holds another kind of key."""
    key = load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError(f"{path} holds no Ed25519 private key")  # noqa: TRY004  (the file is wrong, not a type)
    return key


@dataclass(frozen=True, slots=True)
class _Stores:
    """PostgreSQL, one object per concern, and the board that says what changed in it."""

    sites: Sites
    ledger_of: History
    pooled: PooledLedger
    administration: Administration
    subjects: Subjects
    presence: PresenceHistory
    reader: HistoryReader
    reviews: Reviews
    outbox: Outbox
    board: Noticeboard


def _stores(pool: Pool) -> _Stores:
    sites = Sites(pool)
    history = History(Partitions())
    return _Stores(
        sites,
        history,
        PooledLedger(history, pool, sites),
        Administration(pool, sites),
        Subjects(pool, sites),
        PresenceHistory(pool, sites),
        HistoryReader(pool, sites),
        Reviews(pool, sites),
        Outbox(pool),
        Noticeboard(),
    )


def build_background(around: Surroundings) -> Background:
    """Wire everything; nothing is connected or started."""
    stores = _stores(around.pool)
    board, clock, new_id = stores.board, around.clock, Uuid7Factory(around.clock)
    served = ServedSites(around.sites)
    reviewing = Reviewing(stores.reviews, board, clock)
    review_ends = ReviewEnds(reviewing, stores.reviews)
    watermarks = SpoolWatermarks(stores.reader, board)
    alarms = AlarmQueue(stores.outbox, board, clock, new_id)
    uploading = Uploading(stores.pooled, board, clock)
    publishers = {
        site: Publisher(site, stores.subjects, stores.administration, around.store, around.generations, board)
        for site in around.sites
    }
    progress = {site: Progress() for site in around.sites}
    shelf = SharedShelf(stores.subjects, stores.administration)
    edge = EdgeSync(shelf, shelf, Ed25519Signer(around.snapshot_key), board, clock)
    keepers = [
        _keeper(site, around, stores, publishers[site], reviewing, uploading, progress[site]) for site in around.sites
    ]
    return Background(
        watermarks=watermarks,
        review_ends=review_ends,
        gate_alarms=alarms,
        administration=_administration(around, stores, served, publishers, progress, new_id),
        events=EventServicer(
            served, Querying(stores.reader, stores.administration, clock), Feeding(stores.reader, board)
        ),
        reviews=ReviewServicer(served, reviewing, stores.subjects.photo_of),
        upload=UploadCall(served, around.prepare, uploading),
        sync_edge=SyncEdgeCall(served, edge, SCHEMA),
        progress=progress,
        metrics=around.metrics,
        duties=(
            ("notices", lambda: listen(around.pool, board.heard, board.post_everything)),
            ("alarm_queue", alarms.run),
            ("alarm_courier", lambda: _deliver(around, stores)),
            *((f"site:{site}", keeper.keep) for site, keeper in zip(around.sites, keepers, strict=True)),
            *((f"watermarks:{site}", partial(watermarks.follow, site)) for site in around.sites),
            *((f"review_ends:{site}", partial(review_ends.follow, site)) for site in around.sites),
            *_witnesses(around, stores.reader),
        ),
    )


def _witnesses(around: Surroundings, reader: HistoryReader) -> list[Duty]:
    folder = around.heads_folder
    if folder is None:
        return []
    return [
        (f"witness:{site}", Witness(site, reader, around.snapshot_key.sign, folder, around.clock).run)
        for site in around.sites
    ]


async def _deliver(around: Surroundings, stores: _Stores) -> None:
    courier = AlarmCourier(stores.outbox, SafetyRoom(around.safety), stores.board, around.metrics)
    async with Leases(around.pool, stores.sites).hold("alarms"):
        await courier.run(around.sites)


def _administration(
    around: Surroundings,
    stores: _Stores,
    served: ServedSites,
    publishers: Mapping[str, Publisher],
    progress: Mapping[str, Progress],
    new_id: Callable[[], str],
) -> AdministrationServicer:
    in_force = InForce(publishers, around.generations, stores.board)
    store, clock = stores.administration, around.clock
    desk = PresenceDesk(
        stores.presence,
        store,
        stores.subjects,
        around.store,
        around.stream,
        around.generations,
        progress,
        clock,
        new_id,
    )
    return AdministrationServicer(
        served,
        Planning(store, in_force.documents, clock, new_id),
        Assigning(store, in_force.documents, in_force.subjects, clock, new_id),
        Holding(store, in_force.documents, clock, new_id),
        desk,
    )


def _keeper(
    site: str,
    around: Surroundings,
    stores: _Stores,
    publisher: Publisher,
    reviewing: Reviewing,
    uploading: Uploading,
    progress: Progress,
) -> SiteKeeper[Connection]:
    board, clock, metrics = stores.board, around.clock, around.metrics
    rebuilder = Rebuilder(
        site,
        around.generations,
        publisher,
        around.store,
        stores.presence,
        around.apply,
        lambda: uploading.taken,
        progress,
        clock,
    )
    feeds: tuple[SubjectFeed, ...] = (IdentityFeed(around.identity), VehicleFeed(around.vehicles, clock))
    projectors = [Projector(site, feed, stores.subjects, publisher, board, metrics) for feed in feeds]
    merger = LateMerger(site, stores.presence, around.apply, around.generations, board)
    duties: list[Duty] = [
        ("rebuild", rebuilder.run),
        ("publish_records", publisher.follow_records),
        ("publish_documents", publisher.follow_documents),
        ("merge_late", merger.follow),
        ("registers", RegisterKeeper(site, stores.presence, board, clock).follow),
        ("expire_reviews", partial(reviewing.expire, site)),
    ]
    for feed, projector in zip(feeds, projectors, strict=True):
        duties.append((f"project_{feed.title}", projector.follow_all))
        duties.append((f"revoke_{feed.title}", projector.follow_revocations))

    def record(lease: Connection) -> Callable[[], Awaitable[None]]:
        ledger = LeasedLedger(stores.ledger_of, lease)
        return Recorder(site, around.stream, ledger, clock, board, metrics).run

    return SiteKeeper(site, Leases(around.pool, stores.sites), record, duties, metrics, BACKOFF)
