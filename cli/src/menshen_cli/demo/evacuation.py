"""A fire as the simulators' own ledger tells it: which doors its line freed, and who went through while they were free.

Nothing here is what a scene meant to happen, or what an agent said: only the panel's line, the locks, the booms and the
counters of passages.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from menshen_simulators.ledger import Entry

PASSED = "PASSED"
_LINE, _ALARM = "FIRE_LINE", "ALARM"
_BOOM, _UP = "BOOM", "UP"
_LOCKS = {"UNLOCKED": True, "LOCKED": False}


@dataclass(frozen=True, slots=True)
class Evacuation:
    """`freed` counts, by door or barrier, the fires that freed it until their line was quiet; `passed` the passages."""

    freed: Counter[str]
    passed: int


def evacuation_of(entries: Iterable[Entry], doors_of: Mapping[str, Sequence[str]]) -> Evacuation:
    """Read the ledger; `doors_of` gives, by the name of a fire panel, the doors and barriers of its zone."""
    story = _Story(doors_of)
    for entry in sorted(entries, key=lambda entry: entry.monotonic_ms):
        story.go_on(entry)
    return Evacuation(story.freed + story.standing(), story.passed)


@dataclass(slots=True)
class _Story:
    """Where everything stands while the ledger is read. `free` are the doors that a fire opened and nothing locked."""

    doors_of: Mapping[str, Sequence[str]]
    unlocked: set[str] = field(default_factory=set)
    alarmed: set[str] = field(default_factory=set)
    free: set[str] = field(default_factory=set)
    freed: Counter[str] = field(default_factory=Counter)
    passed: int = 0

    def go_on(self, entry: Entry) -> None:
        if entry.kind == _LINE:
            self._line(entry.device, alarm=entry.facts["state"] == _ALARM)
        elif entry.kind in _LOCKS:
            self._lock(entry.device, unlocked=_LOCKS[entry.kind])
        elif entry.kind == _BOOM:
            self._lock(entry.device, unlocked=entry.facts["state"] == _UP)
        elif entry.kind == PASSED:
            self.passed += entry.device in self.free

    def standing(self) -> Counter[str]:
        """The doors free by lines that are still in alarm."""
        return Counter(door for panel in self.alarmed for door in self.doors_of[panel] if door in self.free)

    def _line(self, panel: str, *, alarm: bool) -> None:
        if alarm:
            self.alarmed.add(panel)
            self.free.update(self.unlocked.intersection(self.doors_of[panel]))
        elif panel in self.alarmed:
            self.freed.update(door for door in self.doors_of[panel] if door in self.free)
            self.alarmed.discard(panel)

    def _lock(self, device: str, *, unlocked: bool) -> None:
        if not unlocked:
            self.unlocked.discard(device)
            self.free.discard(device)
            return
        self.unlocked.add(device)
        if any(device in self.doors_of[panel] for panel in self.alarmed):
            self.free.add(device)
