"""A fire zone at the agent: a supervised input, what safety says, and the release that holds until a manual reset.

The release is raised by the local panel input or by safety, whichever comes first, and ends only by a reset, which is
refused while the panel input is in alarm. Line faults release where the zone's setting says so.
"""

from dataclasses import dataclass
from enum import IntEnum


class PanelState(IntEnum):
    """Fire line; numbers equal menshen.safety.v1.PanelState."""

    UNSPECIFIED = 0
    NORMAL = 1
    ALARM = 2
    OPEN = 3
    SHORT = 4


@dataclass(frozen=True, slots=True)
class ZoneRules:
    """What a line fault does."""

    line_fault_releases: bool = True


@dataclass(slots=True)
class Zone:
    """One zone. `released` is what must survive a restart of the agent."""

    name: str
    rules: ZoneRules
    panel: PanelState = PanelState.UNSPECIFIED
    released: bool = False
    release_id: str = ""

    def panel_is(self, state: PanelState) -> bool:
        """The fire line changed; True when a release begins with it."""
        self.panel = state
        fault = state in (PanelState.OPEN, PanelState.SHORT)
        return self._begin("") if state is PanelState.ALARM or (fault and self.rules.line_fault_releases) else False

    def safety_releases(self, release_id: str) -> bool:
        """Safety holds a release for the zone; True when it begins with it."""
        begun = self._begin(release_id)
        self.release_id = release_id
        return begun

    @property
    def may_reset(self) -> bool:
        """A panel in alarm bars the reset; a line fault does not: the guard stands at the door."""
        return self.panel is not PanelState.ALARM

    def reset(self) -> bool:
        """End the release; False when there is none or the panel is in alarm."""
        if not self.released or not self.may_reset:
            return False
        self.released, self.release_id = False, ""
        return True

    def _begin(self, release_id: str) -> bool:
        if self.released:
            return False
        self.released, self.release_id = True, release_id
        return True
