"""Commands of operators at access points: what may be commanded, by whom and until when.

A pulse opens once. An order holds open or secures until an instant; the next order for the same access point takes its
place, RESTORE ends it. Instants are epoch milliseconds UTC.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import Enum, IntEnum
from typing import Final

from menshen_rulebook.plan import SitePlan
from menshen_rulebook.types import Hold, OrderKind

LONGEST_REASON: Final = 200
LONGEST_REQUEST_ID: Final = 64
PULSE_LASTS_MS: Final = 2_000
"""A pulse that has not reached the lock by then opens nothing."""


class Command(IntEnum):
    """Numbers equal menshen.access.v1.OperatorCommand."""

    UNSPECIFIED = 0
    PULSE = 1
    HOLD_OPEN = 2
    SECURE = 3
    RESTORE = 4


ORDERS: Final[Mapping[Command, OrderKind]] = {
    Command.HOLD_OPEN: OrderKind.HOLD_OPEN,
    Command.SECURE: OrderKind.SECURE,
}
LONGEST_MS: Final[Mapping[Command, int]] = {Command.HOLD_OPEN: 86_400_000, Command.SECURE: 7 * 86_400_000}
"""What is to last longer belongs in the plan, where a second person reads it."""


class CommandRefusal(Enum):
    """Why something may not be commanded."""

    POINT_UNKNOWN = "POINT_UNKNOWN"
    COMMAND = "COMMAND"
    REASON = "REASON"
    REQUEST_ID = "REQUEST_ID"
    UNTIL_MISSING = "UNTIL_MISSING"
    UNTIL_GIVEN = "UNTIL_GIVEN"
    UNTIL_PAST = "UNTIL_PAST"
    UNTIL_FAR = "UNTIL_FAR"
    INTERLOCKED = "INTERLOCKED"
    GUARD_PULSES_ONLY = "GUARD_PULSES_ONLY"
    ENTRY_SECURED = "ENTRY_SECURED"
    NOTHING_ORDERED = "NOTHING_ORDERED"
    REQUEST_ID_TAKEN = "REQUEST_ID_TAKEN"


class CommandRefusedError(Exception):
    """It may not be commanded; nothing changed."""

    def __init__(self, refusal: CommandRefusal, command: Command = Command.UNSPECIFIED) -> None:
        super().__init__(refusal.value)
        self.refusal = refusal
        self.command = command


@dataclass(frozen=True, slots=True)
class WantedCommand:
    """What somebody asks for. `until_ms` 0: none; no `request_id`: it cannot be recognised when it is sent again."""

    access_point: str
    command: Command
    until_ms: int
    reason: str
    request_id: str = ""


@dataclass(frozen=True, slots=True)
class GivenCommand:
    """A command as it is stored. `until_ms` is the end of an order, for others when it is too late to obey.

    `ended_id` names the order that a RESTORE ended.
    """

    command_id: str
    access_point: str
    command: Command
    origin: str
    reason: str
    given_at_ms: int
    until_ms: int
    request_id: str = ""
    ended_id: str = ""


@dataclass(frozen=True, slots=True)
class GivenOrder:
    """An order that nobody has ended. Its time may be over."""

    order_id: str
    access_point: str
    kind: OrderKind
    origin: str
    reason: str
    given_at_ms: int
    until_ms: int


def check_request_id(wanted: WantedCommand) -> None:
    """CommandRefusedError unless a request may be named so."""
    if len(wanted.request_id) > LONGEST_REQUEST_ID or not _is_text(wanted.request_id):
        raise CommandRefusedError(CommandRefusal.REQUEST_ID)


def check_sent_again(sent: WantedCommand | GivenCommand, earlier: GivenCommand) -> None:
    """CommandRefusedError unless what is sent under the request id of a command asks for the same.

    A reason may be worded anew. Of what does not last the centre sets the end.
    """
    is_same = (sent.access_point, sent.command) == (earlier.access_point, earlier.command)
    if not is_same or (sent.command in LONGEST_MS and sent.until_ms != earlier.until_ms):
        raise CommandRefusedError(CommandRefusal.REQUEST_ID_TAKEN)


def check_command(wanted: WantedCommand, plan: SitePlan, now_ms: int) -> None:
    """CommandRefusedError unless this may be commanded by somebody."""
    if wanted.access_point not in {point.access_point_id for point in plan.access_points}:
        raise CommandRefusedError(CommandRefusal.POINT_UNKNOWN)
    if wanted.command is Command.UNSPECIFIED:
        raise CommandRefusedError(CommandRefusal.COMMAND)
    if not wanted.reason.strip() or len(wanted.reason) > LONGEST_REASON or not _is_text(wanted.reason):
        raise CommandRefusedError(CommandRefusal.REASON)
    _check_until(wanted, now_ms)
    # An interlock keeps all doors but one shut; one that stands open would shut the others for as long.
    if wanted.command is Command.HOLD_OPEN and plan.interlocked(wanted.access_point):
        raise CommandRefusedError(CommandRefusal.INTERLOCKED)


def check_guard(
    wanted: WantedCommand, plan: SitePlan, holds: Collection[Hold], orders: Collection[GivenOrder], now_ms: int
) -> None:
    """CommandRefusedError unless a guard may: one opening, and none at an entry that somebody has secured."""
    if wanted.command is not Command.PULSE:
        raise CommandRefusedError(CommandRefusal.GUARD_PULSES_ONLY)
    point = plan.point(wanted.access_point, now_ms)
    if point is None or point.leads_out:
        return
    is_held = any((hold.scope, hold.target_id) in point.hold_targets for hold in holds)
    if is_held or any(_secures(order, point.sharing_door, now_ms) for order in orders):
        raise CommandRefusedError(CommandRefusal.ENTRY_SECURED)


def _secures(order: GivenOrder, access_points: Collection[str], now_ms: int) -> bool:
    return order.kind is OrderKind.SECURE and order.access_point in access_points and now_ms < order.until_ms


def _check_until(wanted: WantedCommand, now_ms: int) -> None:
    longest_ms = LONGEST_MS.get(wanted.command)
    if longest_ms is None:
        if wanted.until_ms:
            raise CommandRefusedError(CommandRefusal.UNTIL_GIVEN, wanted.command)
    elif not wanted.until_ms:
        raise CommandRefusedError(CommandRefusal.UNTIL_MISSING, wanted.command)
    elif wanted.until_ms <= now_ms:
        raise CommandRefusedError(CommandRefusal.UNTIL_PAST, wanted.command)
    elif wanted.until_ms > now_ms + longest_ms:
        raise CommandRefusedError(CommandRefusal.UNTIL_FAR, wanted.command)


def _is_text(text: str) -> bool:
    """PostgreSQL keeps no NUL, and no person writes a control character."""
    return not text or text.isprintable()
