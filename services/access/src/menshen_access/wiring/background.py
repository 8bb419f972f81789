"""What stands beside the decisions in a process that serves, wired: administration, history, reviews and edges."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from menshen_rulebook.records import SCHEMA as RECORD_SCHEMA
from menshen_servicekit.clock import Clock
from menshen_servicekit.ids import Uuid7Factory
from menshen_servicekit.lifecycle import Process
from menshen_servicekit.settings import Environment

from menshen_access.alarming import AlarmQueue
from menshen_access.announcing import NoticeFeed
from menshen_access.closing import Closing
from menshen_access.command_relay import CommandRelay
from menshen_access.edge_sync import Ed25519Signer, EdgeSync, SharedShelf
from menshen_access.enacting import Enacting, EnactingTerms
from menshen_access.explaining import Explaining
from menshen_access.exporting import Exporting
from menshen_access.feeding import Feeding
from menshen_access.holding import Holding
from menshen_access.keeping import Duty
from menshen_access.known_names import KnownNames, Listing
from menshen_access.mustering import Mustering
from menshen_access.operating import Operating, OperatingStores
from menshen_access.postgres.known_names import NamesInStore
from menshen_access.postgres.past_inputs import PastInputs
from menshen_access.presence_desk import PresenceDesk
from menshen_access.publishing import Publisher
from menshen_access.querying import Querying
from menshen_access.reporting import Reporting
from menshen_access.resting import Resting
from menshen_access.retaining import RetentionDesk
from menshen_access.reviewing import ReviewEnds, Reviewing
from menshen_access.rolling_back import RollingBack
from menshen_access.rpc.administration import AdministrationServicer
from menshen_access.rpc.archive import ArchiveServicer
from menshen_access.rpc.convert_admin import ServedSites
from menshen_access.rpc.edge import Prepare, SyncEdgeCall, UploadCall
from menshen_access.rpc.events import EventServicer
from menshen_access.rpc.guarded_changes import GuardedChangeServicer
from menshen_access.rpc.guarding import GuardingServicer
from menshen_access.rpc.own_records import OwnRecordsServicer
from menshen_access.rpc.reports import ReportServicer
from menshen_access.rpc.retention import RetentionServicer
from menshen_access.rpc.reviews import ReviewServicer
from menshen_access.securing import SecuredDoors
from menshen_access.settings import AccessSettings
from menshen_access.threat_desk import ThreatDesk
from menshen_access.uploading import Uploading
from menshen_access.watermarks import SpoolWatermarks
from menshen_access.wiring.archive_work import LinksApart
from menshen_access.wiring.in_force import InForce
from menshen_access.wiring.links import Links
from menshen_access.wiring.plans import Plans, build_plans
from menshen_access.wiring.stores import Stores, read_snapshot_key
from menshen_access.work_apart import Apart


@dataclass(frozen=True, slots=True, kw_only=True)
class Background:
    """The wired parts. The first three are ports of the hot path; servicers and calls are for the server."""

    watermarks: SpoolWatermarks
    review_ends: ReviewEnds
    pulses: CommandRelay
    administration: AdministrationServicer
    events: EventServicer
    own_records: OwnRecordsServicer
    retention: RetentionServicer
    reports: ReportServicer
    reviews: ReviewServicer
    archive: ArchiveServicer
    guarded_changes: GuardedChangeServicer
    guarding: GuardingServicer
    upload: UploadCall
    sync_edge: SyncEdgeCall
    duties: tuple[Duty, ...]


def build_background(
    process: Process[AccessSettings],
    stores: Stores,
    links: Links,
    alarms: AlarmQueue,
    prepare: Prepare,
    apart: Apart,
    resting: Resting,
) -> Background:
    """Wire everything; nothing is started. `prepare` gives the events that record an agent's reports; policies are
    checked `apart`.
    """
    settings, clock, board = process.settings, process.clock, stores.board
    new_id, served = Uuid7Factory(clock), ServedSites(settings.sites)
    reviewing = Reviewing(stores.reviews, board, clock)
    review_ends = ReviewEnds(reviewing, stores.reviews)
    pulses = CommandRelay(stores.orders, board, clock)
    watermarks = SpoolWatermarks(stores.reader, board)
    in_force = _in_force(process, stores, links)
    plans = build_plans(process, stores, in_force, apart, new_id)
    shelf = SharedShelf(stores.subjects, stores.administration, board)
    signer = Ed25519Signer(read_snapshot_key(settings.snapshot_key_file))
    querying = Querying(stores.reader, stores.administration, clock)
    explaining = Explaining(querying, PastInputs(stores.pool), stores.administration, clock)
    mustering = Mustering(stores.presence, stores.administration, querying)
    names = KnownNames(NamesInStore(stores.pool))
    listing, feeding = Listing(querying, names), Feeding(stores.reader, board)
    return Background(
        watermarks=watermarks,
        review_ends=review_ends,
        pulses=pulses,
        administration=_administration(process, stores, links, in_force, plans, new_id),
        events=EventServicer(served, querying, listing, explaining, feeding, mustering),
        own_records=OwnRecordsServicer(served, querying),
        retention=RetentionServicer(served, RetentionDesk(stores.retained, querying, names, clock, new_id)),
        reports=ReportServicer(
            served, Reporting(stores.reports, stores.presence, stores.administration, querying, clock)
        ),
        reviews=ReviewServicer(served, reviewing, stores.subjects.photo_of),
        archive=ArchiveServicer(served, Exporting(stores.reader, _links_apart(process), querying, clock, resting)),
        guarded_changes=plans.guarded_changes,
        guarding=_guarding(stores, served, in_force, plans, clock, new_id),
        upload=UploadCall(served, prepare, Uploading(stores.pooled, board, clock)),
        sync_edge=SyncEdgeCall(served, EdgeSync(shelf, shelf, signer, board, clock), RECORD_SCHEMA),
        duties=(
            stores.notices(),
            ("alarm_queue", alarms.run),
            *((f"watermarks:{site}", partial(watermarks.follow, site)) for site in settings.sites),
            *((f"review_ends:{site}", partial(review_ends.follow, site)) for site in settings.sites),
            *((f"commands:{site}", partial(pulses.follow, site)) for site in settings.sites),
        ),
    )


def _links_apart(process: Process[AccessSettings]) -> LinksApart:
    """Starts nothing before the first export; ends with the process."""
    links = LinksApart(process.settings.database_url, process.settings.database_password_file)
    process.closer.push("archive", links.close)
    return links


def _in_force(process: Process[AccessSettings], stores: Stores, links: Links) -> InForce:
    store, generations = stores.administration, links.generations
    publishers = {
        site: Publisher(site, stores.subjects, store, links.projection, generations, stores.board)
        for site in process.settings.sites
    }
    return InForce(publishers, generations, stores.board)


def _guarding(
    stores: Stores, served: ServedSites, in_force: InForce, plans: Plans, clock: Clock, new_id: Callable[[], str]
) -> GuardingServicer:
    guard = plans.planning.guard
    rolling = RollingBack(stores.rollbacks, in_force.documents, stores.board, clock, new_id, guard)
    return GuardingServicer(served, stores.tripwires.listed, rolling)


def _administration(
    process: Process[AccessSettings],
    stores: Stores,
    links: Links,
    in_force: InForce,
    plans: Plans,
    new_id: Callable[[], str],
) -> AdministrationServicer:
    store, clock, generations = stores.administration, process.clock, links.generations
    desk = PresenceDesk(
        stores.presence, store, stores.subjects, links.projection, links.stream(), generations, clock, new_id
    )
    terms = enacting_terms(process.settings)
    return AdministrationServicer(
        ServedSites(process.settings.sites),
        plans.planning,
        Enacting(stores.policies, plans.planning, in_force.documents, clock, new_id, terms),
        plans.assigning,
        Holding(store, in_force.documents, clock, new_id),
        desk,
        NoticeFeed(stores.public_notices, stores.board, clock),
        Closing(stores.closures, in_force.documents, clock, new_id),
        ThreatDesk(store, stores.threat_levels, in_force.documents, clock),
        Operating(
            OperatingStores(stores.orders, store, stores.door_reports, stores.pooled.append),
            in_force.documents,
            stores.board,
            clock,
            new_id,
        ),
        SecuredDoors(store, stores.public_notices, stores.door_reports, clock),
    )


def enacting_terms(settings: AccessSettings) -> EnactingTerms:
    """Outside production one operator may activate at every site; in production where it is set."""
    anywhere, lone_sites = settings.environment is Environment.DEVELOPMENT, frozenset(settings.lone_operator_sites)
    return EnactingTerms(settings.policy_lead_s * 1000, lambda site: anywhere or site in lone_sites)
