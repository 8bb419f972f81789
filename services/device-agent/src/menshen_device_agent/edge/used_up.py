"""What was used up at this gate: single-use credentials, and credentials whose successor has been used.

By whatever decision the lock obeyed. Only in memory and bounded: what other gates saw only the centre knows.
"""

from collections.abc import Callable, Iterable
from typing import Final

from menshen_rulebook.points import Point
from menshen_rulebook.types import Identifier, Subject
from menshen_rulebook.uses import retired_id, used_up

from menshen_device_agent.events import Answer, Asked

MOST: Final = 10_000
_RELEASED: Final = "EMERGENCY_RELEASE"


class UsedUp:
    """`subjects` finds those behind identifiers, `point` an access point of the plan held, at an instant."""

    def __init__(
        self,
        subjects: Callable[[Iterable[Identifier]], tuple[Subject, ...]],
        point: Callable[[str, int], Point | None],
    ) -> None:
        self._subjects = subjects
        self._point = point
        self._used: dict[str, str] = {}

    def learn(self, asked: Asked, answer: Answer) -> None:
        """Whoever is let in uses up what they showed; whoever leaves uses up what their successor replaces."""
        if not answer.opens or any(reason.code == _RELEASED for reason in answer.reasons):
            return
        point = self._point(asked.access_point, answer.decided_at_ms)
        if point is None:
            return
        shown = (*asked.identifiers, *asked.awaiting)
        for subject in self._subjects(shown):
            for credential in subject.credentials:
                if any(identifier in shown for identifier in credential.identifiers):
                    for used in used_up(subject, credential, answer.decided_at_ms, leads_out=point.leads_out):
                        self._remember(used, asked.event_id)

    def not_taken(self, event_id: str) -> None:
        """Nobody passed on this decision: nothing was used up by it."""
        for used, by in tuple(self._used.items()):
            if by == event_id:
                del self._used[used]

    def among(self, subjects: Iterable[Subject]) -> frozenset[str]:
        """What is used up of these subjects' credentials, as the rulebook reads it."""
        if not self._used:
            return frozenset()
        held = [credential.credential_id for subject in subjects for credential in subject.credentials]
        return frozenset(used for one in held for used in (one, retired_id(one)) if used in self._used)

    def _remember(self, used: str, event_id: str) -> None:
        if self._used.setdefault(used, event_id) == event_id and len(self._used) > MOST:
            del self._used[next(iter(self._used))]
