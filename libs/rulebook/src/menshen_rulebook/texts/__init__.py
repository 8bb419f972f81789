"""The table of reason texts."""

from typing import Final

from menshen_rulebook.texts import condition, credential, gate, right, vehicle
from menshen_rulebook.texts.entry import Entry

ENTRIES: Final[tuple[Entry, ...]] = (
    *gate.ENTRIES,
    *credential.ENTRIES,
    *right.ENTRIES,
    *condition.ENTRIES,
    *vehicle.ENTRIES,
)
