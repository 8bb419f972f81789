"""The invented campus of the history: forty access points, sixty thousand people, and everything a decision cites."""

import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from typing import Any, Final

from hot_path.subjects import POLICY, card_of, plan_document, subject
from menshen_access.domain.subject_records import MODULUS, keys_of, record_hash
from menshen_access.plan_making import plain_plan
from menshen_access.planning import Planning
from menshen_access.postgres.administration import Administration
from menshen_access.postgres.sites import Sites
from menshen_rulebook.plan import SitePlan, plan_from_mapping
from menshen_rulebook.records import pack
from menshen_rulebook.types import Credential, CredentialState, Identifier, IdentifierType, Subject
from menshen_servicekit.clock import SystemClock
from menshen_servicekit.ids import Uuid7Factory
from menshen_servicekit.postgres import Pool
from scale.seeding import SUBJECT_COLUMNS

SITE: Final = "north"
LANES: Final = 20
GATES: Final = 2 * LANES
PERSON: Final = "p:{:08d}-0000-7000-8000-000000000000"
"""An id of no feed: identity, which knows nobody here, would have its own removed."""

LOST: Final = 0x1000_0000
"""What the number of a subject's lost card is ahead of the number of the one it carries."""

CLASSES: Final = 100
TERMS: Final = 10
BY_NOW: Final = 2
"""Every subject was told of twice: the first half of the history cites version 1, the other half this one."""

_PAGE: Final = 20_000
_PAGE_S: Final = 600
_DAY_MS: Final = 86_400_000
_VERSION_COLUMNS: Final = ("site", "subject_id", "version", "record")


def person(number: int, version: int, now_ms: int) -> Subject:
    """A member of staff of one of a hundred classes, with a card for one of ten terms to come and one that was lost."""
    known = subject(number)
    [card] = known.credentials
    ends_ms = now_ms + (number % TERMS + 1) * 30 * _DAY_MS
    lost = Identifier(IdentifierType.CARD, card_of(LOST + number))
    return replace(
        known,
        subject_id=PERSON.format(number),
        version=version,
        groups=("staff", f"class-{number % CLASSES}") if version == BY_NOW else ("staff",),
        credentials=(
            replace(card, valid_to_ms=ends_ms),
            Credential(f"lost-{number}", (lost,), CredentialState.LOST),
        ),
    )


async def seed_campus(pool: Pool, subjects: int, now_ms: int) -> SitePlan:
    """Plan and policy through the use case, the subjects straight into the tables; returns the plan in force."""
    sites, clock = Sites(pool), SystemClock()
    await sites.ensure(SITE)
    store = Administration(pool, sites)
    planning = Planning(store, _publish_nothing, clock, Uuid7Factory(clock))
    await planning.put_plan(SITE, json.dumps(plan_document(LANES)), 0, "bench", "bench")
    await planning.activate_policy(SITE, POLICY, 1, "bench", "bench")
    await _seed_subjects(pool, subjects, now_ms)
    version, document = await store.current_plan(SITE)
    return plan_from_mapping({**plain_plan(SITE, version, document), "version": version})


async def _seed_subjects(pool: Pool, subjects: int, now_ms: int) -> None:
    rows, digest = _subject_rows(subjects, now_ms), 0
    async with pool.acquire() as connection:
        await connection.execute("SET statement_timeout = 0")
        while page := list(islice(rows, _PAGE)):
            digest += sum(int.from_bytes(row[7]) for row in page)
            await connection.copy_records_to_table("subject", records=page, columns=SUBJECT_COLUMNS, timeout=_PAGE_S)
        for version in range(1, BY_NOW + 1):
            cited = ((SITE, one.subject_id, version, pack(one)) for one in _people(subjects, version, now_ms))
            await connection.copy_records_to_table(
                "subject_version", records=cited, columns=_VERSION_COLUMNS, timeout=_PAGE_S
            )
        told = (SITE, subjects, (digest % MODULUS).to_bytes(32))
        await connection.execute(
            "UPDATE projection SET position = $2, subjects = $2, digest = $3 WHERE site = $1", *told
        )
        for table in ("subject", "subject_version"):
            await connection.execute(f"ANALYZE {table}", timeout=_PAGE_S)
        await connection.execute("RESET statement_timeout")


def _people(subjects: int, version: int, now_ms: int) -> Iterator[Subject]:
    return (person(number, version, now_ms) for number in range(subjects))


def _subject_rows(subjects: int, now_ms: int) -> Iterator[tuple[Any, ...]]:
    for position, one in enumerate(_people(subjects, BY_NOW, now_ms), 1):
        record = pack(one)
        share = record_hash(one.subject_id, one.version, record)
        yield SITE, one.subject_id, BY_NOW, position, 1, 1, record, share, keys_of(one), (), b"", b"", ""


async def _publish_nothing(_site: str) -> None:
    """No process decides yet."""
