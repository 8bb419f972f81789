"""The long work of foresight, done in a process of its own: records and plans are read there, answers packed.

It goes on step by step, so that decisions have their time in between, and an answer crosses in the parts in which it is
sent, a few at a time. Ids and records of a page are joined by line feeds, which no sound record holds.
"""

import json
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import count
from time import perf_counter
from typing import Final, NamedTuple, TypeVar

from menshen_rulebook.foresight import (
    Change,
    Kin,
    Kinship,
    compare,
    forecast,
    may_pass,
    rights_of,
    total,
    ways_of,
)
from menshen_rulebook.plan import SitePlan, plan_from_mapping
from menshen_rulebook.records import RecordMalformedError, RecordSchemaUnknownError, unpack
from menshen_rulebook.types import LiveState, Outcome, SubjectKind

from menshen_access.domain.foreseen import (
    Access,
    Changed,
    ChangeRow,
    Comparison,
    Foreseen,
    Granted,
    Lost,
    Passing,
    Told,
    Unread,
    WayRow,
)
from menshen_access.domain.guarded_change import Loss, LossTally, loss_of
from menshen_access.domain.subject_records import Page
from menshen_access.domain.unseen import unseen
from menshen_access.plan_making import Standing, plain_plan

GAINED: Final = "gained"
LOST: Final = "lost"
REVIEWED: Final = "reviewed"
REFUSED: Final = "refused"
MOST_NAMED: Final = 100
_LINE: Final = b"\n"
_AT_ONCE: Final = 8
"""Parts that cross together."""
STEP_S: Final = 0.005
_BREATH: Final = 50
"""Records that are read between two looks at the clock."""
_CALM: Final = LiveState()

T = TypeVar("T")
Weighed = tuple[bytes, bytes, int, int]
"""(plan before, plan after, from, to): what a change is counted between."""


Work = Generator[None, None, T]
"""Work on an answer, which pauses often."""


class Step(NamedTuple):
    """Parts of the answer, in order; whether they are the last. Without `is_begun` nothing was under way."""

    parts: list[bytes]
    is_last: bool
    is_begun: bool = True


class TooManyKindsError(Exception):
    """More kinds of subjects than are to be asked about one by one; `most` is the bound."""

    def __init__(self, most: int) -> None:
        super().__init__(most)
        self.most = most


def joined(records: Sequence[tuple[str, bytes]]) -> Page:
    """A page as it crosses. A record that holds a line feed is none, and crosses as nothing."""
    names = _LINE.join(name.encode() for name, _ in records)
    return names, _LINE.join(record if _LINE not in record else b"" for _, record in records)


_under_way: Iterator[bytes | None] | None = None


def begin(pack: Callable[[T], Iterable[bytes]], work: Callable[..., Work[T]], *arguments: object) -> None:
    """Begin what `step` goes on with, in place of what was begun before."""
    global _under_way  # noqa: PLW0603  (a process pool has no other place for what its process keeps)
    _under_way = _packed(pack, work(*arguments))


def step() -> Step:
    """Work on for a little while, or until some parts of the answer are there; nothing is kept after the last."""
    global _under_way  # noqa: PLW0603  (as in `begin`)
    parts: list[bytes] = []
    if _under_way is None:
        return Step(parts, is_last=True, is_begun=False)
    until = perf_counter() + STEP_S
    for part in _under_way:
        if part is not None:
            parts.append(part)
        if len(parts) == _AT_ONCE or perf_counter() > until:
            return Step(parts, is_last=False)
    _under_way = None
    return Step(parts, is_last=True)


def _packed(pack: Callable[[T], Iterable[bytes]], work: Work[T]) -> Iterator[bytes | None]:
    answer = yield from work
    yield from pack(answer)


def of_everybody(read: Callable[[], list[Page]], work: Callable[..., Work[T]], *arguments: object) -> Work[T]:
    """`work` on all records, which are read here: on the loop of whoever asks, decisions would wait for it."""
    return (yield from work(read(), *arguments))


def who_can_pass(
    pages: Sequence[Page], standing: Standing, access_point_id: str, at_ms: int
) -> Work[Foreseen[Passing]]:
    """What everybody would be told at an access point of the plan."""
    plan = _standing(standing)
    kinship, unread = yield from _kinship(pages, (plan,), at_ms, at_ms + 1)
    groups: list[Passing] = []
    for kin in kinship:
        groups.append(Passing(kin.subject_ids, _told(kin, access_point_id, plan, at_ms)))
        yield
    return Foreseen(groups, unread)


def where_can_pass(record: bytes, standing: Standing, from_ms: int, to_ms: int) -> Work[list[WayRow]]:
    """By access point and time."""
    plan, subject = _standing(standing), unpack(record)
    rows: list[WayRow] = []
    for point in _points(plan):
        ways = ways_of(subject, point, plan, _CALM, from_ms, to_ms)
        rows += [WayRow(point, way.from_ms, way.to_ms, Told(*way.answer, way.rights)) for way in ways]
        yield
    return rows


def who_passes_where(pages: Sequence[Page], standing: Standing, unit: str, at_ms: int) -> Work[Foreseen[Granted]]:
    """Everybody, or those of a unit, without those who are refused everywhere."""
    plan = _standing(standing)
    kinship, unread = yield from _kinship(pages, (plan,), at_ms, at_ms + 1, unit=unit)
    groups: list[Granted] = []
    for kin in kinship:
        told = [Access(point, _told(kin, point, plan, at_ms)) for point in _points(plan)]
        passed = [one for one in told if one.told.outcome != Outcome.DENY]
        if passed:
            groups.append(Granted(kin.subject_ids, kin.one.category, passed))
        yield
    return Foreseen(groups, unread)


def what_changes(
    pages: Sequence[Page], before: bytes, after: bytes, from_ms: int, to_ms: int, most_kinds: int
) -> Work[Comparison]:
    """What the plan `after` would change, at its access points."""
    old, new = _plan(before), _plan(after)
    kinship, unread = yield from _kinship(pages, (old, new), from_ms, to_ms, most_kinds=most_kinds)
    changes: list[Change] = []
    groups: list[Changed] = []
    for kin in kinship:
        of_kin = list(compare(kinship, old, new, _points(new), (kin,)))
        if of_kin:
            changes += of_kin
            groups.append(Changed(kin.subject_ids, [_change_row(one) for one in of_kin]))
        yield
    asked = sum(len(kin.subject_ids) for kin in kinship)
    return Comparison(asked, total(changes), groups, unread)


def what_ends(
    pages: Sequence[Page], standing: Standing, from_ms: int, to_ms: int, most_kinds: int
) -> Work[Foreseen[Lost]]:
    """What is passed no more before the end of the window."""
    plan = _standing(standing)
    kinship, unread = yield from _kinship(pages, (plan,), from_ms, to_ms, most_kinds=most_kinds)
    groups: list[Lost] = []
    for kin in kinship:
        losses = forecast(kinship, plan, _points(plan), (kin,))
        groups += [Lost(kin.subject_ids, one.access_point_id, one.from_ms, one.code) for one in losses]
        yield
    return Foreseen(groups, unread)


def _change_row(one: Change) -> ChangeRow:
    return ChangeRow(one.access_point_id, _kind(one), one.from_ms, one.to_ms, one.after.code)


def _told(kin: Kin, access_point_id: str, plan: SitePlan, at_ms: int) -> Told:
    answer = may_pass(kin.one, access_point_id, plan, _CALM, at_ms)
    return Told(*answer, rights_of(kin.one, access_point_id, plan, _CALM, at_ms))


def what_is_lost_in_each(read: Callable[[], list[Page]], weighed: Sequence[Weighed]) -> list[Loss]:
    """The losses of one change, counted between each of these over all records, which are read here."""
    pages = read()
    return [what_is_lost(pages, *one) for one in weighed]


def what_is_lost(pages: Sequence[Page], before: bytes, after: bytes, from_ms: int, to_ms: int) -> Loss:
    """Whom the plan `after` takes access from, at the access points of the plan `before`.

    A subject whose record is torn passes nowhere and has nothing to lose.
    """
    old, new = _plan(before), _plan(after)
    points = _points(old)
    kinship, _ = finished(_kinship(pages, (old, new), from_ms, to_ms))
    lost: dict[int, set[str]] = {}
    for change in compare(kinship, old, new, points):
        if change.is_loss:
            lost.setdefault(id(change.kin), set()).add(change.access_point_id)
    tallies = {SubjectKind.CARDHOLDER: LossTally(), SubjectKind.VEHICLE: LossTally()}
    for kin in kinship:
        if kin.one.kind in tallies and _passes(kinship, kin, old, points):
            tallies[kin.one.kind].add(len(kin.subject_ids), lost.get(id(kin), ()))
    loss = loss_of(tallies[SubjectKind.CARDHOLDER], tallies[SubjectKind.VEHICLE])
    return replace(loss, unseen=unseen(old, new, from_ms, to_ms))


def _passes(kinship: Kinship, kin: Kin, plan: SitePlan, points: Iterable[str]) -> bool:
    return any(stretch.answer.passes for point in points for stretch in kinship.times(kin, point, plan))


def _kind(change: Change) -> str:
    if change.is_gain:
        return GAINED
    if change.is_loss:
        return LOST
    return REVIEWED if change.after.outcome is Outcome.MANUAL_REVIEW else REFUSED


def _plan(document: bytes) -> SitePlan:
    return plan_from_mapping(json.loads(document))


def _standing(standing: Standing) -> SitePlan:
    return plan_from_mapping(plain_plan(*standing))


def _points(plan: SitePlan) -> list[str]:
    return [one.access_point_id for one in plan.access_points]


def _kinship(
    pages: Iterable[Page],
    plans: tuple[SitePlan, ...],
    from_ms: int,
    to_ms: int,
    *,
    unit: str = "",
    most_kinds: int | None = None,
) -> Work[tuple[Kinship, Unread]]:
    kinship = Kinship(plans, _CALM, from_ms, to_ms)
    torn: list[str] = []
    for number, (name, record) in zip(count(), _records(pages)):
        if number % _BREATH == 0:
            yield
        try:
            subject = unpack(record)
            if not unit or unit in subject.groups:
                kinship.add(subject)
        except (RecordMalformedError, RecordSchemaUnknownError, TypeError):
            # A record may be JSON and yet hold what no rule can compare.
            torn.append(name)
        if most_kinds is not None and len(kinship) > most_kinds:
            raise TooManyKindsError(most_kinds)
    return kinship, Unread(len(torn), tuple(torn[:MOST_NAMED]))


def finished(work: Work[T]) -> T:
    """What the work comes to, without a pause."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            answer: T = end.value
            return answer


def _records(pages: Iterable[Page]) -> Iterator[tuple[str, bytes]]:
    for names, records in pages:
        yield from zip(names.decode().split("\n"), records.split(_LINE), strict=True)
