"""Which access points were opened by their first person today, as this process last saw it.

It spares everybody after the first a second round trip. It may be behind: a decision that builds on it carries a guard.
"""

from collections.abc import Iterable
from typing import Final

from menshen_rulebook.points import OPENING
from menshen_rulebook.types import Guard, NotUsed, Used

MOST: Final = 4_096
"""Openings remembered at most; the oldest are forgotten first."""


class OpenedDays:
    """Openings by site."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], None] = {}

    def among(self, site: str, opening_id: str) -> frozenset[str]:
        """The opening, if it is known to have taken place."""
        return frozenset((opening_id,)) if (site, opening_id) in self._known else frozenset()

    def learn(self, site: str, guards: Iterable[Guard], used: frozenset[str]) -> None:
        """What a fresh read says of the openings a decision's guards spoke of."""
        for guard in guards:
            if isinstance(guard, Used) and guard.used_id not in used:
                self._known.pop((site, guard.used_id), None)
            elif isinstance(guard, NotUsed) and guard.used_id.startswith(OPENING) and guard.used_id in used:
                self._known[site, guard.used_id] = None
        while len(self._known) > MOST:
            del self._known[next(iter(self._known))]
