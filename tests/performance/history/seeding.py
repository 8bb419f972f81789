"""Fills the history of a site with the decisions of half a year, without a recorder: chained, and true to the rules."""

import asyncio
import hashlib
import json
import random
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from hot_path.subjects import card_of
from menshen_access.domain.circumstances import Circumstances
from menshen_access.domain.history import GENESIS, SALT_BYTES
from menshen_access.postgres.partitions import Partitions
from menshen_rulebook.plan import SitePlan
from menshen_servicekit.clock import SystemClock
from menshen_servicekit.postgres import Connection, Pool

from history.campus import BY_NOW, LANES, LOST, PERSON, SITE, seed_campus
from history.templates import AGENT, Blank, Form, blanks_of, check, form_of

EPOCH: Final = 1
DAYS: Final = 170
"""Less than the identity of those concerned is kept."""

REFUSED: Final = 23
"""One way in of so many is tried with a lost card, now one subject and now another."""

UNITS: Final = 200
_STEP: Final = 7919
"""Visits every subject before any twice."""

_PAGE_S: Final = 600
_EVENT: Final = (
    "site", "day", "event_id", "kind", "sequence", "at_ms", "recorded_at_ms", "late", "access_point", "outcome",
    "reason_codes", "subject_ids", "categories", "units", "agent_id", "spool_epoch", "spool_number",
    "core", "core_salt", "identity", "identity_salt",
)  # fmt: skip
_LINK: Final = (
    "site", "sequence", "epoch", "day", "event_id", "kind", "core_commitment", "identity_commitment", "previous",
    "hash",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Scale:
    """How large a history is."""

    events: int
    subjects: int = 60_000

    @property
    def a_day(self) -> int:
        return self.events // DAYS

    @property
    def recorded(self) -> int:
        """The last sequence: the same number every day."""
        return self.a_day * DAYS


@dataclass(frozen=True, slots=True)
class Filled:
    """What was filled in: the first day, and an id of every thousandth event."""

    scale: Scale
    first: date
    event_ids: tuple[str, ...]

    def ms(self, day: int) -> int:
        """When a day of the history began."""
        return _midnight_ms(self.first + timedelta(days=day))

    def to_json(self) -> str:
        return json.dumps([asdict(self.scale), self.first.isoformat(), self.event_ids])


def kept(note: Path, scale: Scale) -> Filled | None:
    """What a history that was kept was filled with; None where there is none of that scale."""
    if not note.exists():
        return None
    counts, first, event_ids = json.loads(note.read_text())
    found = Filled(Scale(**counts), date.fromisoformat(first), tuple(event_ids))
    return found if found.scale == scale else None


async def seed_history(pool: Pool, scale: Scale) -> Filled:
    """Campus, subjects and that many events of the days before today, in a site that has none."""
    now_ms = SystemClock().now_ms()
    first = datetime.fromtimestamp(now_ms / 1000, UTC).date() - timedelta(days=DAYS + 1)
    days = [first + timedelta(days=number) for number in range(DAYS)]
    plan = await seed_campus(pool, scale.subjects, now_ms)
    past = Past(plan, scale)
    async with pool.acquire() as connection, pool.acquire() as beside:
        for one in (connection, beside):
            await one.execute("SET statement_timeout = 0")
        await Partitions().ensure(connection, set(days))
        await connection.execute("UPDATE site SET epoch = $2 WHERE site = $1", SITE, EPOCH)
        await connection.execute(
            "INSERT INTO circumstances_version VALUES ($1, 1, $2, $3)", SITE, Circumstances(1).encode(), now_ms
        )
        await connection.execute("UPDATE plan_head SET holds_version = 1 WHERE site = $1", SITE)
        await _fill(connection, beside, past, days)
        head = (SITE, past.sequence, past.hash)
        await connection.execute("UPDATE head SET sequence = $2, last_hash = $3 WHERE site = $1", *head)
        # Where people were is derived event by event, and was while it happened.
        followed = [(SITE, feed, 1, past.sequence) for feed in ("registers", "merged")]
        await connection.executemany("INSERT INTO feed_cursor VALUES ($1, $2, $3, $4)", followed)
        for table in ("event", "event_chain"):
            await connection.execute(f"ANALYZE {table}", timeout=_PAGE_S)
        for one in (connection, beside):
            await one.execute("RESET statement_timeout")
    return Filled(scale, first, tuple(past.event_ids))


async def _fill(connection: Connection, beside: Connection, past: "Past", days: list[date]) -> None:
    """A day's events and its links go over two connections at once."""
    writing: list[asyncio.Task[Any]] = []
    async with asyncio.TaskGroup() as group:
        for day in days:
            links: list[tuple[Any, ...]] = []
            await connection.copy_records_to_table(
                "event", records=past.of_day(day, links), columns=_EVENT, timeout=_PAGE_S
            )
            await asyncio.gather(*writing)
            copy = beside.copy_records_to_table("event_chain", records=links, columns=_LINK, timeout=_PAGE_S)
            writing = [group.create_task(copy)]


class Past:
    """Goes through the days: who presents what where, and the chain of it."""

    def __init__(self, plan: SitePlan, scale: Scale) -> None:
        self._scale = scale
        self._chance = random.Random(1)
        self._forms = [_forms(plan, lane) for lane in range(LANES)]
        self._inside = bytearray(scale.subjects)
        self._moves = [1] * scale.subjects
        self._last = [(1_700_000_000_000, "018bcfe5-6800-7000-8000-000000000000")] * scale.subjects
        self.sequence, self.hash = 0, GENESIS
        self.event_ids: list[str] = []

    def of_day(self, day: date, links: list[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
        """The rows of a day's events; those of its chain are added to `links`."""
        begin_ms, gap_ms = _midnight_ms(day), 86_400_000 / self._scale.a_day
        for number in range(self._scale.a_day):
            yield self._event(day, begin_ms + int(number * gap_ms), links)

    def _event(self, day: date, at_ms: int, links: list[tuple[Any, ...]]) -> tuple[Any, ...]:
        self.sequence += 1
        sequence, chance = self.sequence, self._chance
        number = sequence * _STEP % self._scale.subjects
        inside = self._inside[number]
        lost = not inside and sequence % REFUSED == 0
        form, expires_ms = self._forms[sequence % LANES][2 if lost else inside]
        event_id, subject_id = _uuid7(at_ms, chance.getrandbits(74)), PERSON.format(number)
        before_ms, before_id = self._last[number]
        version = 1 if sequence * 2 < self._scale.events else BY_NOW
        card = card_of(number + LOST if lost else number)
        blank = Blank(event_id, sequence, subject_id, version, card, at_ms, before_ms, before_id, self._moves[number])
        blanks = blanks_of(blank, expires_ms)
        core, identity, salts = form.core % blanks, form.identity % blanks, chance.randbytes(2 * SALT_BYTES)
        links.append(self._link(day, event_id, salts, core, identity))
        if not lost:
            self._inside[number], self._last[number] = not inside, (at_ms, event_id)
            self._moves[number] += 1
        if sequence % 1000 == 0:
            self.event_ids.append(event_id)
        return (
            SITE, day, event_id, 1, sequence, at_ms, at_ms + 40, False, form.access_point, form.outcome,
            form.reason_codes, (subject_id,), (_category(number),), (f"u-{number % UNITS}",), AGENT, 1, sequence,
            core, salts[:SALT_BYTES], identity, salts[SALT_BYTES:],
        )  # fmt: skip

    def _link(self, day: date, event_id: str, salts: bytes, core: bytes, identity: bytes) -> tuple[Any, ...]:
        """As `domain.history.number` links; written out, because it is done millions of times."""
        previous, sequence = self.hash, self.sequence
        promises = [
            hashlib.sha256(salts[:SALT_BYTES] + core),
            hashlib.sha256(salts[SALT_BYTES:] + identity),
        ]
        texts = '","'.join([one.hexdigest() for one in promises])
        body = f'["{SITE}",{EPOCH},{sequence},"{event_id}",1,"{texts}",null]'
        self.hash = hashlib.sha256(previous + body.encode()).digest()
        return SITE, sequence, EPOCH, day, event_id, 1, promises[0].digest(), promises[1].digest(), previous, self.hash


def _forms(plan: SitePlan, lane: int) -> list[tuple[Form, int]]:
    """In, out, and in with a lost card."""
    other = Blank("01980000-1111-7222-8333-444444444444", 9, "c:other", 3, "0A", 1_772_500_000_000, 1, "none", 4)
    forms = []
    for way, inside, lost in (("in", False, False), ("out", True, False), ("in", False, True)):
        form, expires_ms = form_of(plan, f"n{lane}-{way}", inside, lost)
        check(plan, form, expires_ms, inside, lost, other)
        forms.append((form, expires_ms))
    return forms


def _category(number: int) -> str:
    return "visitor" if number % 97 == 0 else "staff" if number % 5 == 0 else "student"


def _uuid7(at_ms: int, chance: int) -> str:
    digits, rest = f"{at_ms:012x}", f"{chance:019x}"
    return f"{digits[:8]}-{digits[8:]}-7{rest[:3]}-8{rest[3:6]}-{rest[6:18]}"


def _midnight_ms(day: date) -> int:
    return int(datetime.combine(day, datetime.min.time(), UTC).timestamp() * 1000)
