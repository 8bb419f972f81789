"""Whether a door may be opened on the spot: as the centre says of a pulse, with every server away.

Nobody is kept in: a door through which anybody leaves, and one that is released, is refused to nobody.
"""

from collections.abc import Callable
from typing import Protocol

from menshen_servicekit.status import DomainError, Trouble

from menshen_device_agent.interlocking import CODE


class DoorByHand(Protocol):
    """A door that somebody wants to open by hand. Two implementations: a door on its board, and a list."""

    @property
    def access_points(self) -> tuple[str, ...]:
        """What it is the door of."""

    @property
    def is_released(self) -> bool:
        """Whether an emergency release holds it open."""

    @property
    def is_secured(self) -> bool:
        """Whether a lockdown or an order secures it."""


class ByHand:
    """`leads_out` says where anybody leaves; `bars` names the open door of an interlock: none at a way out."""

    def __init__(self, leads_out: Callable[[str], bool], bars: Callable[[str], str]) -> None:
        self._leads_out = leads_out
        self._bars = bars

    def check(self, door: DoorByHand, *, by_operator: bool) -> None:
        """DomainError unless the door may be opened; what secures an entry only an operator overrules."""
        if door.is_released:
            return
        if door.is_secured and not by_operator and not any(map(self._leads_out, door.access_points)):
            raise DomainError(
                Trouble.FORBIDDEN,
                "ENTRY_SECURED",
                "该入口处于封控或被指令锁闭，只有操作员可以开门",
                "the entry is under lockdown or secured by an order: only an operator opens it",
            )
        barred_by = [self._bars(access_point) for access_point in door.access_points]
        if barred_by and all(barred_by):
            raise DomainError(
                Trouble.CONFLICT,
                CODE,
                f"互锁的门 {barred_by[0]} 未关好，不能开门",
                f"door {barred_by[0]} of the same interlock does not stand shut",
            )
