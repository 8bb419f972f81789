"""Decisions of the real rulebook as forms to be filled in: a hundredth of the cost of deciding each.

A form is the stored bytes of one decision whose ids and times stand open. Which decision it is depends on nothing that
is filled in, which `check` proves by deciding again.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from hot_path.subjects import subject
from menshen_access.domain.asking import Asked
from menshen_access.domain.circumstances import Circumstances
from menshen_access.domain.decided import decision_event
from menshen_access.domain.events import EventPayload, SpoolPosition, canonical
from menshen_access.domain.rerunning import live_state_of
from menshen_rulebook.decide import decide
from menshen_rulebook.plan import SitePlan
from menshen_rulebook.types import Credential, CredentialState, Identifier, IdentifierType, Outcome, Presentation

AGENT: Final = "bench-1"
WAITED_MS: Final = 7
"""What lies between a presentation and its decision."""

GRANT_MS: Final = 8_000
_NUMBER: Final = re.compile(rb"\d{7,}")

Blanks = Mapping[bytes, bytes | int]


@dataclass(frozen=True, slots=True)
class Blank:
    """What is filled in."""

    event_id: str
    number: int
    subject_id: str
    version: int
    card: str
    at_ms: int
    before_ms: int
    before_id: str
    moves: int


@dataclass(frozen=True, slots=True)
class Form:
    """A decision at an access point; `core` and `identity` are bytes formats over `blanks_of`."""

    access_point: str
    outcome: int
    reason_codes: tuple[str, ...]
    core: bytes
    identity: bytes


_SAMPLE: Final = Blank(
    "01970000-aaaa-7bbb-8ccc-dddddddddddd", 7_700_001, "c:sample", 7_700_002, "CARD-SAMPLE", 1_772_409_612_345,
    1_772_402_222_222, "01970000-eeee-7fff-8999-000000000000", 7_700_003,
)  # fmt: skip


def blanks_of(blank: Blank, expires_ms: int) -> dict[bytes, bytes | int]:
    """The values of a form's blanks."""
    return {
        b"event_id": blank.event_id.encode(),
        b"number": blank.number,
        b"subject": blank.subject_id.encode(),
        b"version": blank.version,
        b"card": blank.card.encode(),
        b"at": blank.at_ms,
        b"decided": blank.at_ms + WAITED_MS,
        b"expires": blank.at_ms + WAITED_MS + expires_ms,
        b"before": blank.before_ms,
        b"before_id": blank.before_id.encode(),
        b"moves": blank.moves,
    }


def form_of(plan: SitePlan, access_point: str, inside: bool, lost: bool) -> tuple[Form, int]:
    """The decision about somebody there, carrying a lost card or the right one; and how long its grant may be taken."""
    event = _decided(plan, access_point, inside, lost, _SAMPLE)
    expires_at_ms = event.core["grant_expires_at_ms"]
    expires_ms = expires_at_ms - _SAMPLE.at_ms - WAITED_MS if expires_at_ms else 0
    blanks = blanks_of(_SAMPLE, expires_ms)
    core, identity = (_opened(canonical(part), blanks) for part in (event.core, event.identity))
    codes = tuple(reason[0] for reason in event.core["reasons"])
    return Form(access_point, event.core["outcome"], codes, core, identity), expires_ms


def check(plan: SitePlan, form: Form, expires_ms: int, inside: bool, lost: bool, blank: Blank) -> None:
    """Decide once more with other values; RuntimeError where the form says otherwise."""
    event, blanks = _decided(plan, form.access_point, inside, lost, blank), blanks_of(blank, expires_ms)
    if (canonical(event.core), canonical(event.identity)) != (form.core % blanks, form.identity % blanks):
        raise RuntimeError(f"the form of {form.access_point} is not what is decided there")
    if (event.core["outcome"] == Outcome.DENY) is not lost:
        raise RuntimeError(f"{form.access_point} gives {event.core['outcome']}")


def _decided(plan: SitePlan, access_point: str, inside: bool, lost: bool, blank: Blank) -> EventPayload:
    card = Identifier(IdentifierType.CARD, blank.card)
    state = CredentialState.LOST if lost else CredentialState.ACTIVE
    whom = replace(
        subject(0), subject_id=blank.subject_id, version=blank.version, credentials=(Credential("k", (card,), state),)
    )
    shown = Presentation(blank.event_id, plan.site, access_point, AGENT, blank.at_ms, (card,))
    asked = Asked(shown, (card.key,), SpoolPosition(1, blank.number), blank.at_ms, 5, reader="reader-1")
    area, path = ("campus", ["campus"]) if inside else ("outside", ["outside"])
    place: list[Any] = [whom.subject_id, area, blank.before_ms, blank.before_id, blank.moves, access_point, path]
    live = live_state_of({"presences": [place]}, Circumstances(1))
    decision = decide(shown, (whom,), access_point, plan, live, blank.at_ms + WAITED_MS)
    return decision_event(asked, decision, (whom,), live, GRANT_MS)


def _opened(stored: bytes, blanks: Blanks) -> bytes:
    """The bytes with every value of a blank replaced by the blank."""
    form = stored.replace(b"%", b"%%")
    texts = {name: value for name, value in blanks.items() if isinstance(value, bytes)}
    for name, text in texts.items():
        form = form.replace(text, b"%(" + name + b")b")
    numbers = {str(value).encode(): name for name, value in blanks.items() if isinstance(value, int)}
    return _NUMBER.sub(lambda found: b"%(" + numbers[found[0]] + b")d", form)
