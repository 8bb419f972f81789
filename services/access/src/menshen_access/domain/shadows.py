"""Shadows: a stored policy runs beside the one in force, on the decisions that are recorded, and decides nothing.

A shadow follows the history of its site in sequence, and makes every recorded decision again on what it was made on,
but under its policy. It ends by itself at its time, when its policy takes force, is revised or taken back.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import IntEnum
from hashlib import sha256
from typing import Final, NamedTuple

from menshen_access.domain.policy_life import IN_PLAN, PolicyState

MOST_HOURS: Final = 336
MOST_AT_ONCE: Final = 3
"""Shadows that run at a site at a time."""
MOST_KEPT: Final = 10_000
"""Differences of a shadow that are kept; the rest is only counted."""
MOST_ENDED: Final = 20
"""Ended shadows of a site that are kept."""
_TAKEN_BACK: Final = frozenset({PolicyState.REJECTED, PolicyState.WITHDRAWN})


class ShadowState(IntEnum):
    """Numbers equal menshen.access.v1.ShadowState."""

    UNSPECIFIED = 0
    RUNNING = 1
    STOPPED = 2
    OVER = 3
    IN_FORCE = 4
    REVISED = 5
    WITHDRAWN = 6


class Totals(NamedTuple):
    """Decisions counted, those that differ, and those that could not be made again."""

    decided: int = 0
    differing: int = 0
    unjudged: int = 0


@dataclass(frozen=True, slots=True)
class Shadow:
    """Every decision in (from_sequence, through_sequence] is in its totals; `kept` differences have a row.

    `ended_at_ms` is 0 while it runs. `ended_by` and `end_reason` are empty where nobody stopped it.
    """

    shadow_id: str
    policy_id: str
    sha256: bytes
    state: ShadowState
    from_sequence: int
    through_sequence: int
    kept: int
    started_at_ms: int
    ends_at_ms: int
    started_by: str
    reason: str
    ended_at_ms: int = 0
    ended_by: str = ""
    end_reason: str = ""
    totals: Totals = field(default=Totals())

    @property
    def runs(self) -> bool:
        return self.state is ShadowState.RUNNING


class Terms(NamedTuple):
    """The policy a page is judged under: its document, and where the shadow ends.

    It ends before the first event recorded at `ends_at_ms` or later, and before the first decision by policy version
    `in_force`, 0 for none.
    """

    document: str
    ends_at_ms: int
    in_force: int


@dataclass(frozen=True, slots=True)
class RunningShadow:
    """A shadow that runs, its policy as that is now, and the epoch of its site."""

    shadow: Shadow
    document: str
    number: int
    policy_state: PolicyState
    policy_from_ms: int
    epoch: int

    def broken_off(self) -> ShadowState | None:
        """What ended it at once, whatever it has still to follow; None while nothing did."""
        if sha256(self.document.encode()).digest() != self.shadow.sha256:
            return ShadowState.REVISED
        return ShadowState.WITHDRAWN if self.policy_state in _TAKEN_BACK else None

    def outlived(self, now_ms: int) -> ShadowState:
        """What ends it once it has followed everything; RUNNING while nothing does."""
        if self.policy_state in IN_PLAN and self.policy_from_ms <= now_ms:
            return ShadowState.IN_FORCE
        return ShadowState.OVER if self.shadow.ends_at_ms <= now_ms else ShadowState.RUNNING

    @property
    def terms(self) -> Terms:
        return Terms(self.document, self.shadow.ends_at_ms, self.number if self.policy_state in IN_PLAN else 0)


class CountKey(NamedTuple):
    """`outcome_under` 0: the decision could not be made again."""

    access_point: str
    outcome: int
    outcome_under: int


class Count(NamedTuple):
    """`differing` of the decisions have another outcome or another first reason."""

    decided: int
    differing: int


class Differing(NamedTuple):
    """A decision that comes out otherwise, with the code of its first reason, empty where none is given."""

    sequence: int
    day: date
    event_id: str
    kind: int
    access_point: str
    at_ms: int
    outcome: int
    reason_code: str
    outcome_under: int
    reason_code_under: str


@dataclass(frozen=True, slots=True)
class ShownDifference:
    """A difference as it is listed; no subjects where the identity of the event was deleted."""

    difference: Differing
    subject_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stride:
    """What a page of the history adds to a shadow; in a state other than RUNNING it ends there."""

    through_sequence: int
    state: ShadowState = ShadowState.RUNNING
    counts: Mapping[CountKey, Count] = field(default_factory=dict)
    differing: Sequence[Differing] = ()


class PageRow(NamedTuple):
    """One place of the history and its epoch; without a core it is no decision, or one of which nothing is left."""

    sequence: int
    recorded_at_ms: int
    core: bytes | None
    identity: bytes | None
    health: bytes | None
    is_deleted: bool
    epoch: int = 1


class Versions(NamedTuple):
    """What a page of decisions was made on: versions of the plan and of the circumstances, and (subject, version)."""

    plans: list[int]
    circumstances: list[int]
    records: list[tuple[str, int]]


class KeptVersions(NamedTuple):
    """The bytes of those that are kept."""

    plans: Mapping[int, bytes]
    circumstances: Mapping[int, bytes]
    records: Mapping[tuple[str, int], bytes]
