"""What follows from a recorded event: the review a guard is asked for, and the alarms the control room gets."""

import hashlib
import json
from typing import Final

from menshen_rulebook.types import AlarmKind

from menshen_access.domain.administration import Review, ReviewState, WaitingAlarm
from menshen_access.domain.events import DECISIONS
from menshen_access.domain.history import Entry

REVIEW_LASTS_MS: Final = 120_000
"""How long a review waits for a guard where it does not open by itself."""

_MANUAL_REVIEW: Final = 3
_SYSTEM: Final = 14

_SAFETY_KIND: Final = {
    AlarmKind.DURESS: 6,
    AlarmKind.TAG_CLONED: 10,
    AlarmKind.BLACKLISTED: 13,
    AlarmKind.CREDENTIAL_STOLEN: 11,
    AlarmKind.WRONG_PIN_REPEATED: 9,
    AlarmKind.EXIT_ALERT: 11,
    AlarmKind.SYSTEM_FAULT: 14,
}
"""To menshen.safety.v1.AlarmKind."""


def review_of(entry: Entry, now_ms: int, lasts_ms: int = REVIEW_LASTS_MS) -> Review | None:
    """The review a decision asks for, or None. One that is recorded after its end is EXPIRED from the start."""
    if entry.key[1] not in DECISIONS or entry.outcome != _MANUAL_REVIEW:
        return None
    core, identity = entry.event.core, entry.event.identity
    opened_at_ms = int(core.get("decided_at_ms", entry.at_ms))
    opens_at_ms = (core.get("review") or {}).get("opens_at_ms")
    expires_at_ms = int(opens_at_ms) if opens_at_ms is not None else opened_at_ms + lasts_ms
    reasons = {
        "reasons": core.get("reasons", []),
        "texts": core.get("texts", {}),
        "arguments": identity.get("arguments", []),
    }
    return Review(
        review_id=entry.event.event_id,
        position=0,
        event_id=entry.event.event_id,
        agent_id=entry.event.agent_id,
        access_point=str(core.get("access_point", "")),
        subject_ids=entry.subject_ids,
        reasons=json.dumps(reasons, ensure_ascii=False, separators=(",", ":")),
        state=ReviewState.EXPIRED if entry.late and expires_at_ms <= now_ms else ReviewState.OPEN,
        opened_at_ms=opened_at_ms,
        expires_at_ms=expires_at_ms,
        opens_itself=opens_at_ms is not None,
        operator="",
        note="",
        version=1,
    )


def alarms_of(entry: Entry) -> list[WaitingAlarm]:
    """The alarms a decision raises. Their ids follow from event and kind, so that a second record raises none anew."""
    if entry.key[1] not in DECISIONS:
        return []
    event = entry.event
    place = (event.site, str(event.core.get("access_point", "")), event.event_id, entry.at_ms)
    return [_alarm(int(row[0]), place, private=bool(row[1])) for row in event.core.get("alarms", ())]


def duress_alarm(site: str, access_point: str, event_id: str, at_ms: int) -> WaitingAlarm:
    """The alarm that the record of a decision on a duress PIN raises, without waiting for the record."""
    return _alarm(int(AlarmKind.DURESS), (site, access_point, event_id, at_ms), private=True)


def _alarm(kind: int, place: tuple[str, str, str, int], *, private: bool) -> WaitingAlarm:
    site, access_point, event_id, at_ms = place
    known = kind in AlarmKind.__members__.values()
    cause = AlarmKind(kind).name if known else f"KIND_{kind}"
    return WaitingAlarm(
        derived_uuid7(event_id, cause),
        site,
        _SAFETY_KIND.get(AlarmKind(kind), _SYSTEM) if known else _SYSTEM,
        access_point,
        event_id,
        at_ms,
        (("cause", cause), ("private", "true" if private else "false")),
    )


def derived_uuid7(event_id: str, word: str) -> str:
    """A UUIDv7 with the time of `event_id` whose other bits follow from both arguments."""
    digits = hashlib.sha256(f"{event_id} {word}".encode()).hexdigest()
    variant = "89ab"[int(digits[3], 16) & 3]
    return f"{event_id[:13]}-7{digits[:3]}-{variant}{digits[4:7]}-{digits[7:19]}"
