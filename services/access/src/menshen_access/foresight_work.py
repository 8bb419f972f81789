"""The long work of foresight, done in a process of its own: packed records and plans in, packed rows out.

Everything that crosses is bytes: a page of records is joined by line feeds, which no record holds, and a part of an
answer is one JSON text, so that neither side stands still for long over what the other one sends.
"""

import json
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Any, Final

from menshen_rulebook.foresight import Change, Kinship, Totals, compare, forecast, may_pass, total
from menshen_rulebook.plan import SitePlan, plan_from_mapping
from menshen_rulebook.records import unpack
from menshen_rulebook.types import LiveState, Outcome

GAINED: Final = "gained"
LOST: Final = "lost"
REVIEWED: Final = "reviewed"
REFUSED: Final = "refused"
_LINE: Final = b"\n"
_NICE: Final = 10
_OWN_WEIGHT: Final = "/proc/self/autogroup"
_CALM: Final = LiveState()


def give_way() -> None:
    """Let every process that decides go first, leave Ctrl-C to the service, and end with it however it ends."""
    os.nice(_NICE)
    # Where the kernel weighs sessions, being nice counts inside one alone: Redis and PostgreSQL are in others.
    os.setsid()
    with suppress(OSError), open(_OWN_WEIGHT, "w", encoding="ascii") as weight:
        weight.write(str(_NICE))
    if sys.platform == "linux":
        # Whoever wakes up need not wait for the end of its slice. What it gets at all, the weight of the session says.
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_the_service, daemon=True).start()


def _end_with_the_service() -> None:
    service = multiprocessing.parent_process()
    if service is not None:
        service.join()
        os._exit(0)


def joined(records: Iterable[bytes]) -> bytes:
    """A page of records as it crosses."""
    return _LINE.join(records)


def who_can_pass(pages: Sequence[bytes], plan: bytes, access_point_id: str, at_ms: int) -> list[bytes]:
    """Parts `[subject ids, outcome, code]`."""
    read = _plan(plan)
    kinship = _kinship(pages, (read,), at_ms, at_ms + 1)
    return [_part(kin.subject_ids, *may_pass(kin.one, access_point_id, read, _CALM, at_ms)) for kin in kinship]


def what_changes(
    pages: Sequence[bytes], before: bytes, after: bytes, from_ms: int, to_ms: int
) -> tuple[int, Totals, list[bytes]]:
    """How many were asked about, the totals, and parts `[subject ids, [[access point, kind, from, to, code], …]]`."""
    old, new = _plan(before), _plan(after)
    kinship = _kinship(pages, (old, new), from_ms, to_ms)
    changes = list(compare(kinship, old, new, _points(new)))
    by_kin: dict[int, tuple[list[str], list[Any]]] = {}
    for one in changes:
        _, rows = by_kin.setdefault(id(one.kin), (one.kin.subject_ids, []))
        rows.append((one.access_point_id, _kind(one), one.from_ms, one.to_ms, one.after.code))
    asked = sum(len(kin.subject_ids) for kin in kinship)
    return asked, total(changes), [_part(*part) for part in by_kin.values()]


def what_ends(pages: Sequence[bytes], plan: bytes, from_ms: int, to_ms: int) -> list[bytes]:
    """Parts `[subject ids, access point, from, code]`."""
    read = _plan(plan)
    kinship = _kinship(pages, (read,), from_ms, to_ms)
    return [
        _part(loss.kin.subject_ids, loss.access_point_id, loss.from_ms, loss.code)
        for loss in forecast(kinship, read, _points(read))
    ]


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


def _kinship(pages: Iterable[bytes], plans: tuple[SitePlan, ...], from_ms: int, to_ms: int) -> Kinship:
    kinship = Kinship(plans, _CALM, from_ms, to_ms)
    for record in _records(pages):
        kinship.add(unpack(record))
    return kinship


def _records(pages: Iterable[bytes]) -> Iterator[bytes]:
    for page in pages:
        yield from page.split(_LINE)


def _part(*values: object) -> bytes:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode()
