"""A segment of PostgreSQL's log that could not be archived."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ArchiveFailure:
    """`archived_at_ms` is when one was archived last; when counting began if none was."""

    segment: str
    archived_at_ms: int
