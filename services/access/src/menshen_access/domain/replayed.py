"""What decisions that were made again come to: counts that stay small however many they are, and those that differ."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from menshen_access.domain.events import EventPayload
from menshen_access.domain.judging import Answer, Judged, Verdict

MOST_POINTS: Final = 2_000
OTHERS: Final = "*"
"""Stands for the access points beyond the first MOST_POINTS: an agent may name any number of foreign ones."""
UNREADABLE: Final = ("event",)
"""What is missing of an event that does not say enough to be judged at all."""


class Differing(NamedTuple):
    """A decision that came out otherwise; `parts` as `judging.Judged` has them."""

    sequence: int
    event_id: str
    kind: int
    at_ms: int
    access_point_id: str
    subject_ids: tuple[str, ...]
    then: Answer
    again: Answer
    parts: tuple[str, ...]


@dataclass
class ReplayTally:
    """Counts decisions. `points` are by (access point, outcome then, again); `answers` by (then, again); `unjudged`,
    those not made again, by (kind, verdict, names of what is missing).
    """

    decisions: int = 0
    differing: int = 0
    points: Counter[tuple[str, int, int]] = field(default_factory=Counter)
    answers: Counter[tuple[Answer, Answer]] = field(default_factory=Counter)
    unjudged: Counter[tuple[int, Verdict, tuple[str, ...]]] = field(default_factory=Counter)
    _named: set[str] = field(default_factory=set)

    def add(self, sequence: int, event: EventPayload, judged: Judged) -> Differing | None:
        """Count one decision; what there is to say of it where it came out otherwise."""
        self.decisions += 1
        then, again = judged.then, judged.again
        if again is None:
            self.unjudged[int(event.kind), judged.verdict, _named(judged.missing)] += 1
            return None
        name = self._counted_as(str(event.core["access_point"]))
        self.points[name, then.outcome, again.outcome] += 1
        self.answers[then, again] += 1
        if judged.verdict is not Verdict.DIFFERS:
            return None
        self.differing += 1
        return differing(sequence, event, then, again, judged.parts)

    def add_unreadable(self, kind: int) -> None:
        """Count an event that does not hold what every decision does."""
        self.decisions += 1
        self.unjudged[kind, Verdict.INPUT_MISSING, UNREADABLE] += 1

    @property
    def replayed(self) -> int:
        """How many were made again."""
        return self.answers.total()

    def _counted_as(self, access_point_id: str) -> str:
        if access_point_id not in self._named:
            if len(self._named) >= MOST_POINTS:
                return OTHERS
            self._named.add(access_point_id)
        return access_point_id


def differing(sequence: int, event: EventPayload, then: Answer, again: Answer, parts: tuple[str, ...]) -> Differing:
    """What there is to say of a decision that came out otherwise."""
    subject_ids = tuple(event.identity["subject_ids"])
    core = event.core
    return Differing(
        sequence, event.event_id, int(event.kind), core["at_ms"], core["access_point"], subject_ids, then, again, parts
    )


def _named(missing: Iterable[str]) -> tuple[str, ...]:
    """The inputs without the ids of subjects, each once."""
    return tuple(dict.fromkeys(name.partition(":")[0] for name in missing))
