"""From what a feed says of a subject, and the levels assigned here, to the versioned record that decisions are made on.

The digest of a site is the sum modulo 2^256 of SHA-256(subject_id NUL version NUL record) over all records held.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Final

from menshen_rulebook.records import pack, unpack
from menshen_rulebook.types import LevelAssignment, Subject

MODULUS: Final = 1 << 256

Page = tuple[bytes, bytes]
"""Subject ids and packed records as many of them cross to another process, each joined by line feeds."""
_MOST_DROPPED: Final = 64


@dataclass(frozen=True, slots=True)
class FeedChange:
    """A subject as its owning service knows it. `subject` has no levels and no version; None: no longer known here."""

    subject_id: str
    feed_version: int
    subject: Subject | None
    pin_verifier: bytes = b""
    duress_verifier: bytes = b""
    photo_ref: str = ""


@dataclass(frozen=True, slots=True)
class HeldSubject:
    """A subject as projected. An empty record is a subject that was removed; its version keeps counting."""

    subject_id: str
    version: int
    feed_epoch: int
    feed_version: int
    record: bytes
    record_hash: bytes
    keys: tuple[str, ...]
    dropped_keys: tuple[str, ...]
    pin_verifier: bytes = b""
    duress_verifier: bytes = b""
    photo_ref: str = ""
    position: int = 0


@dataclass(frozen=True, slots=True)
class Projection:
    """How far the projection of a site is, as of one instant. `digest` covers the records held at `position`."""

    epoch: int
    position: int
    subjects: int
    digest: bytes


@dataclass(frozen=True, slots=True)
class FeedPlace:
    """A place in a feed of another service."""

    epoch: int
    position: int


class Lane(Enum):
    """Which changes of a feed: all of them, or revocations ahead of the others."""

    ALL = "all"
    REVOCATIONS = "revocations"


class FeedRestartError(Exception):
    """The feed does not know the place any more; it must be read from its start."""


@dataclass(frozen=True, slots=True)
class FeedBatch:
    """Changes in order. `caught_up` holds once everything that stood at the start of the watch was given."""

    changes: Sequence[FeedChange]
    place: FeedPlace
    caught_up: bool


def project(
    change: FeedChange, held: HeldSubject | None, feed_epoch: int, levels: Sequence[LevelAssignment]
) -> HeldSubject | None:
    """The subject after a change; None when the change is not newer than what is held, or removes what was never held.

    The version grows only when the record's content changes, so that a feed read again from its start changes nothing.
    """
    if held is not None and held.feed_epoch == feed_epoch and held.feed_version >= change.feed_version:
        return None
    if held is None:
        if change.subject is None:
            return None
        held = HeldSubject(change.subject_id, 0, feed_epoch, 0, b"", b"", (), ())
    told = replace(
        held,
        feed_epoch=feed_epoch,
        feed_version=change.feed_version,
        pin_verifier=change.pin_verifier,
        duress_verifier=change.duress_verifier,
        photo_ref=change.photo_ref,
    )
    return _with_subject(told, held, change.subject, levels)


def with_levels(held: HeldSubject, levels: Sequence[LevelAssignment]) -> HeldSubject | None:
    """The subject after its assignments changed; None when it is removed or nothing changed."""
    if not held.record:
        return None
    changed = _with_subject(held, held, unpack(held.record), levels)
    return None if changed.version == held.version else changed


def _with_subject(
    told: HeldSubject, held: HeldSubject, subject: Subject | None, levels: Sequence[LevelAssignment]
) -> HeldSubject:
    pins_stand = (told.pin_verifier, told.duress_verifier) == (held.pin_verifier, held.duress_verifier)
    if held.version and pins_stand and _packed(subject, held.version, levels, held.record) == held.record:
        return told
    version = held.version + 1
    record = _packed(subject, version, levels, b"-")
    keys = keys_of(subject) if subject is not None else ()
    gone = [key for key in dict.fromkeys((*held.keys, *held.dropped_keys)) if key not in keys]
    return HeldSubject(
        told.subject_id,
        version,
        told.feed_epoch,
        told.feed_version,
        record,
        record_hash(told.subject_id, version, record),
        keys,
        tuple(gone[:_MOST_DROPPED]),
        told.pin_verifier,
        told.duress_verifier,
        told.photo_ref,
    )


def _packed(subject: Subject | None, version: int, levels: Sequence[LevelAssignment], known: bytes) -> bytes:
    """The record under a version; empty for no subject. Where nothing is known to compare with, none is packed."""
    if subject is None:
        return b""
    return pack(replace(subject, version=version, levels=tuple(levels))) if known else b"-"


def keys_of(subject: Subject) -> tuple[str, ...]:
    """The look-up keys of all identifiers, each once."""
    return tuple(
        dict.fromkeys(identifier.key for credential in subject.credentials for identifier in credential.identifiers)
    )


def record_hash(subject_id: str, version: int, record: bytes) -> bytes:
    """The share of a record in the digest; empty for a removed subject."""
    if not record:
        return b""
    return hashlib.sha256(f"{subject_id}\x00{version}\x00".encode() + record).digest()


def digest_after(digest: bytes, removed: Iterable[bytes], added: Iterable[bytes]) -> bytes:
    """The digest after shares were taken out and put in."""
    total = int.from_bytes(digest) - sum(map(int.from_bytes, removed)) + sum(map(int.from_bytes, added))
    return (total % MODULUS).to_bytes(32)
