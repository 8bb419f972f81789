"""What a person reads when a command may not be given."""

from collections.abc import Mapping
from typing import Final

from menshen_servicekit.status import DomainError, FieldTrouble, Trouble

from menshen_access.domain.commands import (
    LONGEST_MS,
    LONGEST_REASON,
    LONGEST_REQUEST_ID,
    CommandRefusal,
    CommandRefusedError,
)

_HOUR_MS: Final = 3_600_000
_UNTIL: Final = "until_ms"
_INVALID: Final[Mapping[CommandRefusal, tuple[str, FieldTrouble]]] = {
    CommandRefusal.POINT_UNKNOWN: (
        "ACCESS_POINT_UNKNOWN",
        FieldTrouble("access_point", "方案中已定义的通行点", "an access point the plan defines"),
    ),
    CommandRefusal.COMMAND: (
        "COMMAND_INVALID",
        FieldTrouble("command", "单次开门、保持开放、锁闭或恢复", "PULSE, HOLD_OPEN, SECURE or RESTORE"),
    ),
    CommandRefusal.REASON: (
        "REASON_INVALID",
        FieldTrouble("reason", f"理由，不超过 {LONGEST_REASON} 字", f"a reason of at most {LONGEST_REASON} characters"),
    ),
    CommandRefusal.REQUEST_ID: (
        "REQUEST_ID_INVALID",
        FieldTrouble(
            "request_id",
            f"不超过 {LONGEST_REQUEST_ID} 个可见字符",
            f"at most {LONGEST_REQUEST_ID} characters that can be printed",
        ),
    ),
    CommandRefusal.UNTIL_MISSING: (
        "UNTIL_MISSING",
        FieldTrouble(_UNTIL, "保持开放和锁闭须有结束时刻", "HOLD_OPEN and SECURE need an instant at which they end"),
    ),
    CommandRefusal.UNTIL_GIVEN: (
        "UNTIL_UNEXPECTED",
        FieldTrouble(_UNTIL, "单次开门和恢复没有结束时刻", "PULSE and RESTORE have no instant at which they end"),
    ),
    CommandRefusal.UNTIL_PAST: (
        "UNTIL_PAST",
        FieldTrouble(_UNTIL, "尚未到来的时刻", "an instant that is still to come"),
    ),
}
_OTHERS: Final[Mapping[CommandRefusal, tuple[Trouble, str, str, str]]] = {
    CommandRefusal.INTERLOCKED: (
        Trouble.CONFLICT,
        "DOOR_INTERLOCKED",
        "互锁门不能保持开放：其余的门会一直打不开",
        "a door of an interlock cannot be held open: its other doors would stay shut for as long",
    ),
    CommandRefusal.GUARD_PULSES_ONLY: (
        Trouble.FORBIDDEN,
        "GUARD_PULSES_ONLY",
        "门岗只能单次开门；保持开放、锁闭和恢复由操作员下达",
        "a guard opens once only; an operator holds open, secures and restores",
    ),
    CommandRefusal.ENTRY_SECURED: (
        Trouble.FORBIDDEN,
        "ENTRY_SECURED",
        "该入口处于封控或被指令锁闭，只有操作员可以开门",
        "the entry is under lockdown or secured by an order: only an operator opens it",
    ),
    CommandRefusal.NOTHING_ORDERED: (
        Trouble.NOT_FOUND,
        "ORDER_UNKNOWN",
        "该通行点没有生效中的指令",
        "no order is in force at the access point",
    ),
    CommandRefusal.REQUEST_ID_TAKEN: (
        Trouble.CONFLICT,
        "REQUEST_ID_TAKEN",
        "该请求编号已用于另一条命令：通行点、命令或结束时刻不同",
        "the request id named another command: its access point, its kind or its end differs",
    ),
}


def command_refused(error: CommandRefusedError) -> DomainError:
    """The refusal as a sentence, with the field at fault where there is one."""
    if error.refusal in _OTHERS:
        return DomainError(*_OTHERS[error.refusal])
    code, field = _too_far(error) if error.refusal is CommandRefusal.UNTIL_FAR else _INVALID[error.refusal]
    return DomainError(Trouble.INVALID, code, "命令无效", "the command is not valid", [field])


def _too_far(error: CommandRefusedError) -> tuple[str, FieldTrouble]:
    hours = LONGEST_MS[error.command] // _HOUR_MS
    return "UNTIL_TOO_FAR", FieldTrouble(_UNTIL, f"{hours} 小时以内的时刻", f"an instant within {hours} h")
