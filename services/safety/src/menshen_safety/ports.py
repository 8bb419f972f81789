"""What the servicers and loops of safety need from PostgreSQL and from access."""

from typing import Protocol

from menshen_safety.domain.alarms import Alarm, Step
from menshen_safety.domain.zones import DoorReport, PanelState, Zone, ZoneStatus


class AlarmRecords(Protocol):
    """Alarm records of all sites; postgres.alarms.Alarms states what each method owes."""

    async def insert(self, site: str, alarm: Alarm, now_ms: int, escalate_at_ms: int) -> Alarm: ...

    async def step(
        self, site: str, alarm_id: str, step: Step, now_ms: int, caller: str, *, owner: str = "", note: str = ""
    ) -> Alarm: ...

    async def one(self, site: str, alarm_id: str) -> Alarm: ...

    async def listed(self, site: str, from_ms: int, state: int, kind: int) -> list[Alarm]: ...

    async def open(self, site: str) -> tuple[list[Alarm], int]: ...

    async def after(self, site: str, position: int) -> list[Alarm]: ...

    async def escalate(self, now_ms: int, next_ms: int) -> list[tuple[str, str]]: ...


class ZoneRecords(Protocol):
    """Zones of all sites; postgres.zones.Zones states what each method owes."""

    async def put(self, site: str, zone: Zone, now_ms: int, caller: str) -> None: ...

    async def listed(self, site: str) -> list[ZoneStatus]: ...

    async def release(self, site: str, zone_id: str, release_id: str, now_ms: int, caller: str, reason: str) -> str: ...

    async def reset(self, site: str, zone_id: str, now_ms: int, caller: str, reason: str) -> str: ...

    async def panel(
        self, site: str, zone_id: str, agent_id: str, state: PanelState, at_ms: int, release_id: str, now_ms: int
    ) -> None: ...

    async def door(self, site: str, report: DoorReport) -> None: ...

    async def doors(self, site: str, zone_id: str, release_id: str) -> tuple[str, Zone, list[DoorReport]]: ...

    async def pending_forgiveness(self) -> list[tuple[str, str, list[str]]]: ...

    async def forgiven(self, site: str, release_id: str, now_ms: int) -> None: ...


class PresenceForgiver(Protocol):
    """Forgives presence at access, which may be away."""

    async def forgive(self, site: str, areas: list[str], reason: str) -> None:
        """Raises OSError while access does not do it."""
