"""What stands between a change of a plan and the plan: whoever puts plans asks it first."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from menshen_servicekit.status import DomainError, Trouble

from menshen_access.domain.administration import Deed, PlanChange
from menshen_access.domain.guarded_change import Approval, Bound, Loss

DecidePlan = Callable[[int, bytes], PlanChange]
"""What becomes of a plan: (version, canonical JSON)."""


@dataclass(frozen=True, slots=True)
class GuardedChange:
    """A change that is asked for: the deed it would be, from when on it counts, how to learn who else has approved it,
    whose approval does not count, and the words in which it is refused without. An urgent one waits for no other.
    """

    deed: Deed
    from_ms: int
    approvals: Callable[[], Awaitable[Sequence[Approval]]]
    but: Collection[str]
    refused: Callable[[Loss, Bound], DomainError]
    is_urgent: bool = False


class Guard(Protocol):
    """Asks for a second approver where a change takes access from too many."""

    bound: Bound

    async def loss(self, site: str, decide: DecidePlan, from_ms: int, *, is_urgent: bool = False) -> Loss:
        """Whom a change takes access from, the plan being as it is; whatever `decide` raises."""

    async def approvals(self, site: str, digest: bytes) -> Sequence[Approval]:
        """The approvals that still hold of the plan document or revocation that a digest stands for."""

    async def admitted(self, change: GuardedChange, decide: DecidePlan) -> int | None:
        """The plan version on which alone the change may be made, None for any. DomainError when it needs another
        approver; whatever `decide` raises.
        """


class Unguarded:
    """Asks for nobody."""

    bound = Bound(share_percent=100)

    async def loss(self, _site: str, _decide: DecidePlan, _from_ms: int, *, is_urgent: bool = False) -> Loss:  # noqa: ARG002
        """Nothing."""
        return Loss()

    async def approvals(self, _site: str, _digest: bytes) -> Sequence[Approval]:
        """None."""
        return ()

    async def admitted(self, _change: GuardedChange, _decide: DecidePlan) -> int | None:
        """Any."""
        return None


UNGUARDED: Final = Unguarded()
"""For plans that nobody opens a gate by."""


async def approved_by(approvals: Sequence[Approval] = ()) -> Sequence[Approval]:
    """Approvals that are known already."""
    return approvals


def held(admitted: int | None, version: int) -> int:
    """The version, if it is the one the change was admitted on; DomainError STALE otherwise."""
    if admitted is not None and admitted != version:
        raise DomainError(
            Trouble.STALE,
            "PLAN_MOVED_ON",
            f"核算影响期间方案已变为版本 {version}（核算基于版本 {admitted}），未作任何更改，请重试",
            f"the plan became version {version} while whom the change takes access from was counted on version "
            f"{admitted}; nothing was changed: ask again",
        )
    return version
