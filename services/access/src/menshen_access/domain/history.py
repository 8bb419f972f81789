"""Events on their way into the history: retention classes, commitments, the chain.

A commitment is SHA-256(salt + stored bytes) of one retention class; a class without bytes has none. A link's hash is
SHA-256(previous hash + canonical JSON of [site, epoch, sequence, event_id, kind, core, identity, health]), commitments
in lowercase hexadecimal or null. The first link follows GENESIS.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from menshen_access.domain.events import EventKind, EventPayload, SpoolPosition, canonical
from menshen_access.domain.spools import Watermark

GENESIS: Final = bytes(32)
SALT_BYTES: Final = 16
FIRST_DAY: Final = date(2020, 1, 1)
LAST_DAY: Final = date(2120, 1, 1)
_EPOCH: Final = date(1970, 1, 1)
_FIRST_SECOND: Final = (FIRST_DAY - _EPOCH).days * 86_400
_LAST_SECOND: Final = (LAST_DAY - _EPOCH).days * 86_400
_UUID7: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\Z")
_LARGEST: Final = 1 << 63
_OPENINGS: Final = ('{"core":', ',"health":', ',"identity":')
_scan = json.JSONDecoder().raw_decode


class NotRecordableError(ValueError):
    """The payload is no event that can be recorded. The text quotes nothing of it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One event to be recorded: the bytes of its retention classes, and what is queried beside them.

    `key` is (event_id, kind).
    """

    event: EventPayload
    key: tuple[str, int]
    spool: SpoolPosition
    day: date
    at_ms: int
    late: bool
    outcome: int
    reason_codes: tuple[str, ...]
    subject_ids: tuple[str, ...]
    core: bytes
    identity: bytes | None
    health: bytes | None


@dataclass(frozen=True, slots=True)
class Commitments:
    """One per retention class; None where the event has no bytes of that class."""

    core: bytes
    identity: bytes | None
    health: bytes | None


@dataclass(frozen=True, slots=True)
class Salts:
    """Random bytes per retention class, deleted together with the bytes."""

    core: bytes
    identity: bytes | None
    health: bytes | None


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a site's chain, and the last entry of the Redis stream that is recorded."""

    site: str
    epoch: int
    sequence: int = 0
    last_hash: bytes = GENESIS
    stream_position: str = "0-0"


@dataclass(frozen=True, slots=True)
class Link:
    """One numbered event of the chain."""

    site: str
    epoch: int
    sequence: int
    event_id: str
    kind: int
    commitments: Commitments
    previous: bytes
    hash: bytes


@dataclass(frozen=True, slots=True)
class Numbered:
    """An entry with its place in the history."""

    entry: Entry
    salts: Salts
    link: Link


def entry_of(event: EventPayload, *, late: bool) -> Entry:
    """The entry of an event; NotRecordableError when it lacks what every event has."""
    try:
        return _entry(event, (canonical(event.core), canonical(event.health), canonical(event.identity)), late=late)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise NotRecordableError("the event lacks what every event has") from error


def entry_of_payload(payload: bytes) -> Entry:
    """The entry of a payload from the stream. Its parts are stored as they stand in it, without encoding them again."""
    try:
        parts, stored = _split(payload.decode())
        return _entry(EventPayload(parts[0], parts[2], parts[1]), stored, late=False)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, RecursionError) as error:
        raise NotRecordableError("the payload is no event") from error


def _split(text: str) -> tuple[list[dict[str, Any]], tuple[bytes, bytes, bytes]]:
    parts: list[dict[str, Any]] = []
    stored: list[bytes] = []
    end = 0
    for opening in _OPENINGS:
        if not text.startswith(opening, end):
            raise NotRecordableError("the payload is not canonical")
        start = end + len(opening)
        part, end = _scan(text, start)
        parts.append(part)
        stored.append(text[start:end].encode())
    if text[end:] != "}":
        raise NotRecordableError("the payload is not canonical")
    return parts, (stored[0], stored[1], stored[2])


def _entry(event: EventPayload, stored: tuple[bytes, bytes, bytes], *, late: bool) -> Entry:
    core, health, identity = stored
    event_id, kind = event.event_id, event.kind
    if kind is EventKind.UNSPECIFIED or not event.site:
        raise NotRecordableError("an event needs a kind and a site")
    entry = Entry(
        event,
        (event_id, int(kind)),
        event.spool,
        day_of(event_id),
        int(event.core["at_ms"]),
        late,
        int(event.core.get("outcome", 0)),
        tuple(str(reason[0]) for reason in event.core.get("reasons", ())),
        tuple(str(subject_id) for subject_id in event.identity.get("subject_ids", ())),
        core,
        identity if event.identity else None,
        health if event.health else None,
    )
    _check_storable(entry)
    return entry


def is_storable(text: str) -> bool:
    """PostgreSQL takes no NUL in a text."""
    return "\x00" not in text


def _check_storable(entry: Entry) -> None:
    """PostgreSQL takes neither NUL in a text nor more than 63 bits in a number."""
    spool = entry.spool
    access_point = str(entry.event.core.get("access_point", ""))
    texts = (entry.event.agent_id, access_point, *entry.reason_codes, *entry.subject_ids)
    if any("\x00" in text or "\x1f" in text for text in texts):
        raise NotRecordableError("a text holds a control character")
    if any(not -_LARGEST <= value < _LARGEST for value in (entry.at_ms, spool.epoch, spool.number)):
        raise NotRecordableError("a number is too large")
    if not 0 <= entry.outcome < 1 << 15:
        raise NotRecordableError("the outcome is none")


def day_of(event_id: str) -> date:
    """The UTC day inside a canonical UUIDv7; NotRecordableError for other texts, and outside a century."""
    if _UUID7.match(event_id) is None:
        raise NotRecordableError("an event needs a UUIDv7")
    seconds = int(event_id[:8] + event_id[9:13], 16) // 1000
    if not _FIRST_SECOND <= seconds < _LAST_SECOND:
        raise NotRecordableError("no clock of ours shows the event's day")
    return _EPOCH + timedelta(days=seconds // 86_400)


def commit_to(salt: bytes | None, stored: bytes | None) -> bytes | None:
    """The commitment to the stored bytes of a class, None without any."""
    return None if stored is None or salt is None else hashlib.sha256(salt + stored).digest()


def link_hash(
    previous: bytes, site: str, epoch: int, sequence: int, event_id: str, kind: int, commitments: Commitments
) -> bytes:
    """The hash of a link, as the module describes it."""
    texts = [None if c is None else c.hex() for c in (commitments.core, commitments.identity, commitments.health)]
    body = json.dumps([site, epoch, sequence, event_id, kind, *texts], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(previous + body.encode()).digest()


def number(head: Head, entries: Iterable[Entry], random_bytes: Callable[[int], bytes]) -> list[Numbered]:
    """Give each entry the next sequence, salts and a link, in order."""
    sequence, previous = head.sequence, head.last_hash
    numbered: list[Numbered] = []
    for entry in entries:
        sequence += 1
        salts = _salts(entry, random_bytes)
        commitments = Commitments(
            hashlib.sha256(salts.core + entry.core).digest(),
            commit_to(salts.identity, entry.identity),
            commit_to(salts.health, entry.health),
        )
        event_id, kind = entry.key
        digest = link_hash(previous, head.site, head.epoch, sequence, event_id, kind, commitments)
        link = Link(head.site, head.epoch, sequence, event_id, kind, commitments, previous, digest)
        numbered.append(Numbered(entry, salts, link))
        previous = digest
    return numbered


def _salts(entry: Entry, random_bytes: Callable[[int], bytes]) -> Salts:
    pool = random_bytes(3 * SALT_BYTES)
    return Salts(
        pool[:SALT_BYTES],
        pool[SALT_BYTES : 2 * SALT_BYTES] if entry.identity is not None else None,
        pool[2 * SALT_BYTES :] if entry.health is not None else None,
    )


@dataclass(frozen=True, slots=True)
class StreamEntry:
    """An entry of the Redis stream as read: its position, and the payload that should be an event."""

    position: str
    payload: bytes


@dataclass(frozen=True, slots=True)
class RecordedEvent:
    """An event of the history. `identity_gone`: it has no identity bytes, because they were deleted or never were."""

    site: str
    sequence: int
    recorded_at_ms: int
    late: bool
    event: EventPayload
    identity_gone: bool


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Which events to list; empty texts and zeros leave a condition out. `days` bounds the partitions looked at.

    With a category or a unit and no subject the newest day comes first, and of a day the newest event:
    `before_sequence` then speaks of the last day alone.
    """

    before_sequence: int
    subject_id: str
    access_point: str
    days: tuple[date, date]
    from_ms: int
    to_ms: int
    kind: int
    outcome: int
    reason_code: str
    category: str = ""
    unit: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """Every text that is asked for."""
        return self.subject_id, self.access_point, self.reason_code, self.category, self.unit

    @property
    def is_by_day(self) -> bool:
        """Whether days come before sequences."""
        return bool(self.category or self.unit) and not self.subject_id


@dataclass(frozen=True, slots=True)
class Appended:
    """What one batch did: how many events were new, the sequence now, the watermarks of the agents in the batch."""

    inserted: int
    sequence: int
    watermarks: tuple[Watermark, ...]
