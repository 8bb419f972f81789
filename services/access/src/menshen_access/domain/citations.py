"""Which versions an event cites, so that its decision can be made again."""

from typing import NamedTuple

from menshen_access.domain.events import EventPayload
from menshen_access.domain.retention import RetentionClass

ALL_VERSIONS = 0


class Cited(NamedTuple):
    """A version of a subject record, a plan or circumstances. Version ALL_VERSIONS: every one of the subject."""

    kind: RetentionClass
    subject_id: str
    version: int


def cited_by(event: EventPayload, *, is_used: bool) -> set[Cited]:
    """What an event names. `is_used`: it used something up, and every record of its subjects tells for how long."""
    core, identity = event.core, event.identity
    ids, versions = identity.get("subject_ids", ()), identity.get("subject_versions", ())
    found = {Cited(RetentionClass.SUBJECT_VERSIONS, one, version) for one, version in zip(ids, versions, strict=False)}
    if is_used:
        found |= {Cited(RetentionClass.SUBJECT_VERSIONS, one, ALL_VERSIONS) for one in ids}
    if core.get("plan_version"):
        found.add(Cited(RetentionClass.PLAN_VERSIONS, "", core["plan_version"]))
    if core.get("holds_version"):
        found.add(Cited(RetentionClass.CIRCUMSTANCES_VERSIONS, "", core["holds_version"]))
    return found
