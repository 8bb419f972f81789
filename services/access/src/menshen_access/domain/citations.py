"""Which versions an event cites, so that its decision can be made again."""

from typing import NamedTuple

from menshen_access.domain.events import EventPayload
from menshen_access.domain.retention import RetentionClass
from menshen_access.domain.told_versions import circumstances_version_of, plan_version_of, subject_versions_of

ALL_VERSIONS = 0


class Cited(NamedTuple):
    """A version of a subject record, a plan or circumstances. Version ALL_VERSIONS: every one of the subject."""

    kind: RetentionClass
    subject_id: str
    version: int


def cited_by(event: EventPayload, *, is_used: bool) -> set[Cited]:
    """What an event names. `is_used`: it used something up, and every record of its subjects tells for how long."""
    named = [(RetentionClass.SUBJECT_VERSIONS, *one) for one in subject_versions_of(event)]
    named.append((RetentionClass.PLAN_VERSIONS, "", plan_version_of(event)))
    named.append((RetentionClass.CIRCUMSTANCES_VERSIONS, "", circumstances_version_of(event) or 0))
    found = {Cited(*one) for one in named if one[-1]}
    if is_used:
        ids = event.identity.get("subject_ids", ())
        found |= {Cited(RetentionClass.SUBJECT_VERSIONS, one, ALL_VERSIONS) for one in ids}
    return found
