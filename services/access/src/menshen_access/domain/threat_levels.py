"""Threat levels as operators set them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SetThreatLevel:
    """The level of an area with the areas inside it, or of the whole site where `area` is empty; 0 is normal."""

    area: str
    level: int
    origin: str
    reason: str
    set_at_ms: int
