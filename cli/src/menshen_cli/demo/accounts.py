"""The books: what the simulators' ledger says was presented and happened, against what the event history recorded.

Every presentation must have exactly one decision the lane obeyed (CENTRE or EDGE), every passage its TAKEN, every
forced, held and tailgated door its event, every door that a fire freed its release; nothing twice, no number missing in
any agent's spool. Who leaves through a freed door presents nothing and takes no grant: the history has nothing of them.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from menshen.access.v1 import decision_pb2
from menshen.access.v1.events_pb2 import AccessEvent
from menshen_simulators.ledger import Entry

from .evacuation import PASSED, Evacuation, evacuation_of

EARLIEST_MS, LATEST_MS = 500, 12_000
"""A reader may report a presentation this much before and after the ledger's instant: clocks, polls, digits typed."""
PRESENTED, FORCED, WEDGED = "PRESENTED", "FORCED", "WEDGED"
MOST_LISTED = 20
_DECISIONS = (decision_pb2.EVENT_KIND_CENTRE, decision_pb2.EVENT_KIND_EDGE)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the books."""

    zh: str
    en: str
    ledger: int
    recorded: int

    @property
    def agrees(self) -> bool:
        return self.ledger == self.recorded


@dataclass(slots=True)
class Books:
    """All lines, and what does not agree, by id."""

    rows: list[Row] = field(default_factory=list)
    mismatches: list[str] = field(default_factory=list)

    @property
    def agree(self) -> bool:
        return not self.mismatches and all(row.agrees for row in self.rows)

    def note(self, mismatches: Iterable[str]) -> None:
        """List mismatches, at most MOST_LISTED of a sort."""
        found = list(mismatches)
        self.mismatches += found[:MOST_LISTED]
        if len(found) > MOST_LISTED:
            self.mismatches.append(f"... and {len(found) - MOST_LISTED} more of the sort")


@dataclass(frozen=True, slots=True)
class Recorded:
    """The recorded events of all sites, looked at from every side."""

    events: Sequence[AccessEvent]

    def ids(self, *kinds: int) -> set[str]:
        """The event ids recorded with any of the kinds."""
        return {event.event_id for event in self.events if event.kind in kinds}

    def decisions(self) -> dict[str, AccessEvent]:
        """One decision per presentation an agent made; the edge's where both decided."""
        found: dict[str, AccessEvent] = {}
        for event in self.events:
            is_ours = event.kind in _DECISIONS and event.agent_id
            if is_ours and (event.event_id not in found or event.kind == decision_pb2.EVENT_KIND_EDGE):
                found[event.event_id] = event
        return found


def keep_books(
    entries: Sequence[Entry],
    events: Sequence[AccessEvent],
    point_of: Callable[[str], str],
    doors_of: Mapping[str, Sequence[str]],
) -> Books:
    """Compare the ledger with the history.

    `point_of` gives the access point of a reader, `doors_of` the doors and barriers of a fire panel's zone.
    """
    recorded, books = Recorded(events), Books()
    decisions, evacuation = recorded.decisions(), evacuation_of(entries, doors_of)
    books.rows = _rows(entries, Counter(event.kind for event in events), len(decisions), evacuation)
    books.note(_unmatched(entries, decisions.values(), point_of))
    books.note(_unreleased(evacuation, events))
    books.note(_doubled(events))
    books.note(_gaps(events))
    books.note(_unsettled(recorded))
    return books


def _rows(entries: Sequence[Entry], events: Counter[int], decided: int, evacuation: Evacuation) -> list[Row]:
    counted = Counter(entry.kind for entry in entries)
    walked, freed = counted[PASSED] - evacuation.passed, evacuation.freed.total()
    passed = events[decision_pb2.EVENT_KIND_TAKEN] + events[decision_pb2.EVENT_KIND_TAILGATED]
    return [
        Row("出示凭证 = 判定", "presentations = decisions", counted[PRESENTED], decided),
        Row("通过（疏散除外）= 已通行 + 尾随", "passages, evacuation apart = taken + tailgated", walked, passed),
        Row("火警放开的门 = 已释放", "freed by fire = released", freed, events[decision_pb2.EVENT_KIND_RELEASED]),
        Row("撬门 = 强行开门", "forced = forced", counted[FORCED], events[decision_pb2.EVENT_KIND_DOOR_FORCED]),
        Row("卡门 = 久开", "wedged = held", counted[WEDGED], events[decision_pb2.EVENT_KIND_DOOR_HELD]),
    ]


def _unmatched(
    entries: Iterable[Entry], decisions: Iterable[AccessEvent], point_of: Callable[[str], str]
) -> Iterable[str]:
    """Presentations without a decision and decisions without a presentation, access point by access point."""
    presented: Mapping[str, list[Entry]] = defaultdict(list)
    decided: Mapping[str, list[AccessEvent]] = defaultdict(list)
    for entry in entries:
        if entry.kind == PRESENTED:
            presented[point_of(entry.device)].append(entry)
    for event in decisions:
        decided[event.access_point].append(event)
    for point in sorted({*presented, *decided}):
        yield from _align(point, presented[point], decided[point])


def _align(point: str, presented: list[Entry], decided: list[AccessEvent]) -> Iterable[str]:
    """Walk along both in the order of time; a lane sees one presentation after the other."""
    waiting = sorted(decided, key=lambda event: event.at_ms)
    for entry in sorted(presented, key=lambda entry: entry.at_ms):
        while waiting and waiting[0].at_ms < entry.at_ms - EARLIEST_MS:
            yield f"{point}: decision {waiting.pop(0).event_id} of nothing presented"
        if waiting and waiting[0].at_ms <= entry.at_ms + LATEST_MS:
            waiting.pop(0)
        else:
            yield f"{point}: ledger number {entry.number} presented, nothing decided"
    for event in waiting:
        yield f"{point}: decision {event.event_id} of nothing presented"


def _unreleased(evacuation: Evacuation, events: Iterable[AccessEvent]) -> Iterable[str]:
    """Doors that were free in a fire without a release of theirs, and doors released that no fire freed."""
    released = Counter(event.door for event in events if event.kind == decision_pb2.EVENT_KIND_RELEASED)
    yield from (f"{door}: freed by fire, no release recorded" for door in sorted(evacuation.freed - released))
    yield from (f"{door}: release recorded, not freed by fire" for door in sorted(released - evacuation.freed))


def _doubled(events: Iterable[AccessEvent]) -> Iterable[str]:
    for (event_id, kind), times in Counter((event.event_id, event.kind) for event in events).items():
        if times > 1:
            yield f"{event_id} recorded {times} times as {_kind_name(kind)}"


def _gaps(events: Iterable[AccessEvent]) -> Iterable[str]:
    """Numbers missing in the spools of agents, and sequences missing in the histories of sites."""
    spools: Mapping[tuple[str, int], set[int]] = defaultdict(set)
    sequences: Mapping[str, set[int]] = defaultdict(set)
    for event in events:
        sequences[event.site].add(event.sequence)
        if event.spool.number:
            spools[event.agent_id, event.spool.epoch].add(event.spool.number)
    for (agent_id, _), numbers in sorted(spools.items()):
        yield from (f"{agent_id}: number {gap} of its spool missing" for gap in _missing(numbers))
    for site, numbers in sorted(sequences.items()):
        yield from (f"{site}: sequence {gap} missing" for gap in _missing(numbers))


def _missing(numbers: set[int]) -> list[int]:
    return sorted(set(range(1, max(numbers) + 1)) - numbers)


def _unsettled(recorded: Recorded) -> Iterable[str]:
    """What a lock obeyed must have been taken or not taken; what was taken must have been granted."""
    acted = recorded.ids(decision_pb2.EVENT_KIND_ACTED)
    taken, not_taken = (
        recorded.ids(decision_pb2.EVENT_KIND_TAKEN),
        recorded.ids(decision_pb2.EVENT_KIND_NOT_TAKEN),
    )
    yield from (f"{event_id} acted on, neither taken nor not taken" for event_id in sorted(acted - taken - not_taken))
    yield from (f"{event_id} both taken and not taken" for event_id in sorted(taken & not_taken))
    yield from (f"{event_id} taken, never acted on" for event_id in sorted((taken | not_taken) - acted))


def _kind_name(kind: int) -> str:
    return decision_pb2.EventKind.Name(kind).removeprefix("EVENT_KIND_")
