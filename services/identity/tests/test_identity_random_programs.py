"""Random programs of changes: PostgreSQL and a registry in memory answer alike, step by step and in the end."""

import copy
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from menshen_identity.code_issuing import CodeIssuing
from menshen_identity.domain.codes import CodeOrder
from menshen_identity.domain.credentials import LIVE, Credential, CredentialState, Identifier, IdentifierType
from menshen_identity.domain.facts import Fact
from menshen_identity.domain.lists import ListEntry, ListKind
from menshen_identity.domain.people import Cardholder, Organisation
from menshen_identity.domain.visits import Visit, VisitState
from menshen_identity.issuing import Issuing
from menshen_identity.listing import Listing
from menshen_identity.ports import Registry
from menshen_identity.postgres.registry import PostgresRegistry
from menshen_identity.registering import Registering
from menshen_identity.reporting import Reporting
from menshen_identity.retiring import Retiring
from menshen_identity.troubles import identifier_held, taken
from menshen_identity.visiting import Visiting
from menshen_servicekit.clock import ManualClock
from menshen_servicekit.status import DomainError

SITES = ("north", "east", "lake")
ACTOR = "a test"


@dataclass
class Kept:
    """Everything a registry in memory holds."""

    organisations: dict[str, tuple[str, Organisation]] = field(default_factory=dict)
    cardholders: dict[str, Cardholder] = field(default_factory=dict)
    credentials: dict[str, Credential] = field(default_factory=dict)
    superseded: set[tuple[str, Identifier]] = field(default_factory=set)
    facts: dict[tuple[str, str], Fact] = field(default_factory=dict)
    entries: dict[str, ListEntry] = field(default_factory=dict)
    visits: dict[str, Visit] = field(default_factory=dict)


class MemoryChange:
    """`ports.Change` on a copy of what is kept."""

    def __init__(self, kept: Kept) -> None:
        self.kept = kept
        self.touched: set[str] = set()

    async def lock(self, *cardholder_ids: str) -> dict[str, Cardholder]:
        return {key: self.kept.cardholders[key] for key in cardholder_ids if key in self.kept.cardholders}

    async def put_cardholder(self, cardholder: Cardholder) -> None:
        for other in self.kept.cardholders.values():
            is_other = other.cardholder_id != cardholder.cardholder_id
            if is_other and cardholder.external_ref and other.external_ref == cardholder.external_ref:
                raise taken("cardholder.external_ref", "外部编号", "external_ref")
        stored = self.kept.cardholders.get(cardholder.cardholder_id)
        self.kept.cardholders[cardholder.cardholder_id] = replace(cardholder, version=stored.version if stored else 0)

    def touch(self, cardholder: Cardholder, *, is_urgent: bool = False) -> None:
        self.touched.add(cardholder.cardholder_id)

    async def organisation(self, organisation_id: str) -> tuple[str, Organisation] | None:
        return self.kept.organisations.get(organisation_id)

    async def put_organisation(self, site: str, organisation: Organisation) -> None:
        self.kept.organisations[organisation.organisation_id] = (site, organisation)

    async def credential(self, credential_id: str) -> Credential | None:
        return self.kept.credentials.get(credential_id)

    async def holders(self, *identifiers: Identifier) -> tuple[Credential, ...]:
        return tuple(
            credential
            for credential in self.kept.credentials.values()
            if any(
                wanted in credential.identifiers and (credential.credential_id, wanted) not in self.kept.superseded
                for wanted in identifiers
            )
        )

    async def put_credential(self, credential: Credential) -> None:
        for other in self.kept.credentials.values():
            is_rival = other.credential_id != credential.credential_id and other.state in LIVE
            if is_rival and credential.state in LIVE and set(other.identifiers) & set(credential.identifiers):
                raise identifier_held()
        self.kept.credentials[credential.credential_id] = credential

    async def held(self, cardholder_id: str) -> tuple[Credential, ...]:
        held = (found for found in self.kept.credentials.values() if found.cardholder_id == cardholder_id)
        return tuple(sorted(held, key=lambda credential: credential.credential_id))

    async def forget_codes(self, cardholder_id: str, before_ms: int) -> None:
        gone = [
            one.credential_id
            for one in self.kept.credentials.values()
            if one.cardholder_id == cardholder_id and one.is_code and one.valid_to_ms < before_ms
        ]
        for credential_id in gone:
            del self.kept.credentials[credential_id]

    async def supersede(self, credential_id: str, *identifiers: Identifier) -> None:
        self.kept.superseded.update((credential_id, identifier) for identifier in identifiers)

    async def put_pins(self, cardholder_id: str, verifier: bytes, duress_verifier: bytes) -> None:
        raise AssertionError("these programs set no PINs")

    async def fact(self, cardholder_id: str, fact_type: str) -> Fact | None:
        return self.kept.facts.get((cardholder_id, fact_type))

    async def put_fact(self, cardholder_id: str, fact: Fact) -> None:
        self.kept.facts[cardholder_id, fact.type] = fact

    async def entry(self, entry_id: str) -> ListEntry | None:
        return self.kept.entries.get(entry_id)

    async def put_entry(self, entry: ListEntry) -> None:
        self.kept.entries[entry.entry_id] = entry

    async def visit(self, visit_id: str) -> Visit | None:
        return self.kept.visits.get(visit_id)

    async def put_visit(self, visit: Visit) -> None:
        self.kept.visits[visit.visit_id] = visit

    async def note(self, action: str, site: str, target_id: str, reason: str = "") -> None:
        """The audit is not compared."""


class MemoryRegistry:
    """`ports.Registry` in dictionaries."""

    def __init__(self) -> None:
        self._kept = Kept()

    @asynccontextmanager
    async def change(self, actor: str) -> AsyncIterator[MemoryChange]:
        change = MemoryChange(copy.deepcopy(self._kept))
        yield change
        for cardholder_id in change.touched:
            cardholder = change.kept.cardholders[cardholder_id]
            change.kept.cardholders[cardholder_id] = replace(cardholder, version=cardholder.version + 1)
        self._kept = change.kept

    async def cardholder(self, site: str, cardholder_id: str) -> Cardholder | None:
        found = self._kept.cardholders.get(cardholder_id)
        return found if found and site in found.sites else None

    async def credentials(self, cardholder_id: str) -> tuple[Credential, ...]:
        held = (found for found in self._kept.credentials.values() if found.cardholder_id == cardholder_id)
        return tuple(sorted(held, key=lambda credential: credential.credential_id))

    async def facts(self, cardholder_id: str) -> tuple[Fact, ...]:
        return tuple(found for (holder, _), found in sorted(self._kept.facts.items()) if holder == cardholder_id)

    async def entries(self, cardholder_id: str, now_ms: int) -> tuple[ListEntry, ...]:
        return tuple(
            entry
            for _, entry in sorted(self._kept.entries.items())
            if entry.cardholder_id == cardholder_id and (entry.to_ms == 0 or entry.to_ms > now_ms)
        )

    async def cardholders(self, site: str, category: str, after_id: str, limit: int) -> tuple[Cardholder, ...]:
        found = [
            cardholder
            for key, cardholder in sorted(self._kept.cardholders.items())
            if key > after_id and site in cardholder.sites and category in {"", cardholder.category}
        ]
        return tuple(found[:limit])

    async def holder_of(self, site: str, identifier: Identifier) -> Credential | None:
        held = [found for found in self._kept.credentials.values() if identifier in found.identifiers]
        known = [found for found in held if site in self._kept.cardholders[found.cardholder_id].sites]
        return max(known, key=self._rank(identifier), default=None)

    def _rank(self, identifier: Identifier) -> Callable[[Credential], tuple[bool, bool, int]]:
        def rank(found: Credential) -> tuple[bool, bool, int]:
            is_superseded = (found.credential_id, identifier) in self._kept.superseded
            return found.state in LIVE, not is_superseded, found.changed_at_ms

        return rank

    async def organisations(self, site: str) -> tuple[Organisation, ...]:
        return tuple(found for _, (home, found) in sorted(self._kept.organisations.items()) if home == site)

    async def visits(self, site: str, from_ms: int, to_ms: int, limit: int) -> tuple[Visit, ...]:
        found = [
            visit
            for visit in self._kept.visits.values()
            if visit.site == site and (not from_ms or visit.to_ms > from_ms) and (not to_ms or visit.from_ms < to_ms)
        ]
        return tuple(sorted(found, key=lambda visit: (visit.from_ms, visit.visit_id))[:limit])


class Office:
    """The use cases on one registry, driven by numbers: the same seed asks the same of every registry."""

    def __init__(self, registry: Registry, seed: int) -> None:
        numbers = count(1)
        self._seed, self._random, self._clock = seed, random.Random(seed), ManualClock()

        def new_id() -> str:
            return f"{seed:08x}-0000-7000-8000-{next(numbers):012x}"

        sites = frozenset(SITES)
        self.registry = registry
        self._registering = Registering(registry, sites, new_id)
        self._issuing = Issuing(registry, self._clock, new_id, ZoneInfo("Asia/Shanghai"))
        self._coding = CodeIssuing(registry, self._clock, new_id, lambda: Identifier(IdentifierType.QR, new_id()))
        self._retiring = Retiring(registry, self._clock)
        self._reporting = Reporting(registry, self._clock)
        self._listing = Listing(registry, self._clock, sites, new_id)
        self._visiting = Visiting(registry, self._clock, sites, new_id)
        self.people: list[str] = []
        self._credentials: list[str] = []
        self._held: list[tuple[str, str]] = []
        self._entries: list[str] = []
        self._visits: list[str] = []

    async def step(self) -> Any:
        """One random change: what it gave, or the code it was refused with."""
        self._clock.advance_ms(self._random.randrange(1, 100_000))
        common = [self._create, self._update, self._issue, self._issue, self._move, self._move, self._report]
        cards = [self._relate, self._relate, self._code, self._retire, self._retire]
        work = self._random.choice([*common, *cards, self._list, self._unlist, self._book, self._cancel])
        try:
            return await work()
        except DomainError as refusal:
            return refusal.code

    def _one_of(self, ids: list[str]) -> str:
        return self._random.choice([*ids, "c:00000000-0000-7000-8000-00000000dead"])

    def _site(self) -> str:
        return self._random.choice(SITES)

    async def _create(self) -> Any:
        reference = self._random.choice(["", f"{self._seed}-{self._random.randrange(4)}"])
        sites = tuple(self._random.sample(SITES, self._random.randrange(3)))
        given = Cardholder("", "", sites, "staff", (), "张三", "", "", reference)
        stored = await self._registering.create(ACTOR, self._site(), given)
        self.people.append(stored.cardholder_id)
        return stored

    async def _update(self) -> Any:
        cardholder_id, site = self._one_of(self.people), self._site()
        stored = await self.registry.cardholder(site, cardholder_id)
        version = (stored.version if stored else 1) + self._random.choice([0, 0, 0, 1])
        category = self._random.choice(["staff", "student"])
        sites = tuple(self._random.sample(SITES, self._random.randrange(3)))
        given = Cardholder(cardholder_id, "", sites, category, (), "", "", "", "", version)
        return await self._registering.update(ACTOR, site, given)

    async def _issue(self) -> Any:
        values = self._random.sample(range(4), self._random.randrange(1, 3))
        identifiers = tuple(Identifier(IdentifierType.CARD, f"{self._seed:06X}{value:02X}") for value in values)
        state = self._random.choice([CredentialState.ACTIVE, CredentialState.INACTIVE])
        given = Credential("", self._one_of(self.people), identifiers, state)
        return self._issued(await self._issuing.issue(ACTOR, self._site(), given))

    async def _relate(self) -> Any:
        """A successor, or a loan card, of one of the credentials there are."""
        other = self._random.choice([*self._held, ("c:00000000-0000-7000-8000-00000000dead", "nothing")])
        value = f"{self._seed:06X}{self._random.randrange(4):02X}"
        relation = {self._random.choice(["replaces", "stands_in_for"]): other[1]}
        given = Credential("", other[0], (Identifier(IdentifierType.CARD, value),), CredentialState.ACTIVE, **relation)
        return self._issued(await self._issuing.issue(ACTOR, self._site(), given))

    async def _code(self) -> Any:
        order = CodeOrder(self._one_of(self.people), is_reusable=self._random.random() < 0.5)
        return await self._coding.issue(ACTOR, self._site(), order)

    async def _retire(self) -> Any:
        holder, credential_id = self._random.choice([*self._held, ("nobody", "nothing")])
        return await self._retiring.retire(ACTOR, self._site(), holder, credential_id, "an event")

    def _issued(self, stored: Credential) -> Credential:
        self._credentials.append(stored.credential_id)
        self._held.append((stored.cardholder_id, stored.credential_id))
        return stored

    async def _move(self) -> Any:
        state = self._random.choice(list(CredentialState))
        return await self._issuing.change_state(ACTOR, self._site(), self._one_of(self._credentials), state, "why")

    async def _report(self) -> Any:
        at_ms = self._clock.now_ms() - self._random.randrange(0, 200_000)
        fact = Fact(self._random.choice(["leave.state", "work_proof"]), str(at_ms % 3), "office", 0, 0, at_ms)
        return await self._reporting.report(ACTOR, self._site(), self._one_of(self.people), fact)

    async def _list(self) -> Any:
        kind = self._random.choice([ListKind.BLACK, ListKind.WHITE])
        from_ms = self._random.choice([0, self._clock.now_ms() + 50_000])
        entry = ListEntry("", self._one_of(self.people), kind, "", "", from_ms, 0, "fraud", "office")
        stored = await self._listing.add(ACTOR, self._site(), entry)
        self._entries.append(stored.entry_id)
        return stored

    async def _unlist(self) -> Any:
        return await self._listing.end(ACTOR, self._site(), None, self._one_of(self._entries), "why")

    async def _book(self) -> Any:
        from_ms = self._clock.now_ms() + self._random.randrange(-100, 100)
        given = Visit(
            "", self._site(), "", self._one_of(self.people), from_ms, from_ms + 60_000, (), VisitState.READY, True, ""
        )
        visit, _ = await self._visiting.book(ACTOR, given, "李四")
        self._visits.append(visit.visit_id)
        return visit

    async def _cancel(self) -> Any:
        return await self._visiting.cancel(ACTOR, self._site(), self._one_of(self._visits), "why")

    async def all_that_is_kept(self) -> list[Any]:
        """As look-ups tell it, for every person and site."""
        found: list[Any] = []
        for cardholder_id in self.people:
            found += [await self.registry.cardholder(site, cardholder_id) for site in SITES]
            found.append(await self.registry.credentials(cardholder_id))
            found.append(await self.registry.facts(cardholder_id))
            found.append(await self.registry.entries(cardholder_id, self._clock.now_ms()))
        for value in range(4):
            identifier = Identifier(IdentifierType.CARD, f"{self._seed:06X}{value:02X}")
            found += [await self.registry.holder_of(site, identifier) for site in SITES]
        return found


@pytest.mark.parametrize("seed", range(1, 7))
async def test_both_registries_answer_every_step_of_a_random_program_alike(clients: Any, pool: Any, seed: int) -> None:
    stored = Office(PostgresRegistry(pool, ManualClock()), seed)
    remembered = Office(MemoryRegistry(), seed)
    answers: list[Any] = []
    for _ in range(120):
        answers.append(await stored.step())
        assert answers[-1] == await remembered.step()
    assert await stored.all_that_is_kept() == await remembered.all_that_is_kept()
    assert len({answer for answer in answers if isinstance(answer, str)}) >= 4


@pytest.mark.parametrize("seed", range(1, 7))
async def test_the_feed_holds_what_the_registry_holds_after_a_random_program(
    clients: Any, pool: Any, seed: int
) -> None:
    office = Office(PostgresRegistry(pool, ManualClock()), seed + 100)
    for _ in range(60):
        await office.step()
    snapshots = {site: await clients.snapshot(site) for site in SITES}
    for cardholder_id in office.people:
        for site in SITES:
            person = await office.registry.cardholder(site, cardholder_id)
            told = snapshots[site].get(cardholder_id)
            assert (told.version if told else None) == (person.version if person else None)
