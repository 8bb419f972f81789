"""Who has presented and waits for a second person: bounded, in memory only, forgotten when the time is over.

The next presentation at the access point takes those who wait there with it, so that nobody is counted for two others.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from menshen_rulebook.types import Identifier

from menshen_device_agent.events import Answer, Asked

MOST_IDENTIFIERS: Final = 8
"""Of one access point. More begin anew: a party that is not complete by then is none."""


@dataclass(frozen=True, slots=True)
class _Waiter:
    identifiers: tuple[Identifier, ...]
    until_s: float


class Waiting:
    """The waiting people of every access point of an agent; `monotonic_s` is its clock."""

    def __init__(self, monotonic_s: Callable[[], float]) -> None:
        self._now_s = monotonic_s
        self._waiters: dict[str, _Waiter] = {}

    def joining(self, access_point: str, identifiers: tuple[Identifier, ...]) -> tuple[Identifier, ...]:
        """The identifiers of whoever waits there, without those read now; from here on nobody waits."""
        waiter = self._waiters.pop(access_point, None)
        if waiter is None or waiter.until_s <= self._now_s():
            return ()
        return tuple(identifier for identifier in waiter.identifiers if identifier not in identifiers)

    def learn(self, asked: Asked, answer: Answer) -> None:
        """Let the people of an answer wait if it says so, beside those who came to wait in the meantime."""
        if not answer.awaits_second_ms:
            return
        meanwhile = self.joining(asked.access_point, ())
        party = tuple(dict.fromkeys((*asked.identifiers, *asked.awaiting, *meanwhile)))
        if len(party) <= MOST_IDENTIFIERS:
            self._waiters[asked.access_point] = _Waiter(party, self._now_s() + answer.awaits_second_ms / 1000)
