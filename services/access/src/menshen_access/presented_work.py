"""Deciding presentations that were sent, in a process that lives for one replay.

A page goes in with `read`, which answers the look-up keys that were not asked about yet; `decide` takes the records of
whoever holds them, and decides the page.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from menshen_rulebook.decision import Decision
from menshen_rulebook.plan import SitePlan, plan_from_mapping
from menshen_rulebook.replay.replaying import Known, Replay, Row
from menshen_rulebook.replay.tally import Summary
from menshen_rulebook.types import Identifier, IdentifierType, Subject

from menshen_access.domain.judging import Answer, plan_under
from menshen_access.domain.kept_inputs import kept_subject
from menshen_access.replay_work import NotBegunError

_TYPES: Final = tuple(one for one in IdentifierType if one)


class Presented(NamedTuple):
    """One presentation; `type` is an IdentifierType, 0 for whichever somebody holds."""

    line: int
    at_ms: int
    credential: str
    type: int
    access_point_id: str

    @property
    def name(self) -> str:
        """The credential as it is counted: with its type where that is known."""
        return Identifier(IdentifierType(self.type), self.credential).key if self.type else self.credential

    @property
    def identifiers(self) -> tuple[Identifier, ...]:
        """What it may have been read as."""
        types = (IdentifierType(self.type),) if self.type else _TYPES
        return tuple(Identifier(one, self.credential) for one in types)


class PresentedDifference(NamedTuple):
    """A presentation that the policy in force decides otherwise than the one asked about."""

    line: int
    in_force: Answer
    asked: Answer


class Presenting:
    """One replay by the policy asked about and, where that is another one, by the policy in force beside it."""

    def __init__(self, plan: SitePlan, asked_version: int, in_force_version: int) -> None:
        policies = {one.version: one for one in plan.policies}
        self._known: dict[str, Known] = {}
        self._asked = Replay(plan_under(plan, policies[asked_version]), self._known)
        self._in_force: Replay | None = None
        if in_force_version not in (0, asked_version):
            self._in_force = Replay(plan_under(plan, policies[in_force_version]), self._known)
        self._names: set[str] = set()
        self._page: Sequence[Presented] = ()
        self._new: dict[str, tuple[Identifier, ...]] = {}

    def read(self, page: Sequence[Presented]) -> tuple[list[str], int]:
        """Take the next page: the look-up keys not asked about yet, and how many credentials there were so far."""
        self._page = page
        self._new = {one.name: one.identifiers for one in page if one.name not in self._names}
        self._names |= self._new.keys()
        return [identifier.key for found in self._new.values() for identifier in found], len(self._names)

    def decide(self, records: Iterable[bytes]) -> list[PresentedDifference]:
        """Decide the page; `records` are those of whoever holds the keys, the one put last being last."""
        self._know(subject for record in records if (subject := kept_subject(record)) is not None)
        found: list[PresentedDifference] = []
        for one in self._page:
            row = Row(one.line, one.at_ms, one.name, one.access_point_id)
            asked = _answer(self._asked.decide(row))
            if self._in_force is None:
                continue
            in_force = _answer(self._in_force.decide(row))
            if in_force != asked:
                found.append(PresentedDifference(one.line, in_force, asked))
        return found

    def summary(self) -> Summary:
        """What the presentations came to by the policy asked about."""
        return self._asked.tally.summary()

    def _know(self, subjects: Iterable[Subject]) -> None:
        holders = {
            identifier: subject
            for subject in subjects
            for credential in subject.credentials
            for identifier in credential.identifiers
        }
        for name, identifiers in self._new.items():
            held = next((one for one in identifiers if one in holders), None)
            if held is not None:
                self._known[name] = Known(held, holders[held])


def _answer(decision: Decision) -> Answer:
    shown = decision.shown
    return Answer(int(decision.outcome), shown.code if shown is not None else "")


_under_way: list[Presenting] = []
"""The one replay of this process, once it is begun."""


def begin(plan: bytes, asked_version: int, in_force_version: int) -> None:
    """Begin with a plan that holds both policies; no version in force is 0."""
    _under_way[:] = [Presenting(plan_from_mapping(json.loads(plan)), asked_version, in_force_version)]


def read(page: Sequence[Presented]) -> tuple[list[str], int]:
    """`Presenting.read` of the replay under way."""
    return _replay().read(page)


def decide(records: Sequence[bytes]) -> list[PresentedDifference]:
    """`Presenting.decide` of the replay under way."""
    return _replay().decide(records)


def summary() -> Summary:
    """`Presenting.summary` of the replay under way."""
    return _replay().summary()


def _replay() -> Presenting:
    if not _under_way:
        raise NotBegunError
    return _under_way[0]
