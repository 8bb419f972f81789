"""Presentations as they may be recorded, at random, and what happened by a plain reading of them."""

import random
from typing import Any

from menshen_access.domain.events import EventKind, EventPayload
from menshen_access.domain.presence_history import outset_of

POINTS, CODES = ("n-in", "n-out", "s-in"), ("CARD_UNKNOWN", "LEVEL_MISSING", "OUTSIDE_SCHEDULE")
DENIED = 4


def id_at(at_ms: int, chance: random.Random) -> str:
    """A UUIDv7 of that instant."""
    tail = f"{at_ms:012x}7{chance.getrandbits(12):03x}8{chance.getrandbits(60):015x}"
    return f"{tail[:8]}-{tail[8:12]}-{tail[12:16]}-{tail[16:20]}-{tail[20:]}"


def presentation(event: Any, site: str, chance: random.Random, at_ms: int) -> list[EventPayload]:
    """Whatever may be recorded of one presentation, in any order."""
    point, subject = chance.choice(POINTS), f"c:{chance.randrange(8)}"
    same = {"event_id": id_at(at_ms, chance), "site": site, "access_point": point}
    events = []
    for kind in chance.choice(((1,), (2,), (1, 2))):
        outcome = chance.choice((1, DENIED))
        reasons = [[code, "", outcome] for code in chance.sample(CODES, chance.randrange(3))]
        row = chance.choice((["R", subject, ["hall"], point, at_ms], ["M", subject, ["hall"], point, at_ms]))
        effects = [] if outcome == DENIED else chance.choice(([row], [["V", None, [row]]]))
        identity = {"subject_ids": [subject], "effects": effects, "plate": "\x00"}
        events.append(event(EventKind(kind), **same, at_ms=at_ms, outcome=outcome, reasons=reasons, identity=identity))
    if chance.random() < 0.5:
        events.append(event(EventKind.ACTED, **same, at_ms=at_ms + 1, obeyed=chance.choice((0, 1, 2))))
    if chance.random() < 0.6:
        passage = chance.choice((EventKind.TAKEN, EventKind.NOT_TAKEN))
        events.append(event(passage, **same, at_ms=at_ms + chance.randrange(4_000)))
    chance.shuffle(events)
    return events


def obeyed(events: list[EventPayload]) -> EventPayload | None:
    by_kind = {int(one.kind): one for one in events}
    named = by_kind[3].core.get("obeyed", 0) if 3 in by_kind else 0
    return by_kind.get(named) if named else by_kind.get(2, by_kind.get(1))


def passage_of(events: list[EventPayload], passed_reviews: frozenset[str]) -> tuple[int, list[str]] | None:
    """(instant, subjects) of the passage: the register's own rule says whether one happened."""
    decision = obeyed(events)
    subjects = list(decision.identity["subject_ids"]) if decision else []
    for one in events:
        if one.kind is EventKind.TAKEN:
            return int(one.core["at_ms"]), subjects
    moves = outset_of(events, passed=events[0].event_id in passed_reviews).transitions
    return (int(decision.core["at_ms"]), subjects) if decision and moves else None
