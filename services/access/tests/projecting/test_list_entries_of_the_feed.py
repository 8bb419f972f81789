"""Entries of black and white lists as identity's feed tells them, and what becomes of scopes only it knows."""

import pytest
from menshen.identity.v1 import identity_pb2 as pb
from menshen_access.peers.subjects import cardholder_change
from menshen_rulebook.types import AccessPointClass, ListEntry, ListKind

NEWER = 77


def _entry(kind: int, access_point_class: int) -> ListEntry:
    told = pb.ListEntry(kind=kind, access_point_class=access_point_class)  # type: ignore[arg-type]
    subject = cardholder_change(pb.SubjectChange(subject_id="c:1", version=1, list_entries=[told])).subject
    assert subject is not None
    [entry] = subject.list_entries
    return entry


@pytest.mark.parametrize("kind", [ListKind.BLACK, ListKind.WHITE])
def test_an_entry_counts_at_the_class_of_access_points_it_names(kind: ListKind) -> None:
    entry = _entry(kind, AccessPointClass.MOTOR)

    assert (entry.kind, entry.access_point_class) == (kind, AccessPointClass.MOTOR)


def test_a_class_only_a_newer_identity_knows_bars_everywhere_and_waives_nowhere() -> None:
    barred, waived = _entry(ListKind.BLACK, NEWER), _entry(ListKind.WHITE, NEWER)

    assert (barred.kind, barred.access_point_class) == (ListKind.BLACK, AccessPointClass.UNSPECIFIED)
    assert waived.kind is ListKind.UNSPECIFIED
