"""What was used up at this gate: single-use credentials, single-entry visits, and credentials with a used successor.

By whatever decision the lock obeyed. Bounded, and on disk too, so that an agent that starts again does not forget; what
other gates saw only the centre knows.
"""

from collections.abc import Callable, Iterable
from typing import Final

from menshen_rulebook.plates import known_as
from menshen_rulebook.points import Point
from menshen_rulebook.types import Identifier, Subject
from menshen_rulebook.uses import retired_id, used_up
from menshen_rulebook.visits import visit_used_up

from menshen_device_agent.events import Answer, Asked
from menshen_device_agent.named_texts import NamedTexts

MOST: Final = 2_000
"""The oldest is forgotten first. The file is written anew with each, so many take a few milliseconds."""
_RELEASED: Final = "EMERGENCY_RELEASE"


class UsedUp:
    """`subjects` finds those behind identifiers, `point` an access point of the plan held, at an instant.

    `file` keeps what is used up, with the event that did it; where the disk refuses, memory alone does.
    """

    def __init__(
        self,
        subjects: Callable[[Iterable[Identifier]], tuple[Subject, ...]],
        point: Callable[[str, int], Point | None],
        file: NamedTexts | None = None,
    ) -> None:
        self._subjects = subjects
        self._point = point
        self._file = file
        self._used: dict[str, str] = file.read() if file else {}

    def learn(self, asked: Asked, answer: Answer) -> None:
        """Whoever is let in uses up what they showed; whoever leaves uses up what their successor replaces."""
        if not answer.opens or any(reason.code == _RELEASED for reason in answer.reasons):
            return
        point = self._point(asked.access_point, answer.decided_at_ms)
        if point is None:
            return
        shown = tuple(map(known_as, (*asked.identifiers, *asked.awaiting)))
        used = [one for subject in self._subjects(shown) for one in self._used_by(subject, shown, point, answer)]
        fresh = [one for one in used if one not in self._used]
        if fresh:
            self._used |= dict.fromkeys(fresh, asked.event_id)
            for oldest in tuple(self._used)[: max(len(self._used) - MOST, 0)]:
                del self._used[oldest]
            self._keep()

    def not_taken(self, event_id: str) -> None:
        """Nobody passed on this decision: nothing was used up by it."""
        used = [one for one, by in self._used.items() if by == event_id]
        for one in used:
            del self._used[one]
        if used:
            self._keep()

    def among(self, subjects: Iterable[Subject]) -> frozenset[str]:
        """What is used up of these subjects' credentials and visits, as the rulebook reads it."""
        if not self._used:
            return frozenset()
        named: list[str] = []
        for subject in subjects:
            for credential in subject.credentials:
                named += (credential.credential_id, retired_id(credential.credential_id))
            named += (visit.visit_id for visit in subject.visits)
        return frozenset(one for one in named if one in self._used)

    def _used_by(self, subject: Subject, shown: tuple[Identifier, ...], point: Point, answer: Answer) -> list[str]:
        now_ms, used = answer.decided_at_ms, list[str]()
        for credential in subject.credentials:
            if any(identifier in shown for identifier in credential.identifiers):
                used += used_up(subject, credential, now_ms, leads_out=point.leads_out)
        visit = visit_used_up(subject, point, self._used, now_ms)
        return [*used, visit] if visit else used

    def _keep(self) -> None:
        if self._file is not None:
            self._file.write(self._used)
