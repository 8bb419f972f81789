"""One agent: everything its configuration binds, joined together."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from menshen_servicekit.clock import Clock

from menshen_device_agent.bindings import Configuration
from menshen_device_agent.by_hand import ByHand
from menshen_device_agent.doors import DoorControl
from menshen_device_agent.driver import Driver
from menshen_device_agent.edge.keeping import EdgeKeeper
from menshen_device_agent.postures import Postures
from menshen_device_agent.presenting import Shown
from menshen_device_agent.readers import DeviceHealth, OsdpReader, UhfReader
from menshen_device_agent.releasing import Releases
from menshen_device_agent.spool import Spool
from menshen_device_agent.watching import Watch

LATENCIES_KEPT = 1_000


@dataclass(slots=True)
class Screen:
    """What lanes showed: for watchers, and the latest latencies in microseconds, newest first."""

    lanes: Watch[Shown] = field(default_factory=Watch)
    latencies_us: list[int] = field(default_factory=list)

    def show(self, shown: Shown) -> None:
        """Tell the watchers."""
        self.latencies_us.insert(0, shown.latency_us)
        del self.latencies_us[LATENCIES_KEPT:]
        self.lanes.tell(shown)


@dataclass(slots=True)
class Agent:
    """The parts of a running agent, for its servicer and for whoever starts and closes it."""

    configuration: Configuration
    clock: Clock
    spool: Spool
    keeper: EdgeKeeper
    health: DeviceHealth
    releases: Releases
    postures: Postures
    screen: Screen
    doors: Mapping[str, DoorControl]
    door_changes: Watch[DoorControl]
    by_hand: ByHand
    readers: tuple[OsdpReader | UhfReader, ...]
    drivers: tuple[Driver, ...]
    centre_online: Callable[[], bool]

    def start(self) -> None:
        """Restore releases before anything else is driven, then open the lines."""
        released = self.releases.restore()
        for door in self.doors.values():
            zones = (name for name in released if door.binding.name in self.configuration.zones[name].doors)
            door.start(tuple(zones))
        self.postures.start()
        for driver in self.drivers:
            driver.start()

    async def close(self) -> None:
        """Release the lines; locks and releases stay as they are."""
        self.postures.close()
        for reader in self.readers:
            reader.close()
        for driver in self.drivers:
            await driver.close()
        for door in self.doors.values():
            door.close()
