"""Doors that a hold or an order secures: what they report, and the alarm about those that report nothing.

About a door that is not secured its agent alarms itself, without the centre too.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from menshen_rulebook.plan import SitePlan, plan_from_mapping
from menshen_rulebook.types import OrderKind
from menshen_servicekit.clock import Clock

from menshen_access.alarming import SECURITY
from menshen_access.domain.administration import HoldSet, WaitingAlarm
from menshen_access.domain.door_reports import (
    EVERY_CAUSE,
    REPORT_WITHIN_MS,
    DoorState,
    SecuredState,
    Statement,
    secured_doors,
    state_of,
)
from menshen_access.noticeboard import Noticeboard, Topic, within
from menshen_access.plan_making import plain_plan
from menshen_access.publishing import live_of
from menshen_access.source_watch import PlanSource

POLL_S: Final = 1.0
RECORD_MS: Final = 1_000
"""A report of the last moment may still be on its way to the history."""


class HoldShelf(Protocol):
    """Holds and orders in PostgreSQL."""

    async def current_holds(self, site: str) -> HoldSet:
        """Those in force."""


class DoorStatements(Protocol):
    """What doors said, in PostgreSQL."""

    async def said_of(self, site: str, causes: Sequence[str]) -> list[Statement]:
        """All that doors said of these causes."""

    async def alarm_once(
        self, site: str, doors: Sequence[tuple[str, str]], at_ms: int, alarm_of: Callable[[str, str], WaitingAlarm]
    ) -> int:
        """Queue `alarm_of(cause, door)` for each that nobody was alarmed about yet; how many."""


@dataclass(frozen=True, slots=True)
class Securing:
    """A hold or an order, since when, and the doors it is to secure."""

    cause_id: str
    since_ms: int
    doors: tuple[str, ...]


class SecuredDoors:
    """What the doors report of the holds and orders of all sites."""

    def __init__(self, shelf: HoldShelf, plans: PlanSource, statements: DoorStatements, clock: Clock) -> None:
        self._shelf = shelf
        self._plan_source = plans
        self._statements = statements
        self._clock = clock
        self._plans: dict[str, tuple[int, SitePlan]] = {}

    async def of(self, site: str, held: HoldSet) -> Mapping[str, Sequence[DoorState]]:
        """By the id of each hold and each SECURE order, its doors in order."""
        now_ms = self._clock.now_ms()
        causes = await self._securing(site, held, now_ms)
        return {cause.cause_id: states for cause, states in await self.states(site, causes, now_ms)}

    async def silent(self, site: str) -> list[tuple[str, str]]:
        """(cause, door) of those that had the time to say something and have not."""
        held, now_ms = await self._shelf.current_holds(site), self._clock.now_ms()
        causes = await self._securing(site, held, now_ms)
        due = [one for one in causes if now_ms >= one.since_ms + REPORT_WITHIN_MS + RECORD_MS]
        return [
            (cause.cause_id, state.door)
            for cause, states in await self.states(site, due, now_ms)
            for state in states
            if state.state is SecuredState.SILENT
        ]

    async def states(
        self, site: str, causes: Sequence[Securing], now_ms: int
    ) -> list[tuple[Securing, list[DoorState]]]:
        """The state of each door of each cause."""
        if not causes:
            return []
        said: dict[str, list[Statement]] = {}
        for one in await self._statements.said_of(site, [EVERY_CAUSE, *(cause.cause_id for cause in causes)]):
            said.setdefault(one.cause_id, []).append(one)
        of_all = said.get(EVERY_CAUSE, [])
        return [
            (cause, [state_of(d, said.get(cause.cause_id, []) + of_all, cause.since_ms, now_ms) for d in cause.doors])
            for cause in causes
        ]

    async def _securing(self, site: str, held: HoldSet, now_ms: int) -> list[Securing]:
        orders = [one for one in held.orders if one.kind is OrderKind.SECURE and now_ms < one.until_ms]
        if not held.holds and not orders:
            return []
        doors = secured_doors(await self._plan(site), live_of(site, held), now_ms)
        causes = [(hold.hold_id, hold.raised_at_ms) for hold in held.holds]
        causes += [(order.order_id, order.given_at_ms) for order in orders]
        return [Securing(cause_id, since_ms, doors.get(cause_id, ())) for cause_id, since_ms in causes]

    async def _plan(self, site: str) -> SitePlan:
        """Read anew only when it has changed: the watch asks every second."""
        known = self._plans.get(site)
        if known is None or known[0] != await self._plan_source.plan_version(site):
            version, document = await self._plan_source.current_plan(site)
            known = self._plans[site] = version, plan_from_mapping(plain_plan(site, version, document))
        return known[1]


class SecuredWatch:
    """Raises an alarm, once for each hold or order, about a door that says nothing of it. A keeper's duty."""

    def __init__(
        self,
        site: str,
        doors: SecuredDoors,
        statements: DoorStatements,
        board: Noticeboard,
        clock: Clock,
        new_id: Callable[[], str],
    ) -> None:
        self._site = site
        self._doors = doors
        self._statements = statements
        self._board = board
        self._clock = clock
        self._new_id = new_id

    async def follow(self) -> None:
        """For ever. Outages end it; run it again."""
        while True:
            changed = self._board.next(Topic.HOLDS, self._site)
            await self.alarm()
            await within(changed, POLL_S)

    async def alarm(self) -> int:
        """Alarm about those not alarmed about yet; how many that were."""
        found = await self._doors.silent(self._site)
        if not found:
            return 0
        now_ms = self._clock.now_ms()

        def alarm_of(cause: str, door: str) -> WaitingAlarm:
            detail = (("cause", "DOOR_SILENT"), ("door", door), ("secured_by", cause))
            return WaitingAlarm(self._new_id(), self._site, SECURITY, door, "", now_ms, detail)

        return await self._statements.alarm_once(self._site, found, now_ms, alarm_of)
