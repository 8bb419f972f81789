"""Reads of the subject feed: one round trip a page."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from asyncpg import Record
from menshen_servicekit.clock import Clock
from menshen_servicekit.feeds import PAGE_SIZE, Page
from menshen_servicekit.postgres import Pool

from menshen_identity.domain.codes import KEPT_MS
from menshen_identity.domain.credentials import Credential
from menshen_identity.domain.subjects import VISIT_KEPT_MS, Lane, SubjectChange
from menshen_identity.domain.succession import as_decided_on
from menshen_identity.postgres import rows
from menshen_identity.postgres.change import Q


class PostgresFeed:
    """Pages of subjects by position, in either lane."""

    def __init__(self, pool: Pool, clock: Clock) -> None:
        self._pool = pool
        self._clock = clock

    def reader(self, site: str, lane: Lane) -> Callable[[int], Awaitable[Page[SubjectChange]]]:
        """What reads the page after a position, for one site and lane."""

        async def read(after: int) -> Page[SubjectChange]:
            now_ms = self._clock.now_ms()
            kept_ms = (now_ms - VISIT_KEPT_MS, now_ms - KEPT_MS)
            found = await self._pool.fetch(
                Q.read_feed, site, after, PAGE_SIZE, lane is Lane.REVOCATIONS, now_ms, *kept_ms
            )
            changes = [_change(row) for row in found if row["at"] is not None]
            return Page(found[0]["epoch"], found[0]["head"], changes, found[-1]["at"] if changes else after)

        return read


def _change(row: Record) -> SubjectChange:
    if row["is_removed"]:
        return SubjectChange(row["subject_id"], row["version"], is_removed=True)
    subject_id = row["subject_id"]
    return SubjectChange(
        subject_id=subject_id,
        version=row["version"],
        is_removed=False,
        category=row["category"],
        home_site=row["home_site"],
        groups=tuple(row["groups"]),
        credentials=as_decided_on(
            _credential(subject_id, values) for values in _list(row["credentials"]) if values[-1]
        ),
        facts=tuple(map(rows.fact, _list(row["facts"]))),
        entries=tuple(map(rows.entry, _list(row["entries"]))),
        visits=tuple(map(rows.visit, _list(row["visits"]))),
        pin_verifier=row["verifier"] or b"",
        duress_verifier=row["duress_verifier"] or b"",
        photo_ref=row["photo_ref"],
    )


def _list(text: str | None) -> list[Any]:
    found: list[Any] = json.loads(text) if text else []
    return found


def _credential(cardholder_id: str, values: list[Any]) -> Credential:
    """A credential without an identifier left to it does not come here: another took them over."""
    credential_id, state, valid_from_ms, valid_to_ms, external_ref, changed_at_ms, *rest = values
    replaces, stands_in_for, single_use, pin_required, pairs = rest
    return Credential(
        credential_id,
        cardholder_id,
        rows.identifiers(pairs),
        rows.STATES[state],
        valid_from_ms,
        valid_to_ms,
        external_ref,
        changed_at_ms,
        replaces,
        stands_in_for,
        single_use,
        pin_required,
    )
