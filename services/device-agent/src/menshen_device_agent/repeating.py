"""The same credential again at the same access point: one presentation, with the answer it got and no second opening.

Only what opened, or waits for a guard or a second person, is repeated: what was refused is asked again, for the cause
may be gone. A PIN makes a presentation of its own. The passage, or its failure to come, ends the repeat.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from menshen_rulebook.types import Identifier, Outcome

from menshen_device_agent.events import Answer, Asked

LIMIT: Final = 256
"""Presentations remembered at most; the oldest give way."""

_Key = tuple[str, tuple[Identifier, ...]]


@dataclass(slots=True)
class Presented:
    """A presentation that may be repeated; `answer` is None while it is under way."""

    event_id: str
    until_s: float
    asked: Asked | None = None
    answer: Answer | None = None


class Repeats:
    """`within_ms` says how long identifiers are the same presentation at an access point; 0: never."""

    def __init__(self, monotonic_s: Callable[[], float], within_ms: Callable[[str], int]) -> None:
        self._now_s = monotonic_s
        self._within_ms = within_ms
        self._presented: dict[_Key, Presented] = {}

    def of(self, access_point: str, identifiers: tuple[Identifier, ...]) -> Presented | None:
        """The presentation that these identifiers repeat; None for a new one."""
        known = self._presented.get((access_point, identifiers))
        return known if known is not None and self._now_s() < known.until_s else None

    def begin(self, asked: Asked) -> None:
        """A new presentation is under way; one with a PIN cannot be repeated."""
        within_ms = self._within_ms(asked.access_point)
        if not within_ms or asked.pin:
            return
        key = (asked.access_point, asked.identifiers)
        self._presented.pop(key, None)
        self._presented[key] = Presented(asked.event_id, self._now_s() + within_ms / 1000)
        if len(self._presented) > LIMIT:
            del self._presented[next(iter(self._presented))]

    def learn(self, asked: Asked, answer: Answer) -> None:
        """The answer as the lane shows it."""
        key = (asked.access_point, asked.identifiers)
        known = self._presented.get(key)
        if known is None or known.event_id != asked.event_id:
            return
        if answer.opens or answer.awaits_second_ms or answer.outcome is Outcome.MANUAL_REVIEW:
            known.asked, known.answer = asked, answer
        else:
            del self._presented[key]

    def ended(self, event_id: str) -> None:
        """The passage was taken, or was not. A door that senses nothing says so at once, before the answer is learnt:
        there the time alone tells a repeat.
        """
        for key, known in tuple(self._presented.items()):
            if known.event_id == event_id and known.answer is not None:
                del self._presented[key]
