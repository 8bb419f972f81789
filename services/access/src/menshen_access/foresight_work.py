"""The long work of foresight, done in a process of its own: packed records and plans in, packed rows out.

Everything that crosses is bytes: ids and records of a page are joined by line feeds, which no sound record holds, and a
part of an answer is one JSON text, so that neither side stands still for long over what the other one sends.
"""

import json
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any, Final, TypeVar

from menshen_rulebook.foresight import (
    Change,
    Kin,
    Kinship,
    Totals,
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

from menshen_access.domain.foreseen import Unread
from menshen_access.domain.guarded_change import Loss, LossTally, loss_of
from menshen_access.domain.unseen import unseen

GAINED: Final = "gained"
LOST: Final = "lost"
REVIEWED: Final = "reviewed"
REFUSED: Final = "refused"
MOST_NAMED: Final = 100
_LINE: Final = b"\n"
_NICE: Final = 10
_OWN_WEIGHT: Final = "/proc/self/autogroup"
_CALM: Final = LiveState()


T = TypeVar("T")
Page = tuple[bytes, bytes]
"""(subject ids, records)."""

Weighed = tuple[bytes, bytes, int, int]
"""(plan before, plan after, from, to): what a change is counted between."""


class TooManyKindsError(Exception):
    """More kinds of subjects than are to be asked about one by one; `most` is the bound."""

    def __init__(self, most: int) -> None:
        super().__init__(most)
        self.most = most


def give_way() -> None:
    """Let every process that decides go first, leave Ctrl-C to the service, and end with it however it ends."""
    os.nice(_NICE)
    # Where the kernel weighs sessions, being nice counts inside one alone: Redis and PostgreSQL are in others.
    os.setsid()
    with suppress(OSError), open(_OWN_WEIGHT, "w", encoding="ascii") as weight:
        weight.write(str(_NICE))
    if sys.platform == "linux":
        # Whoever wakes up need not wait for the end of its slice. What it gets at all, the weight of the session says.
        # Where a container forbids it, it is merely nice.
        with suppress(OSError):
            os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_the_service, daemon=True).start()


def _end_with_the_service() -> None:
    service = multiprocessing.parent_process()
    if service is not None:
        service.join()
        os._exit(0)


def joined(records: Sequence[tuple[str, bytes]]) -> Page:
    """A page as it crosses. A record that holds a line feed is none, and crosses as nothing."""
    names = _LINE.join(name.encode() for name, _ in records)
    return names, _LINE.join(record if _LINE not in record else b"" for _, record in records)


def of_everybody(read: Callable[[], list[Page]], work: Callable[..., T], *arguments: object) -> T:
    """`work` on all records, which are read here: on the loop of whoever asks, decisions would wait for it."""
    return work(read(), *arguments)


def who_can_pass(pages: Sequence[Page], plan: bytes, access_point_id: str, at_ms: int) -> tuple[list[bytes], Unread]:
    """Parts `[subject ids, outcome, code, rights]`."""
    read = _plan(plan)
    kinship, unread = _kinship(pages, (read,), at_ms, at_ms + 1)
    return [_part(kin.subject_ids, *_told(kin, access_point_id, read, at_ms)) for kin in kinship], unread


def where_can_pass(record: bytes, plan: bytes, from_ms: int, to_ms: int) -> list[bytes]:
    """Parts `[[access point, from, to, outcome, code, rights], …]`, one of each access point."""
    read, subject = _plan(plan), unpack(record)
    return [
        _part(
            *[
                (point, way.from_ms, way.to_ms, *way.answer, way.rights)
                for way in ways_of(subject, point, read, _CALM, from_ms, to_ms)
            ]
        )
        for point in _points(read)
    ]


def who_passes_where(pages: Sequence[Page], plan: bytes, unit: str, at_ms: int) -> tuple[list[bytes], Unread]:
    """Parts `[subject ids, category, [[access point, outcome, code, rights], …]]`, without those refused."""
    read = _plan(plan)
    kinship, unread = _kinship(pages, (read,), at_ms, at_ms + 1, unit=unit)
    parts: list[bytes] = []
    for kin in kinship:
        told = [(point, *_told(kin, point, read, at_ms)) for point in _points(read)]
        passed = [one for one in told if one[1] != Outcome.DENY]
        if passed:
            parts.append(_part(kin.subject_ids, kin.one.category, passed))
    return parts, unread


def what_changes(
    pages: Sequence[Page], before: bytes, after: bytes, from_ms: int, to_ms: int, most_kinds: int
) -> tuple[int, Totals, list[bytes], Unread]:
    """How many were asked about, the totals, and parts `[subject ids, [[access point, kind, from, to, code], …]]`."""
    old, new = _plan(before), _plan(after)
    kinship, unread = _kinship(pages, (old, new), from_ms, to_ms, most_kinds=most_kinds)
    changes = list(compare(kinship, old, new, _points(new)))
    by_kin: dict[int, tuple[list[str], list[Any]]] = {}
    for one in changes:
        _, rows = by_kin.setdefault(id(one.kin), (one.kin.subject_ids, []))
        rows.append((one.access_point_id, _kind(one), one.from_ms, one.to_ms, one.after.code))
    asked = sum(len(kin.subject_ids) for kin in kinship)
    return asked, total(changes), [_part(*part) for part in by_kin.values()], unread


def what_ends(
    pages: Sequence[Page], plan: bytes, from_ms: int, to_ms: int, most_kinds: int
) -> tuple[list[bytes], Unread]:
    """Parts `[subject ids, access point, from, code]`."""
    read = _plan(plan)
    kinship, unread = _kinship(pages, (read,), from_ms, to_ms, most_kinds=most_kinds)
    losses = forecast(kinship, read, _points(read))
    return [_part(one.kin.subject_ids, one.access_point_id, one.from_ms, one.code) for one in losses], unread


def _told(kin: Kin, access_point_id: str, plan: SitePlan, at_ms: int) -> tuple[int, str, tuple[Any, ...]]:
    answer = may_pass(kin.one, access_point_id, plan, _CALM, at_ms)
    return answer.outcome, answer.code, rights_of(kin.one, access_point_id, plan, _CALM, at_ms)


def what_is_lost_in_each(pages: Sequence[Page], weighed: Sequence[Weighed]) -> list[Loss]:
    """The losses of one change, counted between each of these."""
    return [what_is_lost(pages, *one) for one in weighed]


def what_is_lost(pages: Sequence[Page], before: bytes, after: bytes, from_ms: int, to_ms: int) -> Loss:
    """Whom the plan `after` takes access from, at the access points of the plan `before`.

    A subject whose record is torn passes nowhere and has nothing to lose.
    """
    old, new = _plan(before), _plan(after)
    points = _points(old)
    kinship, _ = _kinship(pages, (old, new), from_ms, to_ms)
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
) -> tuple[Kinship, Unread]:
    kinship = Kinship(plans, _CALM, from_ms, to_ms)
    torn: list[str] = []
    for name, record in _records(pages):
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


def _records(pages: Iterable[Page]) -> Iterator[tuple[str, bytes]]:
    for names, records in pages:
        yield from zip(names.decode().split("\n"), records.split(_LINE), strict=True)


def _part(*values: object) -> bytes:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode()
