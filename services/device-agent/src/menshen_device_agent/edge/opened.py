"""Which access points their first person opened today, as this gate saw it: by whatever decision its lock obeyed.

On disk too, so that an agent that starts again keeps the doors that stand unlocked since. Where the disk refuses it
waits for whoever is let in next.
"""

from collections.abc import Callable
from typing import Final

from menshen_rulebook.points import Point

from menshen_device_agent.events import Answer, Asked
from menshen_device_agent.named_texts import NamedTexts

_RELEASED: Final = "EMERGENCY_RELEASE"


class OpenedDays:
    """The last opening of each access point. `point` finds an access point of the plan held, at an instant.

    `changed` is told when there is another opening, or one less. `file` keeps them: opening and event by access point.
    """

    def __init__(
        self,
        point: Callable[[str, int], Point | None],
        changed: Callable[[], None] = lambda: None,
        file: NamedTexts | None = None,
    ) -> None:
        self._point = point
        self._changed = changed
        self._file = file
        self._opened: dict[str, tuple[str, str]] = {}
        for access_point, text in file.read().items() if file else ():
            opening_id, _, event_id = text.partition("\n")
            self._opened[access_point] = (opening_id, event_id)

    def learn(self, asked: Asked, answer: Answer) -> None:
        """Whoever is let in where somebody entitled must come first came first, or after the first."""
        if not answer.opens or any(reason.code == _RELEASED for reason in answer.reasons):
            return
        point = self._point(asked.access_point, answer.decided_at_ms)
        if point is None or not point.access_point.opened_by or point.leads_out:
            return
        opening_id = point.opening_id(answer.decided_at_ms)
        known = self._opened.get(asked.access_point)
        if known is None or known[0] != opening_id:
            self._opened[asked.access_point] = (opening_id, asked.event_id)
            self._tell()

    def not_taken(self, event_id: str) -> None:
        """Nobody came in on this decision: what it opened is not open."""
        for access_point, (_, opened_by) in tuple(self._opened.items()):
            if opened_by == event_id:
                del self._opened[access_point]
                self._tell()

    def used_ids(self, access_point: str) -> frozenset[str]:
        """The opening, as the rulebook reads it."""
        known = self._opened.get(access_point)
        return frozenset((known[0],)) if known else frozenset()

    def _tell(self) -> None:
        self._changed()
        if self._file is not None:
            self._file.write({name: "\n".join(opened) for name, opened in self._opened.items()})
