"""Subjects to whom every rule answers alike, so that one of them is asked for all.

Ids, identifier values and versions tell nobody apart: rules compare them, so that what is kept of them is which are
equal. Rules compare instants with now alone, so that one before the window is any other before it, and one after it any
other after it. Facts that no policy reads are left out. Whoever the live values name is kin to nobody.
"""

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any

from menshen_rulebook import plates
from menshen_rulebook.clauses import FactTest
from menshen_rulebook.foresight.answers import Stretch, times_of
from menshen_rulebook.plan import SitePlan
from menshen_rulebook.policy import Policy
from menshen_rulebook.presentation import LiveState
from menshen_rulebook.subject import Credential, Fact, Subject, Vehicle
from menshen_rulebook.uses import retired_id
from menshen_rulebook.visits import by_start
from menshen_rulebook.vocabulary import IdentifierType


@dataclass(frozen=True, slots=True)
class Kin:
    """Subjects that are answered alike; `one` is any of them, `rest` numbers all but their groups and levels."""

    one: Subject
    rest: int
    subject_ids: list[str] = field(default_factory=list)


class Kinship:
    """Sorts subjects into kin, for answers at instants in [from_ms, to_ms) under these plans and live values."""

    def __init__(self, plans: Iterable[SitePlan], live: LiveState, from_ms: int, to_ms: int) -> None:
        self.live, self.from_ms, self.to_ms = live, from_ms, to_ms
        self._plans = tuple(plans)
        self._places = {id(plan): place for place, plan in enumerate(self._plans)}
        self._ages = _ages_of_facts(policy for plan in self._plans for policy in plan.policies)
        self._words = frozenset(_words([(plan.policies, plan.parking) for plan in self._plans]))
        self._named = {one.subject_id for one in live.presences} | {one.subject_id for one in live.reservations}
        self._kin: dict[Hashable, Kin] = {}
        self._rests: dict[Hashable, int] = {}
        self._times: dict[Hashable, tuple[Stretch, ...]] = {}

    def add(self, subject: Subject) -> None:
        """Put a subject to its kin."""
        mark = self.mark(subject)
        kin = self._kin.get(mark)
        if kin is None:
            kin = self._kin[mark] = Kin(subject, self._rests.setdefault(mark[0], len(self._rests)))
        kin.subject_ids.append(subject.subject_id)

    def __iter__(self) -> Iterator[Kin]:
        return iter(self._kin.values())

    def __len__(self) -> int:
        return len(self._kin)

    def times(self, kin: Kin, access_point_id: str, plan: SitePlan) -> tuple[Stretch, ...]:
        """The answers to these kin at an access point over the window, under one of the plans.

        Asked once for all who differ only in groups and levels of which nothing there speaks.
        """
        key = (self._places[id(plan)], access_point_id, kin.rest, self._rights(kin.one, access_point_id, plan))
        found = self._times.get(key)
        if found is None:
            found = times_of(kin.one, access_point_id, plan, self.live, self.from_ms, self.to_ms)
            self._times[key] = found
        return found

    def _rights(self, subject: Subject, access_point_id: str, plan: SitePlan) -> Hashable:
        point = plan.point(access_point_id, self.from_ms)
        if point is None:
            return None
        words = self._words | point.access_point.opened_by | point.group_terms.keys()
        return frozenset(words.intersection(subject.groups)), frozenset(
            [
                (one.level_id, self._span(one.from_ms, one.to_ms))
                for one in subject.levels
                if one.level_id in point.levels
            ]
        )

    def mark(self, subject: Subject) -> tuple[Hashable, Hashable]:
        """What kin have in common: everything about a subject that an answer in the window may depend on."""
        rights = frozenset([(one.level_id, self._span(one.from_ms, one.to_ms)) for one in subject.levels])
        return self._rest(subject), (frozenset(subject.groups), rights)

    def _rest(self, subject: Subject) -> Hashable:
        return (
            subject.subject_id if subject.subject_id in self._named else "",
            subject.kind,
            subject.category,
            subject.has_pin,
            self._credentials(subject),
            self._facts(subject.facts),
            frozenset(
                [
                    (e.kind, e.site, e.access_point_id, e.access_point_class, self._span(e.from_ms, e.to_ms))
                    for e in subject.list_entries
                ]
            ),
            self._visits(subject),
            self._vehicle(subject.vehicle),
        )

    def _at(self, at_ms: int) -> int:
        return min(max(at_ms, self.from_ms), self.to_ms)

    def _span(self, from_ms: int, to_ms: int) -> tuple[int, int, bool]:
        return self._at(from_ms), self._at(to_ms), from_ms < to_ms

    def _credentials(self, subject: Subject) -> Hashable:
        credentials = subject.credentials
        shown = [identifier for one in credentials for identifier in one.identifiers]
        plate = subject.vehicle.plate if subject.vehicle is not None else ""
        rows = [(self._credential(one), tuple([kind for kind, _ in one.identifiers])) for one in credentials]
        is_plain = not plate and not any(one.replaces for one in credentials) and len(set(shown)) == len(shown)
        if is_plain and not any(kind is IdentifierType.PLATE for kind, _ in shown):
            return tuple(sorted(rows))
        ids = _Numbers()
        names = tuple([(ids[one.credential_id], one.replaces and ids[one.replaces]) for one in credentials])
        return tuple(rows), names, _likeness([*shown, (IdentifierType.PLATE, plate)])

    def _credential(self, one: Credential) -> tuple[Any, ...]:
        used = self.live.used_ids
        return (
            one.state,
            self._at(one.valid_from_ms),
            self._at(one.valid_to_ms),
            one.pin_required,
            one.single_use,
            bool(used) and one.credential_id in used,
            bool(used) and retired_id(one.credential_id) in used,
        )

    def _facts(self, facts: tuple[Fact, ...]) -> Hashable:
        read = [fact for fact in facts if fact.type in self._ages]
        names = [fact.type for fact in read]
        return tuple([self._fact(fact, alone=names.count(fact.type) == 1) for fact in read])

    def _fact(self, fact: Fact, *, alone: bool) -> Hashable:
        said = (fact.type, type(fact.value).__name__, fact.value, fact.source)
        if not alone:
            # Several of a type are compared with each other.
            return (*said, fact.valid_from_ms, fact.valid_to_ms, fact.reported_at_ms)
        ends = tuple([self._at(fact.reported_at_ms + age_ms + 1) for age_ms in self._ages[fact.type]])
        return (*said, self._at(fact.valid_from_ms), self._at(fact.valid_to_ms), ends)

    def _visits(self, subject: Subject) -> Hashable:
        # A policy moves the ends of a visit's window, so that they stay as they are.
        return tuple(
            [
                (
                    one.site,
                    one.from_ms,
                    one.to_ms,
                    one.state,
                    frozenset(one.access_point_ids),
                    one.single_entry,
                    one.visit_id in self.live.used_ids,
                )
                for one in by_start(subject)
            ]
        )

    def _vehicle(self, vehicle: Vehicle | None) -> Hashable:
        if vehicle is None:
            return None
        bans = [(self._span(one.from_ms, one.to_ms), one.until_test) for one in vehicle.suspensions]
        renewals = [(one.state, self._span(one.from_ms, one.to_ms)) for one in vehicle.renewals]
        first = (vehicle.permit_state, self._span(vehicle.permit_from_ms, vehicle.permit_to_ms))
        return vehicle.vehicle_class, frozenset([first, *renewals]), frozenset(bans)


class _Numbers(dict[str, int]):
    """Numbers words in the order of their first appearance, from 1."""

    def __missing__(self, word: str) -> int:
        self[word] = len(self) + 1
        return self[word]


def _likeness(identifiers: Iterable[tuple[IdentifierType, str]]) -> Hashable:
    """Which identifiers are equal, as they stand and as plates are compared."""
    exact, alike = _Numbers(), _Numbers()
    return tuple(
        [
            (kind, exact[value], alike[plates.compared(value)], plates.is_none(value), bool(value))
            for kind, value in identifiers
        ]
    )


def _ages_of_facts(policies: Iterable[Policy]) -> dict[str, tuple[int, ...]]:
    """The facts that policies read, each with the ages they allow it."""
    found: dict[str, set[int]] = {}
    for policy in policies:
        found.setdefault(policy.leave.fact, set())
        for test in _tests(policy):
            ages = found.setdefault(test.fact, set())
            if test.max_age_ms is not None:
                ages.add(test.max_age_ms)
    return {name: tuple(sorted(ages)) for name, ages in found.items()}


def _tests(policy: Policy) -> Iterator[FactTest]:
    for requirement in policy.requirements:
        yield requirement.test
    for fee in policy.fees:
        if fee.waived_by is not None:
            yield fee.waived_by
    clauses = [one.only_if for one in policy.requirements] + [one.only_if for one in policy.reminders]
    for only_if in clauses + [one.only_if for one in policy.fees]:
        for condition in only_if:
            yield condition.test


def _words(part: Any) -> Iterator[str]:
    """Every text in a part of a plan: whatever group a clause names is among them."""
    if isinstance(part, str):
        yield part
    elif is_dataclass(part):
        for one in fields(part):
            yield from _words(getattr(part, one.name))
    elif isinstance(part, (tuple, list, frozenset)):
        for item in part:
            yield from _words(item)
