"""A site decided by one process, one event after the other: what any number of processes must agree with.

It is told the events in the order in which they were committed and decides every presentation again, by the same
rulebook, on what the events before have left.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from menshen_access.domain.effects import effect_rows, effects_of
from menshen_access.domain.events import EventKind, EventPayload
from menshen_rulebook.decide import decide
from menshen_rulebook.places import counter
from menshen_rulebook.plan import SitePlan
from menshen_rulebook.types import (
    AreaCount,
    Decision,
    Hold,
    Identifier,
    IdentifierType,
    LiveState,
    Outcome,
    Presentation,
    Subject,
    ThreatLevel,
)

from harness.presence_model import PresenceModel

_PASSAGES = (EventKind.TAKEN, EventKind.NOT_TAKEN)
_REMEMBERED = 128
_UNDER_WAY_MS = 250
"""How long a commit may be under way: the store refuses one decided longer ago."""

Shared = tuple[tuple[AreaCount, ...], frozenset[str]]
"""What subjects share: how full the areas with a limit are, and what has been used."""


@dataclass
class OneProcess:
    """`holds` are the lockdown holds by version, `levels` the threat levels by the same.

    `refusals_behind` counts refusals of what was so a moment before.
    """

    plan: SitePlan
    subjects: Iterable[Subject]
    holds: dict[int, tuple[Hold, ...]] = field(default_factory=lambda: {0: ()})
    levels: dict[int, tuple[ThreatLevel, ...]] = field(default_factory=dict)
    presence: PresenceModel = field(default_factory=PresenceModel)
    decided: set[str] = field(default_factory=set)
    fullest: dict[str, int] = field(default_factory=dict)
    refusals_behind: int = 0

    def __post_init__(self) -> None:
        self._limited = [area.area_id for area in self.plan.areas if area.limit is not None]
        self._limited += [counter(one.area_id, one.vehicle_class) for one in self.plan.parking]
        self._holders: dict[Identifier, Subject] = {}
        for subject in self.subjects:
            self.meet(subject)
        self._holds_version = 0
        self._now_ms = 0
        self._earlier: deque[tuple[int, Shared]] = deque(maxlen=_REMEMBERED)

    def meet(self, subject: Subject) -> None:
        """A subject as it is from here on, under the identifiers it has had from the first."""
        for credential in subject.credentials:
            self._holders.update(dict.fromkeys(credential.identifiers, subject))

    def hold(self, version: int, holds: tuple[Hold, ...], levels: tuple[ThreatLevel, ...] = ()) -> None:
        """These holds and threat levels are in force from here on."""
        self.holds[version], self.levels[version] = holds, levels
        self._holds_version = version

    def take(self, event: EventPayload) -> None:
        """The next event in order. AssertionError for a decision that this process would not have made."""
        now_ms = event.core["decided_at_ms"] if event.kind is EventKind.CENTRE else event.core["at_ms"]
        self._earlier.append((now_ms, self._shared(now_ms)))
        if event.kind is EventKind.CENTRE:
            self._check(event, now_ms)
            effects = effects_of(event.identity["effects"], event.event_id)
            self.presence.learn(event.event_id, "centre", effects, now_ms)
        elif event.kind is EventKind.ACTED:
            self.presence.learn(event.event_id, "obeyed", EventKind(event.core["obeyed"]), now_ms)
        elif event.kind in _PASSAGES:
            self.presence.learn(event.event_id, "taken", now_ms if event.kind is EventKind.TAKEN else "N", now_ms)
        # A place kept for a few milliseconds was kept, though it is free again at the next event.
        self._earlier.append((now_ms, self._shared(now_ms)))
        # A passage is reported with the time it had; places run out by the time of decisions.
        self._now_ms = max(self._now_ms, event.core.get("decided_at_ms", 0))
        for area in self._limited:
            self.fullest[area] = max(self.fullest.get(area, 0), sum(self.presence.count(area, self._now_ms)))

    def _check(self, event: EventPayload, now_ms: int) -> None:
        assert event.event_id not in self.decided, f"{event.event_id} was decided twice"
        self.decided.add(event.event_id)
        self._check_holds(event, now_ms)
        told, ours = _told(event), _ours(self._decide(event, now_ms, self._shared(now_ms)))
        if told == ours:
            return
        assert self._was_so(event, now_ms, told), f"recorded {told}, one process says {ours}:\n{event}"
        self.refusals_behind += 1

    def _check_holds(self, event: EventPayload, now_ms: int) -> None:
        """Whoever is judged by holds or levels was judged by those in force: nobody before by later ones."""
        point = self.plan.point(event.core["access_point"], now_ms)
        if point is not None and (point.heeds_circumstances or not point.leads_out):
            assert event.core["holds_version"] >= self._holds_version, f"judged by holds of the past:\n{event}"
            self._holds_version = event.core["holds_version"]

    def _was_so(self, event: EventPayload, now_ms: int, told: Any) -> bool:
        """Nothing guards that a refusal's area is still full: it was, between the presentation and the commit."""
        if event.core["outcome"] != Outcome.DENY:
            return False
        asked_at_ms = event.core["at_ms"]
        # Events before this one in the stream may be committed after it was asked, though decided before.
        since_ms = asked_at_ms - _UNDER_WAY_MS
        candidates = [self._shared(asked_at_ms), *(shared for at, shared in self._earlier if at >= since_ms)]
        return any(told == _ours(self._decide(event, now_ms, shared)) for shared in candidates)

    def _shared(self, now_ms: int) -> Shared:
        counts = tuple(AreaCount(area, sum(self.presence.count(area, now_ms))) for area in self._limited)
        return counts, frozenset(self.presence.used)

    def _decide(self, event: EventPayload, now_ms: int, shared: Shared) -> Decision:
        core, rows = event.core, event.identity["identifiers"]
        identifiers = tuple(Identifier(IdentifierType(kind), value) for kind, value in rows)
        shown = Presentation(
            event.event_id, event.site, core["access_point"], event.agent_id, core["at_ms"], identifiers
        )
        subjects = tuple(dict.fromkeys(self._holders[i] for i in identifiers if i in self._holders))
        registers = [(subject.subject_id, self.presence.registers[subject.subject_id]) for subject in subjects]
        counts, used = shared
        live = LiveState(
            holds=self.holds[core["holds_version"]],
            holds_version=core["holds_version"],
            threat_levels=self.levels.get(core["holds_version"], ()),
            presences=tuple(register.presence(name) for name, register in registers if register.version),
            reservations=tuple(kept for name, register in registers for kept in register.reservations(name)),
            occupancy=counts,
            used_ids=used,
        )
        return decide(shown, subjects, shown.access_point_id, self.plan, live, now_ms)


def _told(event: EventPayload) -> Any:
    return event.core["outcome"], event.core["reasons"], event.identity["effects"]


def _ours(decision: Decision) -> Any:
    reasons = [[reason.code, reason.rule, int(reason.outcome)] for reason in decision.reasons]
    return int(decision.outcome), reasons, effect_rows(decision.effects)
