"""Access events as they are stored: one canonical JSON payload in three retention classes.

A payload is `{"core":{...},"health":{...},"identity":{...}}`, keys sorted, no spaces, UTF-8. The canonical bytes of
each part are a substring of the whole, so that a part can be stored, committed to and deleted on its own.

core      event_id, kind, site, agent_id, epoch, number, access_point, door, at_ms, clock_error_ms and, with decisions,
          outcome, unclamped, reasons [[code, rule, outcome]], decided_at_ms, plan_version, policy_version,
          language_version, holds_version, grant_expires_at_ms; with MANUAL_REVIEW review {opens_at_ms}; alarms
          [[kind, private]]; texts {code: [[zh, en] for holder, guard, record]} of a policy's own reasons, a second text
          of one code under code#place; with ACTED
          obeyed; with EDGE from an agent that tells its inputs alone {age_ms, stale_after_ms, released, wired_exit}
          (`menshen_rulebook.alone`); detail, media_ref and flags where there are any.
identity  with decisions: subject_ids, subject_versions, identifiers [[type, value]], tid, reader, plate, pin_verdict,
          arguments (one mapping per reason), private_reasons [[code, rule, outcome]], effects (`domain.effects`),
          live (presences, reservations, counts, used, attempts, interlock as the decision saw them).
health    measured {fact type: value}.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any


class EventKind(IntEnum):
    """What an event records; numbers equal menshen.access.v1.EventKind."""

    UNSPECIFIED = 0
    CENTRE = 1
    EDGE = 2
    ACTED = 3
    TAKEN = 4
    NOT_TAKEN = 5
    DOOR_FORCED = 6
    DOOR_HELD = 7
    TAILGATED = 8
    TAMPER = 9
    DEVICE_LOST = 10
    DEVICE_BACK = 11
    REX = 12
    DOOR_SECURED = 13
    RELEASED = 14
    RESET = 15
    LINE_FAULT = 16
    SPOOL_GAP = 17
    OPERATED = 18
    SECURITY = 19
    REVERSED = 20
    DOOR_NOT_SECURED = 21
    COMMANDED = 22


DECISIONS = frozenset({EventKind.CENTRE, EventKind.EDGE})


@dataclass(frozen=True, slots=True)
class SpoolPosition:
    """Where an event stands in its agent's spool; epoch 0 and number 0 for an event of no spool."""

    epoch: int
    number: int

    def __str__(self) -> str:
        return f"{self.epoch}:{self.number}"


NO_SPOOL = SpoolPosition(0, 0)

_encode = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode


def canonical(part: Mapping[str, Any]) -> bytes:
    """Canonical JSON of one part or of the whole: the same value gives the same bytes."""
    return _encode(part).encode()


@dataclass(frozen=True, slots=True)
class EventPayload:
    """One event. The properties read `core`, which always holds them."""

    core: Mapping[str, Any]
    identity: Mapping[str, Any] = field(default_factory=dict)
    health: Mapping[str, Any] = field(default_factory=dict)

    def encode(self) -> bytes:
        """The canonical bytes that Redis, PostgreSQL and the commitments hold."""
        return canonical({"core": self.core, "health": self.health, "identity": self.identity})

    @property
    def event_id(self) -> str:
        return str(self.core["event_id"])

    @property
    def kind(self) -> EventKind:
        return EventKind(self.core["kind"])

    @property
    def site(self) -> str:
        return str(self.core["site"])

    @property
    def agent_id(self) -> str:
        return str(self.core["agent_id"])

    @property
    def spool(self) -> SpoolPosition:
        return SpoolPosition(self.core["epoch"], self.core["number"])


def decode(payload: bytes) -> EventPayload:
    """The event of canonical bytes; ValueError when they are none."""
    parts = json.loads(payload)
    try:
        return EventPayload(parts["core"], parts["identity"], parts["health"])
    except (KeyError, TypeError):
        raise ValueError("not an event payload") from None
