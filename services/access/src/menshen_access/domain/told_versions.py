"""Versions as events tell them. An agent may tell any number; one that no column holds names nothing."""

from typing import Final

from menshen_access.domain.events import EventKind, EventPayload

LARGEST_VERSION: Final = (1 << 63) - 1
"""As large as a column holds; no version ever comes to it."""
_LAST_OF_SITES: Final = 1 + (1 << 40)
"""Epochs up to this one began with their sites, by lot; one that a restore began is an instant, and beyond."""


def version_of(told: object) -> int:
    """A version as columns hold it; 0, which none has, for what no column holds."""
    return told if isinstance(told, int) and 0 < told <= LARGEST_VERSION else 0


def plan_version_of(event: EventPayload) -> int:
    """Of the plan; 0 for none, and for one that cannot be kept."""
    return version_of(event.core.get("plan_version"))


def circumstances_version_of(event: EventPayload) -> int | None:
    """0 where nothing held at all; None for an event that names none, or one that cannot be kept."""
    told = event.core.get("holds_version")
    return 0 if told == 0 else version_of(told) or None


def subject_versions_of(event: EventPayload) -> list[tuple[str, int]]:
    """(subject id, version of its record); version 0 for one that cannot be kept."""
    ids, versions = event.identity.get("subject_ids"), event.identity.get("subject_versions")
    if not isinstance(ids, list) or not isinstance(versions, list):
        return []
    return [(str(one), version_of(version)) for one, version in zip(ids, versions, strict=False)]


def is_before_restore(event: EventPayload, epoch: int) -> bool:
    """Whether it was made on what was known before the restore that began the epoch of its record.

    It was decided before, or by a gate alone on a copy of before; the versions it names may have been given anew.
    """
    decided_at_ms = _number(event.core.get("decided_at_ms"))
    return epoch > decided_at_ms or (epoch > _LAST_OF_SITES and epoch > decided_at_ms - _age_ms(event))


def _age_ms(event: EventPayload) -> int:
    """How long before the decision the centre last called the copy current that it was made on; 0 without a copy."""
    core = event.core
    alone = core.get("alone")
    if event.kind is not EventKind.EDGE or not isinstance(alone, dict):
        return 0
    return _number(alone.get("age_ms")) if core.get("plan_version") or core.get("holds_version") else 0


def _number(told: object) -> int:
    return told if isinstance(told, int) else 0
