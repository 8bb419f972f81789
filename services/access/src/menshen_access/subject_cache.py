"""Subjects as this process last saw them. It may be behind: the guards of a commit find that out, never the holder."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from menshen_rulebook.records import unpack
from menshen_rulebook.types import Presence, Reservation, Subject

from menshen_access.domain.register import presence_of, reservations_of
from menshen_access.domain.store import LiveRead


class CachedSubject:
    """One subject. `subject` is None for a removed one; `version` is that of its record either way."""

    __slots__ = ("_place", "_register", "subject", "subject_id", "version")

    def __init__(self, subject_id: str, version: int, subject: Subject | None, register: bytes) -> None:
        self.subject_id = subject_id
        self.version = version
        self.subject = subject
        self._place: tuple[Presence, tuple[Reservation, ...]] | None = None
        self._register = register

    def move(self, register: bytes) -> None:
        """Take a newer presence register."""
        if register != self._register:
            self._register = register
            self._place = None

    def place(self) -> tuple[Presence, tuple[Reservation, ...]]:
        """Where the subject is, and the reservations kept for it."""
        if self._place is None:
            register = self._register
            self._place = presence_of(self.subject_id, register), reservations_of(self.subject_id, register)
        return self._place


@dataclass(frozen=True, slots=True)
class Found:
    """What identifiers led to: subjects in the order of the keys, each once, and the keys that belong to nobody."""

    subjects: tuple[CachedSubject, ...]
    absent_keys: tuple[str, ...]


class SubjectCache:
    """The subjects of one site: at most `capacity` of them and twice as many keys, the longest unused go first."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._subjects: OrderedDict[str, CachedSubject] = OrderedDict()
        self._keys: OrderedDict[str, str | None] = OrderedDict()

    def __len__(self) -> int:
        return len(self._subjects)

    def find(self, keys: Sequence[str]) -> Found | None:
        """What these keys lead to as far as is known; None when any of them, or a subject, has to be read."""
        found: list[CachedSubject] = []
        absent: list[str] = []
        for key in keys:
            if key not in self._keys:
                return None
            subject_id = self._keys[key]
            self._keys.move_to_end(key)
            if subject_id is None:
                absent.append(key)
                continue
            cached = self._subjects.get(subject_id)
            if cached is None:
                return None
            self._subjects.move_to_end(subject_id)
            if cached not in found:
                found.append(cached)
        return Found(tuple(found), tuple(absent))

    def learn(self, fresh: LiveRead) -> None:
        """Take what was read; a record that cannot be unpacked raises what the rulebook raises."""
        for key, subject_id in fresh.keys.items():
            self._keys[key] = subject_id
            self._keys.move_to_end(key)
        for subject_id, (version, record) in fresh.records.items():
            register = fresh.registers.get(subject_id, b"")
            cached = self._subjects.get(subject_id)
            if cached is not None and cached.version == version:
                cached.move(register)
                continue
            subject = unpack(record) if record else None
            self._subjects[subject_id] = CachedSubject(subject_id, version, subject, register)
        self._shrink()

    def move(self, moved: Mapping[str, bytes]) -> None:
        """Take changed presence registers."""
        for subject_id, register in moved.items():
            cached = self._subjects.get(subject_id)
            if cached is not None:
                cached.move(register)

    def clear(self) -> None:
        self._subjects.clear()
        self._keys.clear()

    def _shrink(self) -> None:
        while len(self._subjects) > self._capacity:
            self._subjects.popitem(last=False)
        while len(self._keys) > 2 * self._capacity:
            self._keys.popitem(last=False)
