"""Answers of foresight row by row, read from the parts in which they are sent."""

from typing import Any

from menshen.access.v1 import foresight_pb2 as pb
from menshen_access.domain.foreseen import Unread
from menshen_rulebook.foresight import Right, RightKind

Row = tuple[Any, ...]


def passes(parts: list[bytes]) -> list[Row]:
    """(subject, outcome, code, rights)."""
    groups = [group for part in parts for group in pb.WhoCanPassResponse.FromString(part).groups]
    return [(name, *_told(group)) for group in groups for name in group.subject_ids]


def ways(parts: list[bytes]) -> list[Row]:
    """(access point, from, to, outcome, code, rights)."""
    rows = [row for part in parts for row in pb.WhereCanPassResponse.FromString(part).rows]
    return [(row.access_point, row.from_ms, row.to_ms, *_told(row)) for row in rows]


def granted(parts: list[bytes]) -> list[Row]:
    """(subject, category, access point, outcome, code, rights)."""
    groups = [group for part in parts for group in pb.ReviewAccessResponse.FromString(part).groups]
    return [
        (name, group.category, one.access_point, *_told(one))
        for group in groups
        for name in group.subject_ids
        for one in group.passed
    ]


def changes(parts: list[bytes]) -> list[Row]:
    """(subject, access point, kind, from, to, code)."""
    groups = [group for part in parts for group in pb.ComparePolicyResponse.FromString(part).groups]
    return [
        (name, one.access_point, one.kind, one.from_ms, one.to_ms, one.reason_code)
        for group in groups
        for name in group.subject_ids
        for one in group.changes
    ]


def losses(parts: list[bytes]) -> list[Row]:
    """(subject, access point, from, code)."""
    groups = [group for part in parts for group in pb.ForecastResponse.FromString(part).groups]
    return [(name, one.access_point, one.from_ms, one.reason_code) for one in groups for name in one.subject_ids]


def unread(message: Any, parts: list[bytes]) -> Unread:
    """Whom an answer of messages of that type leaves out."""
    told = [message.FromString(part).unreadable for part in parts]
    assert not any(one.count for one in told[1:])
    return Unread(told[0].count, tuple(told[0].subject_ids)) if told else Unread()


def _told(one: Any) -> Row:
    rights = tuple(Right(RightKind(right.kind), right.access_level, right.group) for right in one.rights)
    return one.outcome, one.reason_code, rights
