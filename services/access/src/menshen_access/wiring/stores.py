"""PostgreSQL as a process uses it, one object per concern."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from menshen_servicekit.lifecycle import Process
from menshen_servicekit.postgres import Pool, close_pool, open_pool, watch_pool
from menshen_servicekit.supervision import Backoff

from menshen_access.keeping import Duty
from menshen_access.noticeboard import Noticeboard
from menshen_access.postgres.administration import Administration
from menshen_access.postgres.alarms import Outbox
from menshen_access.postgres.closures import Closures
from menshen_access.postgres.door_reports import DoorReports
from menshen_access.postgres.fact_sources import FactSources
from menshen_access.postgres.guarded_changes import ChangeApprovals, KnownRecords
from menshen_access.postgres.history import History
from menshen_access.postgres.ledgers import PooledLedger
from menshen_access.postgres.notices import Notices
from menshen_access.postgres.orders import Orders
from menshen_access.postgres.partitions import Partitions
from menshen_access.postgres.policies import Policies
from menshen_access.postgres.presence import PresenceHistory
from menshen_access.postgres.reading import HistoryReader
from menshen_access.postgres.reports import Reports
from menshen_access.postgres.retention import Retained
from menshen_access.postgres.retirements import Retirements
from menshen_access.postgres.reviews import Reviews
from menshen_access.postgres.rollbacks import Rollbacks
from menshen_access.postgres.sites import Sites, listen
from menshen_access.postgres.subjects import Subjects
from menshen_access.postgres.threat_levels import ThreatLevels
from menshen_access.postgres.tripwire import Tripwires
from menshen_access.settings import AccessSettings
from menshen_access.wiring.records_apart import read_everybody

SCHEMA: Final = "access"
BACKOFF: Final = Backoff(0.05, 1.0)
"""A duty that fails is back within a second of its store."""


@dataclass(frozen=True, slots=True)
class Stores:
    """One object per concern, and the board that says what changed in them."""

    pool: Pool
    sites: Sites
    history: History
    pooled: PooledLedger
    administration: Administration
    policies: Policies
    public_notices: Notices
    closures: Closures
    threat_levels: ThreatLevels
    fact_sources: FactSources
    orders: Orders
    door_reports: DoorReports
    tripwires: Tripwires
    rollbacks: Rollbacks
    subjects: Subjects
    presence: PresenceHistory
    retained: Retained
    retirements: Retirements
    reader: HistoryReader
    reviews: Reviews
    reports: Reports
    known: KnownRecords
    change_approvals: ChangeApprovals
    outbox: Outbox
    board: Noticeboard

    def notices(self) -> Duty:
        """Hears what other processes changed."""
        return "notices", partial(listen, self.pool, self.board.heard, self.board.post_everything)


async def open_stores(process: Process[AccessSettings], application: str) -> Stores:
    """Connect with two connections per site and eight more; the readiness condition `database` follows them."""
    settings, size = process.settings, 2 * len(process.settings.sites) + 8
    url, password_file = settings.database_url, settings.database_password_file
    pool = await open_pool(url, password_file, schema=SCHEMA, application=application, max_size=size)
    process.closer.push("database", partial(close_pool, pool))
    process.tasks.keep("database", partial(watch_pool, pool, process.readiness.condition("database").set))
    sites, history = Sites(pool), History(Partitions())
    return Stores(
        pool,
        sites,
        history,
        PooledLedger(history, pool, sites),
        Administration(pool, sites),
        Policies(pool, sites),
        Notices(pool, sites),
        Closures(pool, sites),
        ThreatLevels(pool, sites),
        FactSources(pool, sites),
        Orders(pool, sites),
        DoorReports(pool),
        Tripwires(pool),
        Rollbacks(pool, sites),
        Subjects(pool, sites),
        PresenceHistory(pool, sites),
        Retained(pool, sites),
        Retirements(pool, sites),
        HistoryReader(pool, sites),
        Reviews(pool, sites),
        Reports(pool),
        KnownRecords(pool, partial(read_everybody, url, password_file)),
        ChangeApprovals(pool, sites),
        Outbox(pool),
        Noticeboard(),
    )


def read_snapshot_key(path: Path) -> Ed25519PrivateKey:
    """The site key (PEM, PKCS 8); ValueError when the file holds another kind of key."""
    key = load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError(f"{path} holds no Ed25519 private key")  # noqa: TRY004  (the file is wrong, not a type)
    return key
