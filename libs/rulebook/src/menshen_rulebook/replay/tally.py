"""What replayed decisions come to: outcomes by reason, place and time, and who stayed inside."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from menshen_rulebook.decision import Decision
from menshen_rulebook.schedule import DAY_MS
from menshen_rulebook.vocabulary import Direction, Outcome

_HOUR_MS = 3_600_000
_EPOCH_WEEKDAY = 3
"""1970-01-01 was a Thursday; Monday is 0."""


MOST_REFUSED = 10


@dataclass(frozen=True)
class Summary:
    """What a tally says. `reasons`, `points`, `hours` and `weekdays` are as the tally has them; `refused_most` are the
    credentials refused most, most first, of the `refused` there are; `inside` counts who stayed.
    """

    reasons: Mapping[tuple[Outcome, str], int]
    points: Mapping[tuple[str, Outcome], int]
    hours: Mapping[tuple[int, Outcome], int]
    weekdays: Mapping[tuple[int, Outcome], int]
    refused_most: Sequence[tuple[str, int]]
    refused: int
    inside: int
    peak: int
    peak_at_ms: int


class Tally:
    """Counts decisions. Hours and weekdays are local at `utc_offset_minutes`; Monday is 0.

    `reasons` are by outcome and the code of the reason shown, empty for none. Inside is who was let through an ENTRY
    and not through an EXIT since, whatever inner points they passed; `peak_at_ms` is when most were, first reached.
    """

    __slots__ = (
        "_offset_ms",
        "entered_at_ms",
        "hours",
        "peak",
        "peak_at_ms",
        "points",
        "reasons",
        "refused",
        "weekdays",
    )

    def __init__(self, utc_offset_minutes: int) -> None:
        self._offset_ms = utc_offset_minutes * 60_000
        self.reasons: Counter[tuple[Outcome, str]] = Counter()
        self.points: Counter[tuple[str, Outcome]] = Counter()
        self.hours: Counter[tuple[int, Outcome]] = Counter()
        self.weekdays: Counter[tuple[int, Outcome]] = Counter()
        self.refused: Counter[str] = Counter()
        self.entered_at_ms: dict[str, int] = {}
        self.peak = 0
        self.peak_at_ms = 0

    def add(self, credential: str, access_point_id: str, at_ms: int, decision: Decision) -> None:
        """Count one decision."""
        outcome, shown = decision.outcome, decision.shown
        self.reasons[outcome, shown.code if shown else ""] += 1
        self.points[access_point_id, outcome] += 1
        day, time_ms = divmod(at_ms + self._offset_ms, DAY_MS)
        self.hours[time_ms // _HOUR_MS, outcome] += 1
        self.weekdays[(day + _EPOCH_WEEKDAY) % 7, outcome] += 1
        if outcome is Outcome.DENY:
            self.refused[credential] += 1

    def pass_by(self, credential: str, direction: Direction, at_ms: int) -> None:
        """Somebody passed an access point of this direction."""
        if direction is Direction.ENTRY:
            self.entered_at_ms.setdefault(credential, at_ms)
            if len(self.entered_at_ms) > self.peak:
                self.peak, self.peak_at_ms = len(self.entered_at_ms), at_ms
        elif direction is Direction.EXIT:
            self.entered_at_ms.pop(credential, None)

    def summary(self) -> Summary:
        """What it says so far, small however many credentials there were."""
        most = sorted(self.refused.items(), key=lambda one: (-one[1], one[0]))[:MOST_REFUSED]
        counts = self.reasons, self.points, self.hours, self.weekdays
        return Summary(*counts, most, len(self.refused), len(self.entered_at_ms), self.peak, self.peak_at_ms)

    @property
    def decisions(self) -> int:
        """How many decisions were counted."""
        return self.reasons.total()
