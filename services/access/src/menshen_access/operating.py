"""Commands of operators and guards: stored and recorded, put in force, and answered when the agent says it acted.

A pulse goes to the agent's stream, wherever it is connected; an order goes to Redis and to the edges with the holds.
What says that the agent acted are its recorded events.
"""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final, Protocol

from menshen_rulebook.plan import SitePlan, plan_from_mapping
from menshen_rulebook.posture import posture
from menshen_servicekit.clock import Clock

from menshen_access.command_refusals import command_refused
from menshen_access.domain.administration import Deed, HoldSet
from menshen_access.domain.circumstances import hold_of
from menshen_access.domain.commands import (
    LONGEST_MS,
    PULSE_LASTS_MS,
    Command,
    CommandRefusedError,
    GivenCommand,
    GivenOrder,
    WantedCommand,
    check_command,
    check_guard,
    check_request_id,
    check_sent_again,
)
from menshen_access.domain.door_reports import Said, Statement, door_of, sharing_door
from menshen_access.domain.events import NO_SPOOL, EventKind, EventPayload
from menshen_access.domain.history import Entry, entry_of
from menshen_access.noticeboard import Noticeboard, Topic, within
from menshen_access.plan_making import plain_plan
from menshen_access.planning import Publish
from menshen_access.publishing import live_of

ANSWER_S: Final = 2.0
"""How long a command waits for the agent's word."""

_CONFIRMS: Final = {
    Command.PULSE: frozenset({Said.OPENED}),
    Command.HOLD_OPEN: frozenset({Said.OPENED}),
    Command.SECURE: frozenset({Said.SECURED, Said.NOT_SECURED}),
}

Record = Callable[[str, Sequence[Entry], int], Awaitable[object]]
"""Appends to the history of a site."""


class CommandStore(Protocol):
    """Commands in PostgreSQL."""

    async def give(self, site: str, given: GivenCommand, deed: Deed) -> GivenCommand:
        """Store a command, or find the one of the same request. CommandRefusedError for a RESTORE of nothing."""

    async def of_request(self, site: str, origin: str, request_id: str) -> GivenCommand | None:
        """The command of an earlier request of the same caller."""

    async def has_reached(self, site: str, command_id: str) -> bool:
        """Whether a connected agent was told."""


class SiteShelf(Protocol):
    """Plan and holds in PostgreSQL."""

    async def current_plan(self, site: str) -> tuple[int, bytes]:
        """(version, canonical JSON); version 0 and no bytes for a site without a plan."""

    async def current_holds(self, site: str) -> HoldSet:
        """The holds and orders in force."""


class Statements(Protocol):
    """What doors said, as recorded."""

    async def said_of(self, site: str, causes: Sequence[str]) -> list[Statement]:
        """All that doors said of these causes."""

    async def last_sequence(self, site: str) -> int:
        """Up to where the history of the site is recorded."""

    async def took_posture_since(self, site: str, sequence: int, given: GivenCommand, doors: Collection[str]) -> bool:
        """Whether one of these doors said what it does now that the order is over, later in the history than this
        sequence or than the command.
        """


class NotActed(IntEnum):
    """Numbers equal menshen.access.v1.NotActedCause."""

    UNSPECIFIED = 0
    AGENT_AWAY = 1
    NO_CONFIRMATION = 2
    REFUSED = 3
    OVERRULED = 4


@dataclass(frozen=True, slots=True)
class Operated:
    """What came of a command; `acted_after_ms` is None when nobody said in time that it acted."""

    given: GivenCommand
    acted_after_ms: int | None
    not_acted: NotActed = NotActed.UNSPECIFIED


@dataclass(frozen=True, slots=True)
class OperatingStores:
    """What commands are kept in and answered from."""

    commands: CommandStore
    shelf: SiteShelf
    statements: Statements
    record: Record


class Operating:
    """Commands of all sites."""

    def __init__(
        self,
        stores: OperatingStores,
        publish: Publish,
        board: Noticeboard,
        clock: Clock,
        new_id: Callable[[], str],
        answer_s: float = ANSWER_S,
    ) -> None:
        self._stores = stores
        self._publish = publish
        self._board = board
        self._clock = clock
        self._new_id = new_id
        self._answer_s = answer_s

    async def operate(self, site: str, wanted: WantedCommand, caller: str, *, by_guard: bool) -> Operated:
        """Give a command and wait for the agent's word. DomainError INVALID, FORBIDDEN, CONFLICT or NOT_FOUND.

        One that is sent again with its request id is not given again; what was not done for it is.
        """
        began = self._clock.monotonic()
        # A keeper may tell the agents of what is stored before its event is recorded.
        since = await self._stores.statements.last_sequence(site) if wanted.command is Command.RESTORE else 0
        try:
            given = await self._give(site, wanted, caller, by_guard=by_guard)
        except CommandRefusedError as refused:
            raise command_refused(refused) from None
        self._board.post(Topic.COMMANDS, site)
        await self._stores.record(site, [_recorded(site, given)], self._clock.now_ms())
        if given.command is not Command.PULSE:
            await self._publish(site)
        return await self._answer(site, given, since, began)

    async def orders(self, site: str) -> list[GivenOrder]:
        """Those in force, by id."""
        now_ms = self._clock.now_ms()
        return [order for order in (await self._stores.shelf.current_holds(site)).orders if now_ms < order.until_ms]

    async def _give(self, site: str, wanted: WantedCommand, caller: str, *, by_guard: bool) -> GivenCommand:
        earlier = await self._sent_before(site, wanted, caller)
        if earlier is not None:
            return earlier
        plan, now_ms = await self._plan(site), self._clock.now_ms()
        check_command(wanted, plan, now_ms)
        if by_guard:
            held = await self._stores.shelf.current_holds(site)
            check_guard(wanted, plan, [hold_of(site, hold) for hold in held.holds], held.orders, now_ms)
        until_ms = wanted.until_ms if wanted.command in LONGEST_MS else now_ms + PULSE_LASTS_MS
        given = GivenCommand(
            self._new_id(),
            wanted.access_point,
            wanted.command,
            caller,
            wanted.reason,
            now_ms,
            until_ms,
            wanted.request_id,
        )
        deed = Deed(site, now_ms, caller, f"{wanted.command.name}_ACCESS_POINT", given.command_id, wanted.reason)
        return await self._stores.commands.give(site, given, deed)

    async def _sent_before(self, site: str, wanted: WantedCommand, caller: str) -> GivenCommand | None:
        """Before anything else is asked of it: what was given stays given, though it might not be given now."""
        check_request_id(wanted)
        if not wanted.request_id:
            return None
        earlier = await self._stores.commands.of_request(site, caller, wanted.request_id)
        if earlier is not None:
            check_sent_again(wanted, earlier)
        return earlier

    async def _answer(self, site: str, given: GivenCommand, since: int, began: float) -> Operated:
        """Look after every recorded batch, until the agent has acted or the time is over."""
        doors = door_of(await self._plan(site), given.access_point) if given.command is Command.RESTORE else ()
        while True:
            recorded = self._board.next(Topic.EVENTS, site)
            is_late = (left_s := began + self._answer_s - self._clock.monotonic()) <= 0
            obeyed = await self._is_obeyed(site, given, since, doors)
            if obeyed:
                return Operated(given, round((self._clock.monotonic() - began) * 1000))
            if obeyed is False:
                return Operated(given, None, NotActed.REFUSED)
            if is_late:
                return Operated(given, None, await self._why_not(site, given))
            await within(recorded, left_s)

    async def _is_obeyed(self, site: str, given: GivenCommand, since: int, doors: Collection[str]) -> bool | None:
        """None while the agent has said nothing of it. `doors` are those a RESTORE restores."""
        if given.command is Command.RESTORE:
            return await self._stores.statements.took_posture_since(site, since, given, doors) or None
        said = {one.said for one in await self._stores.statements.said_of(site, [given.command_id])}
        if said & _CONFIRMS[given.command]:
            return True
        return False if Said.REFUSED in said else None

    async def _why_not(self, site: str, given: GivenCommand) -> NotActed:
        if not await self._stores.commands.has_reached(site, given.command_id):
            return NotActed.AGENT_AWAY
        if given.command is Command.HOLD_OPEN and await self._is_overruled(site, given):
            return NotActed.OVERRULED
        return NotActed.NO_CONFIRMATION

    async def _is_overruled(self, site: str, given: GivenCommand) -> bool:
        """Whether the door is to do something else than this order says."""
        plan, held = await self._plan(site), await self._stores.shelf.current_holds(site)
        now = posture(sharing_door(plan, given.access_point), plan, live_of(site, held), self._clock.now_ms())
        return now.order_id != given.command_id

    async def _plan(self, site: str) -> SitePlan:
        return plan_from_mapping(plain_plan(site, *await self._stores.shelf.current_plan(site)))


def _recorded(site: str, given: GivenCommand) -> Entry:
    """The event of a command; a pulse that was obeyed has an OPERATED event of the same id."""
    detail = {"command": given.command.name, "operator": given.origin, "reason": given.reason}
    if given.command in LONGEST_MS:
        detail["until_ms"] = str(given.until_ms)
    if given.ended_id:
        detail["order"] = given.ended_id
    core = {
        "event_id": given.command_id,
        "kind": int(EventKind.COMMANDED),
        "site": site,
        "agent_id": "",
        "epoch": NO_SPOOL.epoch,
        "number": NO_SPOOL.number,
        "access_point": given.access_point,
        "door": "",
        "at_ms": given.given_at_ms,
        "clock_error_ms": 0,
        "detail": detail,
    }
    return entry_of(EventPayload(core), late=False)
