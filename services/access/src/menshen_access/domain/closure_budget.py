"""How long an entry may be closed without anybody's approval: four hours in any twenty-four, whoever closes it.

One closure of at most four hours is easily followed by the next. So a closure may begin only if the time the entry was
closed without approval in the twenty-four hours before, and the time wanted, are four hours at most: then no window of
twenty-four hours holds more. Approval takes a closure out of the sum, also when it is over.
"""

from collections.abc import Iterable
from typing import Final

from menshen_access.domain.emergency_closure import MOST_MS, ClosureRefusal, ClosureRefusedError, EmergencyClosure

WINDOW_MS: Final = 24 * 3_600_000
MINUTE_MS: Final = 60_000


class ClosureTooLongError(ClosureRefusedError):
    """The entry was closed without approval for so long that this closure has to wait, or be shorter.

    `spent_ms` is the time closed without approval, `left_ms` what may be closed at once, `again_ms` when the closure
    wanted may begin, by a clock `utc_offset_minutes` ahead of UTC.
    """

    def __init__(self, spent_ms: int, again_ms: int, utc_offset_minutes: int) -> None:
        super().__init__(ClosureRefusal.SPENT)
        self.spent_ms = spent_ms
        self.left_ms = max(MOST_MS - spent_ms, 0)
        self.again_ms = again_ms
        self.utc_offset_minutes = utc_offset_minutes


def spent_ms(unapproved: Iterable[EmergencyClosure], at_ms: int) -> int:
    """How long closures that nobody approved held in the window before an instant."""
    return sum(max(min(one.to_ms, at_ms) - max(one.from_ms, at_ms - WINDOW_MS), 0) for one in unapproved)


def most_now_ms(unapproved: Iterable[EmergencyClosure], now_ms: int) -> int:
    """The longest closure that may begin now; the most there is where less than a minute is left, to be refused."""
    left_ms = MOST_MS - spent_ms(unapproved, now_ms)
    return left_ms if left_ms >= MINUTE_MS else MOST_MS


def check_budget(wanted: EmergencyClosure, unapproved: Iterable[EmergencyClosure], utc_offset_minutes: int) -> None:
    """ClosureTooLongError unless nobody need approve first; `unapproved` are those of the same entry, none open."""
    before, duration_ms = list(unapproved), wanted.to_ms - wanted.from_ms
    spent = spent_ms(before, wanted.from_ms)
    if spent + duration_ms > MOST_MS:
        raise ClosureTooLongError(spent, _free_again_ms(before, MOST_MS - duration_ms), utc_offset_minutes)


def _free_again_ms(closures: Iterable[EmergencyClosure], room_ms: int) -> int:
    """When at most `room_ms` of them are left in the window: the oldest leave it first."""
    for one in sorted(closures, key=lambda one: one.to_ms, reverse=True):
        if one.to_ms - one.from_ms > room_ms:
            return one.to_ms - room_ms + WINDOW_MS
        room_ms -= one.to_ms - one.from_ms
    return 0
