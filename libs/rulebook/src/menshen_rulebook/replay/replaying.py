"""Presentations of the past judged by a plan, each with what those before it left behind."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from menshen_rulebook.decide import decide
from menshen_rulebook.decision import Decision
from menshen_rulebook.plan import SitePlan
from menshen_rulebook.policy import Policy
from menshen_rulebook.presentation import LiveState, Presentation
from menshen_rulebook.replay.tally import Tally
from menshen_rulebook.replay.world import World
from menshen_rulebook.subject import Identifier, Subject
from menshen_rulebook.vocabulary import FOREVER_MS, IdentifierType

_NOBODY = LiveState()


class Row(NamedTuple):
    """One presentation: the line it stands on, when, what was read and where."""

    line: int
    at_ms: int
    credential: str
    access_point_id: str


@dataclass(frozen=True, slots=True)
class Known:
    """What a credential is read as and whose it is."""

    identifier: Identifier
    subject: Subject


class Replay:
    """A plan at work on rows in the order of their times. `known` holds the subjects by credential.

    Every row is decided by itself: no second person, code or PIN comes with it. A credential that `known` does not
    hold is a card that nobody has.
    """

    __slots__ = ("_known", "_plan", "tally", "world")

    def __init__(self, plan: SitePlan, known: Mapping[str, Known]) -> None:
        self._plan = plan
        self._known = known
        self.world = World()
        self.tally = Tally(plan.utc_offset_minutes)

    def decide(self, row: Row) -> Decision:
        """The decision on the next row; it is taken and counted."""
        line, at_ms, credential, access_point_id = row
        known = self._known.get(credential)
        subjects = () if known is None else (known.subject,)
        identifier = Identifier(IdentifierType.CARD, credential) if known is None else known.identifier
        event_id = str(line)
        presentation = Presentation(event_id, self._plan.site, access_point_id, "replay", at_ms, (identifier,))
        point = self._plan.point(access_point_id, at_ms)
        live = _NOBODY if point is None else self.world.live(point, subjects)
        decision = decide(presentation, subjects, access_point_id, self._plan, live, at_ms)
        passed = self.world.take(decision, at_ms, event_id)
        if passed and point is not None:
            self.tally.pass_by(credential, point.access_point.direction, at_ms)
        self.tally.add(credential, access_point_id, at_ms, decision)
        return decision

    def decide_all(self, rows: Iterable[Row]) -> Tally:
        """Every row in turn, and what they come to."""
        for row in rows:
            self.decide(row)
        return self.tally


def always(policy: Policy) -> Policy:
    """The policy in force at all times, so that rows of any time are judged by it."""
    return replace(policy, from_ms=0, to_ms=FOREVER_MS)
