"""Subjects put where the projector puts what the feeds bring: in PostgreSQL, by the projector's own transaction.

From there on everything is the running service's: its follower publishes the records to Redis, decisions read them
there, and the commit function checks their versions. Feeds cannot carry every subject a case describes (states that
only time brings, visits of other sites, facts with sources that do not exist), and identity gives ids of its own.
"""

import asyncio
import itertools
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from harness.patience import eventually
from menshen_access.domain.subject_records import FeedChange, FeedPlace, HeldSubject
from menshen_access.postgres.sites import Sites
from menshen_access.postgres.subjects import Subjects
from menshen_cli.local.provision import provision
from menshen_cli.local.servers import Server
from menshen_cli.local.suite import Suite
from menshen_cli.local.valkey import ask
from menshen_rulebook.types import Credential, CredentialState, Identifier, IdentifierType, Subject, SubjectKind
from menshen_servicekit.postgres import close_pool, open_pool
from menshen_servicekit.verifiers import VerifierCost, make_verifier

PIN, DURESS_PIN, WRONG_PIN = "4711", "4712", "1234"
_CHEAP = VerifierCost(log2_n=4)


class FeedStandIn:
    """Puts subjects of one site in place, and takes them away."""

    def __init__(self, subjects: Subjects, redis: Server, pepper: bytes) -> None:
        self._subjects = subjects
        self._redis = redis
        self._pepper = pepper
        self._versions = itertools.count(1)

    async def put(self, site: str, subjects: Sequence[Subject], *, with_pins: bool) -> None:
        """As a feed would bring them; with verifiers of PIN and DURESS_PIN when asked. Returns once Redis has them."""
        pins = (self._verifier(PIN), self._verifier(DURESS_PIN)) if with_pins else (b"", b"")
        for subject in subjects:
            change = FeedChange(subject.subject_id, next(self._versions), _with_plate(subject), *pins)
            held = await self._apply(site, subject, change)
            await eventually(lambda: self._is_published(site, held), 10)  # noqa: B023  (awaited before the next one)

    async def remove(self, site: str, subjects: Sequence[Subject]) -> None:
        """As a feed would say that they are gone. Redis hears of it before it hears of whoever is put next."""
        for subject in subjects:
            await self._apply(site, subject, FeedChange(subject.subject_id, next(self._versions), None))

    async def _apply(self, site: str, subject: Subject, change: FeedChange) -> HeldSubject:
        feed = "identity" if subject.kind is SubjectKind.CARDHOLDER else "vehicles"
        place = await self._subjects.place(site, feed) or FeedPlace(1, 0)
        [held] = await self._subjects.apply_changes(site, [change], feed, place, keep_place=False)
        return held

    async def _is_published(self, site: str, held: HeldSubject) -> bool:
        parts = urlsplit(self._redis.url)
        password = self._redis.password_file.read_text().strip() if self._redis.password_file else ""
        command = f"GETRANGE m:{{{site}}}:r:{held.subject_id} 0 15"
        answer = await asyncio.to_thread(ask, parts.hostname or "", parts.port or 6379, password, command)
        return answer.partition("\r\n")[2].startswith(f"{held.version}|")

    def _verifier(self, pin: str) -> bytes:
        return make_verifier(pin, self._pepper, os.urandom(16), _CHEAP)


@asynccontextmanager
async def feed_stand_in(suite: Suite) -> AsyncIterator[FeedStandIn]:
    """On a connection of access's own login."""
    database = await provision(suite.postgres, suite.folder / "logins")
    login = database.logins["access"]
    pool = await open_pool(login.url, login.password_file, schema="access", application="cases", max_size=2)
    pepper = Path(suite.folder / "secrets" / "pin-pepper").read_text().strip().encode()
    try:
        yield FeedStandIn(Subjects(pool, Sites(pool)), suite.valkey, pepper)
    finally:
        await close_pool(pool)


def _with_plate(subject: Subject) -> Subject:
    """A vehicle is known by its plate, too: the feed of vehicles brings it as a credential."""
    if subject.vehicle is None or not subject.vehicle.plate:
        return subject
    plate = Identifier(IdentifierType.PLATE, subject.vehicle.plate)
    known = Credential(f"plate:{subject.subject_id}", (plate,), CredentialState.ACTIVE)
    return replace(subject, credentials=(*subject.credentials, known))
