"""Alarm zones and their releases."""

from dataclasses import dataclass
from enum import Enum, IntEnum


class PanelState(IntEnum):
    """Numbers equal menshen.safety.v1.PanelState."""

    UNSPECIFIED = 0
    NORMAL = 1
    ALARM = 2
    OPEN = 3
    SHORT = 4


@dataclass(frozen=True, slots=True)
class Zone:
    """A zone as configured."""

    zone_id: str
    name_zh: str
    name_en: str
    doors: tuple[str, ...]
    areas: tuple[str, ...]
    external_ref: str = ""


@dataclass(frozen=True, slots=True)
class ZoneStatus:
    """A zone and its release: `release_id` in force or empty, `ended_release_id` the last one that was reset."""

    zone: Zone
    release_id: str = ""
    released_at_ms: int = 0
    ended_release_id: str = ""
    ended_at_ms: int = 0
    panel_in_alarm: bool = False


@dataclass(frozen=True, slots=True)
class DoorReport:
    """How a door answered; -1 for what has not happened. Times in milliseconds from the alarm at the agent."""

    door: str
    zone_id: str
    released: bool
    commanded_at_ms: int
    commanded_after_ms: int
    confirmed_after_ms: int
    stuck: bool
    release_id: str


class ResetBar(Enum):
    """Why a release cannot be reset."""

    PANEL_IN_ALARM = "PANEL_IN_ALARM"
    NOT_RELEASED = "NOT_RELEASED"


def reset_bar(status: ZoneStatus) -> ResetBar | None:
    """What bars a reset; None when nothing does."""
    if status.panel_in_alarm:
        return ResetBar.PANEL_IN_ALARM
    return None if status.release_id else ResetBar.NOT_RELEASED
