"""What a transport owes to its listener, and a listener to its transport."""

from dataclasses import dataclass
from enum import Enum
from typing import Protocol


class LineTrouble(Enum):
    """Why a line carries nothing."""

    ABSENT = "absent"
    """No such device: unplugged, or not there yet."""
    BUSY = "busy"
    """Another opener, in this process or another, holds the device."""
    DENIED = "denied"
    """The operating system refuses this user."""
    HUNG_UP = "hung up"
    """The device went away while it was open."""
    STALLED = "stalled"
    """Bytes could not be written within the write time-out."""
    FAULT = "fault"
    """Any other error of the operating system, named in the detail."""


@dataclass(frozen=True, slots=True)
class Outage:
    """One reason with its detail; the detail names the device path and the system's error, never bytes of the line."""

    trouble: LineTrouble
    detail: str


class LineListener(Protocol):
    """The receiving side. Calls come on the event loop, never inside `write()`, and must neither wait nor raise."""

    def opened(self) -> None:
        """The line is open; nothing of what was written before is under way."""

    def received(self, data: bytes) -> None:
        """Bytes as they came: any chunking, at most 4,096 at a time. Only between `opened()` and `lost()`."""

    def lost(self, outage: Outage) -> None:
        """An outage began: the open line was lost, or the first opening failed. Once per outage."""


class Transport(Protocol):
    """A line that opens itself and opens itself again until it is closed.

    A silent peer looks exactly like a healthy idle one: a transport sees a device that was unplugged, never one that is
    powered off, stuck or cut off. Only the protocol's liveness (a reply within a time) can tell, so every session has
    one.
    """

    @property
    def is_open(self) -> bool:
        """Whether `write()` may succeed."""

    @property
    def outage(self) -> Outage | None:
        """The latest reason the line is not open; None while it is open and before the first attempt."""

    def start(self, listener: LineListener) -> None:
        """Begin to open the line; needs a running loop; once."""

    def write(self, data: bytes) -> bool:
        """Queue all of `data` and return True, or none of it and return False: line not open or buffer full."""

    async def close(self) -> None:
        """Release the device and every task and timer; no call to the listener follows. May be called twice."""
