"""What decisions were made on, read from the bytes that are kept; None for what this version does not read."""

import json

from menshen_rulebook.mapping import DocumentInvalidError
from menshen_rulebook.plan import SitePlan, plan_from_mapping
from menshen_rulebook.records import RecordMalformedError, RecordSchemaUnknownError, unpack
from menshen_rulebook.types import Subject

from menshen_access.domain.circumstances import Circumstances, decode_circumstances


def kept_plan(document: bytes) -> SitePlan | None:
    """The plan of its canonical JSON. Takes long: not for the loop on which decisions wait."""
    try:
        return plan_from_mapping(json.loads(document)) if document else None
    except DocumentInvalidError:
        return None


def kept_subject(record: bytes) -> Subject | None:
    """The subject of a packed record."""
    try:
        return unpack(record) if record else None
    except (RecordMalformedError, RecordSchemaUnknownError):
        return None


def kept_circumstances(version: int | None, encoded: bytes) -> Circumstances | None:
    """Those of a version; version 0 stands for nothing at all, and an event that names none for what is not known."""
    if not version:
        return None if version is None else Circumstances()
    try:
        return decode_circumstances(version, encoded) if encoded else None
    except ValueError:
        return None
