"""What a person reads when an emergency closure may not be made, ended or approved."""

from collections.abc import Mapping
from typing import Final

from menshen_rulebook.schedule import local_text
from menshen_servicekit.status import DomainError, FieldTrouble, Trouble

from menshen_access.domain.closure_budget import MINUTE_MS, ClosureTooLongError
from menshen_access.domain.emergency_closure import LONGEST_REASON, ClosureRefusal, ClosureRefusedError

_INVALID: Final[Mapping[ClosureRefusal, tuple[str, FieldTrouble]]] = {
    ClosureRefusal.POINT_UNKNOWN: (
        "ACCESS_POINT_UNKNOWN",
        FieldTrouble("access_point", "方案中已定义的通行点", "an access point the plan defines"),
    ),
    ClosureRefusal.DURATION: (
        "DURATION_INVALID",
        FieldTrouble("duration_ms", "大于 0 且不超过 4 小时的毫秒数", "milliseconds, more than 0 and at most 4 h"),
    ),
    ClosureRefusal.REASON: (
        "REASON_INVALID",
        FieldTrouble("reason", f"理由，不超过 {LONGEST_REASON} 字", f"a reason of at most {LONGEST_REASON} characters"),
    ),
    ClosureRefusal.REDIRECT: (
        "REDIRECT_INVALID",
        FieldTrouble("redirect", "另一个入口方向的通行点", "another access point whose direction is ENTRY"),
    ),
}
_OTHERS: Final[Mapping[ClosureRefusal, tuple[Trouble, str, str, str]]] = {
    ClosureRefusal.NOT_AN_ENTRY: (
        Trouble.CONFLICT,
        "EXIT_STAYS_OPEN",
        "只能紧急关闭入口：出口和院内通道始终放行",
        "only an entry is closed in an emergency: exits and inner ways stay open",
    ),
    ClosureRefusal.WAITING: (
        Trouble.CONFLICT,
        "CLOSURE_WAITING",
        "该入口已有一次紧急关闭尚未批准或结束，请先处理",
        "an emergency closure of this entry is in force or waits to be approved: see to that one first",
    ),
    ClosureRefusal.OVER: (
        Trouble.CONFLICT,
        "CLOSURE_OVER",
        "该紧急关闭已经结束",
        "the emergency closure is over",
    ),
    ClosureRefusal.APPROVED: (
        Trouble.CONFLICT,
        "CLOSURE_APPROVED",
        "该紧急关闭已获批准",
        "the emergency closure is approved already",
    ),
    ClosureRefusal.SAME_PERSON: (
        Trouble.FORBIDDEN,
        "SECOND_OPERATOR_NEEDED",
        "紧急关闭须由另一名操作员批准",
        "an emergency closure is approved by another operator than the one who closed",
    ),
}


def closure_refused(refused: ClosureRefusedError) -> DomainError:
    """The refusal as a sentence, with the field at fault where there is one."""
    refusal = refused.refusal
    if isinstance(refused, ClosureTooLongError):
        return _too_long(refused)
    if refusal in _INVALID:
        code, field = _INVALID[refusal]
        return DomainError(Trouble.INVALID, code, "紧急关闭的内容无效", "the emergency closure is not valid", [field])
    return DomainError(*_OTHERS[refusal])


def _too_long(refused: ClosureTooLongError) -> DomainError:
    spent, left = -(-refused.spent_ms // MINUTE_MS), refused.left_ms // MINUTE_MS
    # The minute after: at the time named the closure is accepted.
    again = local_text(-(-refused.again_ms // MINUTE_MS) * MINUTE_MS, refused.utc_offset_minutes)
    return DomainError(
        Trouble.CONFLICT,
        "CLOSURE_NEEDS_APPROVAL",
        f"该入口近 24 小时内未经批准已紧急关闭 {spent} 分钟，上限 240 分钟。请先由另一名操作员批准此前的关闭；"
        f"未获批准时现在最多再关闭 {left} 分钟，{again} 起可按所填时长关闭",
        f"this entry was closed without approval for {spent} of the last 24 hours' 240 minutes: another operator "
        f"approves those closures first; without approval it may be closed for {left} minutes now, and for as long as "
        f"you ask from {again} on",
    )
