"""One transaction, in the terms of the use cases."""

from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg
from menshen_servicekit.clock import Clock
from menshen_servicekit.feeds import Touch, publish
from menshen_servicekit.postgres import Connection
from menshen_servicekit.queries import load_queries

from menshen_identity.domain.credentials import LIVE, Credential, Identifier
from menshen_identity.domain.facts import Fact
from menshen_identity.domain.lists import ListEntry
from menshen_identity.domain.people import Cardholder, Organisation
from menshen_identity.domain.visits import Visit
from menshen_identity.postgres import rows
from menshen_identity.troubles import identifier_held, taken

CHANNEL = "identity_feed"
Q = load_queries("menshen_identity.postgres")


class PostgresChange:
    """See `ports.Change`. Its owner calls `settle` last, in the same transaction."""

    def __init__(self, connection: Connection, actor: str, clock: Clock) -> None:
        self._connection = connection
        self._actor = actor
        self._clock = clock
        self._touched: dict[str, Touch] = {}

    async def settle(self) -> None:
        """Raise the versions of what was touched and publish it."""
        if self._touched:
            await self._connection.execute(Q.raise_versions, list(self._touched))
            await publish(self._connection, CHANNEL, list(self._touched.values()))

    async def lock(self, *cardholder_ids: str) -> dict[str, Cardholder]:
        found = await self._connection.fetch(Q.lock_cardholders, sorted(set(cardholder_ids)))
        return {row["cardholder_id"]: rows.cardholder(row) for row in found}

    async def put_cardholder(self, cardholder: Cardholder) -> None:
        with _unique("cardholder.external_ref", "外部编号", "external_ref"):
            await self._connection.execute(
                Q.put_cardholder,
                cardholder.cardholder_id,
                cardholder.site,
                cardholder.sites,
                cardholder.category,
                cardholder.groups,
                cardholder.name,
                cardholder.organisation_id,
                cardholder.photo_ref,
                cardholder.external_ref,
            )

    def touch(self, cardholder: Cardholder, *, is_urgent: bool = False) -> None:
        before = self._touched.pop(cardholder.cardholder_id, None)
        is_urgent = is_urgent or (before is not None and before.is_urgent)
        self._touched[cardholder.cardholder_id] = Touch(cardholder.cardholder_id, cardholder.sites, is_urgent)

    async def organisation(self, organisation_id: str) -> tuple[str, Organisation] | None:
        row = await self._connection.fetchrow(Q.get_organisation, organisation_id)
        return (row["site"], rows.organisation(row)) if row else None

    async def put_organisation(self, site: str, organisation: Organisation) -> None:
        with _unique("organisation.external_ref", "外部编号", "external_ref"):
            await self._connection.execute(
                Q.put_organisation,
                organisation.organisation_id,
                site,
                organisation.parent_id,
                organisation.name_zh,
                organisation.name_en,
                organisation.external_ref,
            )

    async def credential(self, credential_id: str) -> Credential | None:
        row = await self._connection.fetchrow(Q.get_credential, credential_id)
        return rows.credential(row) if row else None

    async def held(self, cardholder_id: str) -> tuple[Credential, ...]:
        return tuple(map(rows.credential, await self._connection.fetch(Q.list_credentials, cardholder_id)))

    async def holders(self, *identifiers: Identifier) -> tuple[Credential, ...]:
        found = await self._connection.fetch(Q.holders, *_columns(identifiers))
        return tuple(map(rows.credential, found))

    async def put_credential(self, credential: Credential) -> None:
        await self._connection.execute(
            Q.put_credential,
            credential.credential_id,
            credential.cardholder_id,
            int(credential.state),
            credential.valid_from_ms,
            credential.valid_to_ms,
            credential.external_ref,
            credential.changed_at_ms,
            credential.replaces,
            credential.stands_in_for,
            credential.single_use,
            credential.pin_required,
            credential.is_code,
            credential.only_site,
        )
        with _unheld():
            await self._connection.execute(
                Q.put_identifiers,
                credential.credential_id,
                *_columns(credential.identifiers),
                credential.state in LIVE,
            )

    async def supersede(self, credential_id: str, *identifiers: Identifier) -> None:
        await self._connection.execute(Q.supersede, credential_id, *_columns(identifiers))

    async def forget_codes(self, cardholder_id: str, before_ms: int) -> None:
        await self._connection.execute(Q.forget_code_values, cardholder_id, before_ms)
        await self._connection.execute(Q.forget_codes, cardholder_id, before_ms)

    async def put_pins(self, cardholder_id: str, verifier: bytes, duress_verifier: bytes) -> None:
        await self._connection.execute(Q.put_pins, cardholder_id, verifier, duress_verifier)

    async def fact(self, cardholder_id: str, fact_type: str) -> Fact | None:
        row = await self._connection.fetchrow(Q.get_fact, cardholder_id, fact_type)
        return rows.fact(row) if row else None

    async def put_fact(self, cardholder_id: str, fact: Fact) -> None:
        await self._connection.execute(
            Q.put_fact,
            cardholder_id,
            fact.type,
            fact.value,
            fact.source,
            fact.valid_from_ms,
            fact.valid_to_ms,
            fact.reported_at_ms,
        )

    async def entry(self, entry_id: str) -> ListEntry | None:
        row = await self._connection.fetchrow(Q.get_entry, entry_id)
        return rows.entry(row) if row else None

    async def put_entry(self, entry: ListEntry) -> None:
        await self._connection.execute(
            Q.put_entry,
            entry.entry_id,
            entry.cardholder_id,
            int(entry.kind),
            entry.access_point,
            entry.scope_site,
            entry.from_ms,
            entry.to_ms,
            entry.reason_code,
            entry.source,
            int(entry.access_point_class),
        )

    async def visit(self, visit_id: str) -> Visit | None:
        row = await self._connection.fetchrow(Q.get_visit, visit_id)
        return rows.visit(row) if row else None

    async def put_visit(self, visit: Visit) -> None:
        with _unique("visit.external_ref", "外部编号", "external_ref"):
            await self._connection.execute(
                Q.put_visit,
                visit.visit_id,
                visit.site,
                visit.cardholder_id,
                visit.host_id,
                visit.from_ms,
                visit.to_ms,
                visit.access_points,
                int(visit.state),
                visit.single_entry,
                visit.external_ref,
            )

    async def note(self, action: str, site: str, target_id: str, reason: str = "") -> None:
        await self._connection.execute(Q.note, self._clock.now_ms(), self._actor, action, site, target_id, reason)


def _columns(identifiers: tuple[Identifier, ...]) -> tuple[list[int], list[str]]:
    return [int(identifier.type) for identifier in identifiers], [identifier.value for identifier in identifiers]


@contextmanager
def _unheld() -> Iterator[None]:
    """The driver's error quotes the value; it goes no further than this."""
    try:
        yield
    except asyncpg.UniqueViolationError:
        raise identifier_held() from None


@contextmanager
def _unique(field: str, zh: str, en: str) -> Iterator[None]:
    """The driver's error quotes the value; it goes no further than this."""
    try:
        yield
    except asyncpg.UniqueViolationError:
        raise taken(field, zh, en) from None
