"""Answers of foresight as they are sent, in parts that are small: decisions wait while one is."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any, Final, TypeVar

from google.protobuf.message import Message
from menshen.access.v1 import foresight_pb2 as pb
from menshen_rulebook.foresight import Right

from menshen_access import foresight_work
from menshen_access.domain.foreseen import (
    Access,
    Changed,
    ChangeRow,
    Comparison,
    Foreseen,
    Granted,
    Lost,
    Passing,
    Unread,
    WayRow,
)

T = TypeVar("T")
MOST_BYTES: Final = 32 * 1024
"""A part is full beyond this."""
MOST_NAMES: Final = 400
MOST_ROWS: Final = 100
"""Of one group in one part, so that a group is no larger than a part."""
_KINDS: Final = {
    foresight_work.GAINED: pb.CHANGE_KIND_GAINED,
    foresight_work.LOST: pb.CHANGE_KIND_LOST,
    foresight_work.REVIEWED: pb.CHANGE_KIND_REVIEWED,
    foresight_work.REFUSED: pb.CHANGE_KIND_REFUSED,
}


class ForesightMessages:
    """Implements foreseeing.Packing."""

    def passes(self, found: Foreseen[Passing]) -> Iterator[bytes]:
        """WhoCanPassResponse."""
        groups = (group for one in found.groups for group in _pass_groups(one))
        return _parts(partial(_grouped, pb.WhoCanPassResponse), groups, _unread(pb.WhoCanPassResponse, found.unread))

    def ways(self, found: Sequence[WayRow]) -> Iterator[bytes]:
        """WhereCanPassResponse."""
        return _parts(lambda rows: pb.WhereCanPassResponse(rows=rows), map(_way, found), None)

    def granted(self, found: Foreseen[Granted]) -> Iterator[bytes]:
        """ReviewAccessResponse."""
        groups = (group for one in found.groups for group in _access_groups(one))
        return _parts(
            partial(_grouped, pb.ReviewAccessResponse), groups, _unread(pb.ReviewAccessResponse, found.unread)
        )

    def changes(self, found: Comparison) -> Iterator[bytes]:
        """ComparePolicyResponse; the first has the totals."""
        unread = _unread_message(found.unread) if found.unread.count else None
        first = pb.ComparePolicyResponse(totals=_totals(found), unreadable=unread)
        groups = (group for one in found.groups for group in _change_groups(one))
        return _parts(partial(_grouped, pb.ComparePolicyResponse), groups, first)

    def losses(self, found: Foreseen[Lost]) -> Iterator[bytes]:
        """ForecastResponse."""
        groups = (group for one in found.groups for group in _loss_groups(one))
        return _parts(partial(_grouped, pb.ForecastResponse), groups, _unread(pb.ForecastResponse, found.unread))


def _parts(make: Callable[[list[Any]], Message], messages: Iterable[Message], first: Message | None) -> Iterator[bytes]:
    """The messages in responses that are not too large."""
    if first is not None:
        yield first.SerializeToString()
    part: list[Message] = []
    size = 0
    for message in messages:
        size += message.ByteSize()
        if part and size > MOST_BYTES:
            yield make(part).SerializeToString()
            part, size = [], message.ByteSize()
        part.append(message)
    if part:
        yield make(part).SerializeToString()


def _grouped(response: Callable[..., Message], groups: list[Any]) -> Message:
    return response(groups=groups)


def _unread(response: Callable[..., Message], unread: Unread) -> Message | None:
    return response(unreadable=_unread_message(unread)) if unread.count else None


def _some(items: Sequence[T], most: int) -> Iterator[Sequence[T]]:
    return (items[start : start + most] for start in range(0, len(items), most))


def _pass_groups(one: Passing) -> Iterator[pb.PassGroup]:
    outcome, code, rights = one.told
    for names in _some(one.subject_ids, MOST_NAMES):
        yield pb.PassGroup(
            subject_ids=names,
            outcome=outcome,  # type: ignore[arg-type]
            reason_code=code,
            rights=_rights(rights),
        )


def _access_groups(one: Granted) -> Iterator[pb.AccessGroup]:
    for names in _some(one.subject_ids, MOST_NAMES):
        for passed in _some(one.passed, MOST_ROWS):
            yield pb.AccessGroup(subject_ids=names, category=one.category, passed=map(_access, passed))


def _change_groups(one: Changed) -> Iterator[pb.ChangeGroup]:
    for names in _some(one.subject_ids, MOST_NAMES):
        for changes in _some(one.changes, MOST_ROWS):
            yield pb.ChangeGroup(subject_ids=names, changes=map(_change, changes))


def _loss_groups(one: Lost) -> Iterator[pb.LossGroup]:
    for names in _some(one.subject_ids, MOST_NAMES):
        yield pb.LossGroup(
            subject_ids=names, access_point=one.access_point_id, from_ms=one.from_ms, reason_code=one.code
        )


def _way(row: WayRow) -> pb.WayRow:
    outcome, code, rights = row.told
    return pb.WayRow(
        access_point=row.access_point_id,
        from_ms=row.from_ms,
        to_ms=row.to_ms,
        outcome=outcome,  # type: ignore[arg-type]
        reason_code=code,
        rights=_rights(rights),
    )


def _access(one: Access) -> pb.Access:
    outcome, code, rights = one.told
    return pb.Access(
        access_point=one.access_point_id,
        outcome=outcome,  # type: ignore[arg-type]
        reason_code=code,
        rights=_rights(rights),
    )


def _change(row: ChangeRow) -> pb.Change:
    return pb.Change(
        access_point=row.access_point_id,
        kind=_KINDS[row.kind],
        from_ms=row.from_ms,
        to_ms=row.to_ms,
        reason_code=row.code,
    )


def _rights(rights: Iterable[Right]) -> Iterator[pb.Right]:
    # RightKind has the numbers of the protocol.
    return (pb.Right(kind=int(r.kind), access_level=r.level_id, group=r.group) for r in rights)  # type: ignore[arg-type]


def _unread_message(unread: Unread) -> pb.UnreadableRecords:
    return pb.UnreadableRecords(count=unread.count, subject_ids=unread.subject_ids)


def _totals(found: Comparison) -> pb.ChangeTotals:
    totals = found.totals
    return pb.ChangeTotals(
        subjects=found.subjects,
        gaining=totals.gaining,
        losing=totals.losing,
        reviewed=totals.reviewed,
        gained=totals.gained,
        lost=totals.lost,
    )
