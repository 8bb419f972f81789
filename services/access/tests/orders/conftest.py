"""A site of a test's own with doors, and agents' words about them recorded as the recorder does."""

import itertools
import json
from collections.abc import Callable
from typing import Any

import pytest
from menshen_access.command_relay import CommandRelay
from menshen_access.domain.commands import Command, WantedCommand
from menshen_access.domain.door_reports import DoorState
from menshen_access.domain.events import EventKind
from menshen_access.domain.history import entry_of
from menshen_access.holding import Holding
from menshen_access.noticeboard import Noticeboard, Topic
from menshen_access.operating import Operated, Operating, OperatingStores
from menshen_access.order_expiry import OrderExpiry
from menshen_access.planning import Planning
from menshen_access.postgres.administration import Administration
from menshen_access.postgres.door_reports import DoorReports
from menshen_access.postgres.ledgers import PooledLedger
from menshen_access.postgres.notices import Notices
from menshen_access.postgres.orders import Orders
from menshen_access.postgres.sites import Sites
from menshen_access.securing import SecuredDoors, SecuredWatch
from menshen_servicekit.clock import ManualClock, SystemClock
from menshen_servicekit.postgres import Pool

LI, POST = "operator/li", "guard/north-post"
NUMBERS = itertools.count(1)
PLAN = """
areas: [{id: outside}, {id: campus}, {id: lab, parent: campus}]
doors: [{id: n-door}, {id: x-door}, {id: lab-door}, {id: m-1, interlock: mantrap}, {id: m-2, interlock: mantrap}]
access_points:
  - {id: n-in, from_area: outside, to_area: campus, direction: ENTRY, access_point_class: PEDESTRIAN, door: n-door}
  - {id: n-out, from_area: campus, to_area: outside, direction: EXIT, access_point_class: PEDESTRIAN, door: n-door}
  - {id: x-out, from_area: campus, to_area: outside, direction: EXIT, access_point_class: PEDESTRIAN, door: x-door}
  - {id: lab-in, from_area: campus, to_area: lab, direction: INNER, access_point_class: PEDESTRIAN, door: lab-door}
  - {id: lab-out, from_area: lab, to_area: campus, direction: INNER, access_point_class: PEDESTRIAN, escape: true}
  - {id: m-in, from_area: outside, to_area: campus, direction: ENTRY, access_point_class: PEDESTRIAN, door: m-1}
  - {id: open-in, from_area: outside, to_area: campus, direction: ENTRY, access_point_class: PEDESTRIAN}
"""


class SteadyClock(ManualClock):
    """Its wall clock stands still until it is moved, as that of a test; waiting takes real time."""

    monotonic = SystemClock.monotonic  # type: ignore[assignment]  # the same contract, of another clock


class CountedPlans(Notices):
    """Counts how often a whole plan was read."""

    def __init__(self, pool: Pool, sites: Sites) -> None:
        super().__init__(pool, sites)
        self.read = 0

    async def current_plan(self, site: str) -> tuple[int, bytes]:
        self.read += 1
        return await super().current_plan(site)


class OrderDesk:
    """Everything about commands at one site, on a real PostgreSQL."""

    plan = PLAN

    def __init__(self, pool: Pool, sites: Sites, ledger: PooledLedger, new_id: Callable[[], str], event: Any) -> None:
        self.pool = pool
        self.site = f"orders-{next(NUMBERS)}"
        self.clock = SteadyClock(SystemClock().now_ms())
        self.board = Noticeboard()
        self.store, self.commands, self.reports = Administration(pool, sites), Orders(pool, sites), DoorReports(pool)
        self.planning = Planning(self.store, self._publish, self.clock, new_id)
        self.holding = Holding(self.store, self._publish, self.clock, new_id)
        stores = OperatingStores(self.commands, self.store, self.reports, self._append)
        self.operating = Operating(stores, self._publish, self.board, self.clock, new_id, answer_s=0.05)
        self.patient = Operating(stores, self._publish, self.board, self.clock, new_id)
        self.plans = CountedPlans(pool, sites)
        self.doors = SecuredDoors(self.store, self.plans, self.reports, self.clock)
        self.watch = SecuredWatch(self.site, self.doors, self.reports, self.board, self.clock, new_id)
        self.relay = CommandRelay(self.commands, self.board, self.clock)
        self.expiry = OrderExpiry(self.site, self.commands, self.board, self.clock)
        self._ledger, self._event = ledger, event
        self.told_first: list[Any] = []

    def in_ms(self, milliseconds: int) -> int:
        return self.clock.now_ms() + milliseconds

    async def operate(self, command: Command, point: str = "n-in", who: str = LI, **wanted: Any) -> Operated:
        """A command of an operator or, by their name, of a guard."""
        return await self.operating.operate(
            self.site, self.wanted(command, point, **wanted), who, by_guard=who.startswith("guard/")
        )

    def wanted(self, command: Command, point: str = "n-in", **wanted: Any) -> WantedCommand:
        until_ms = self.in_ms(60_000) if command in (Command.HOLD_OPEN, Command.SECURE) else 0
        return WantedCommand(point, command, **{"until_ms": until_ms, "reason": "a delivery", **wanted})

    async def tell(
        self, kind: EventKind, door: str = "n-door", *, at_ms: int = 0, event_id: str = "", **detail: str
    ) -> Any:
        """An agent's event about a door, recorded; the event."""
        given = {"event_id": event_id} if event_id else {}
        told = self._event(kind, site=self.site, door=door, at_ms=at_ms or self.clock.now_ms(), detail=detail, **given)
        await self.record(told)
        return told

    async def record(self, told: Any) -> None:
        """Record an event; known ones change nothing."""
        await self._ledger.append(self.site, [entry_of(told, late=False)], self.clock.now_ms())
        self.board.post(Topic.EVENTS, self.site)

    async def _append(self, site: str, entries: Any, now_ms: int) -> Any:
        """Record events of commands, after what agents were quicker to tell."""
        while self.told_first:
            await self.record(self.told_first.pop(0))
        return await self._ledger.append(site, entries, now_ms)

    def event(self, kind: EventKind, door: str = "n-door", **detail: str) -> Any:
        """An agent's event about a door, not recorded."""
        return self._event(kind, site=self.site, door=door, at_ms=self.clock.now_ms(), detail=detail)

    async def states(self, cause: str) -> dict[str, DoorState]:
        """What the doors of a hold or an order report."""
        states = await self.doors.of(self.site, await self.store.current_holds(self.site))
        return {one.door: one for one in states[cause]}

    async def alarms(self) -> list[tuple[str, str, str]]:
        """(door, cause, hold or order) of the alarms in the outbox."""
        rows = await self.pool.fetch(
            "SELECT source, detail FROM alarm_outbox WHERE site = $1 ORDER BY source", self.site
        )
        details = [(row["source"], json.loads(row["detail"])) for row in rows]
        return [(door, detail["cause"], detail["secured_by"]) for door, detail in details]

    async def _publish(self, _site: str) -> None:
        """Redis and the edges have tests of their own."""


@pytest.fixture
async def desk(pool: Pool, sites: Sites, ledger: PooledLedger, new_id: Any, event: Any) -> OrderDesk:
    made = OrderDesk(pool, sites, ledger, new_id, event)
    await made.planning.put_plan(made.site, PLAN, 0, "because", LI)
    return made
