"""Counts whom a change of the plan takes access from before it is made, and asks for a second approver beyond a bound.

The count is exact, over everybody known at the site, in a process apart that gives way to all others and ends with the
count. A change is counted as often as it must be (`domain.weighing`), and the larger numbers decide. When that fails,
takes too long or falls into too many weeks, it counts as more than the bound: nothing changes at the gates. What takes
a policy out of the plan is counted in a process of its own, and waits for no other kind of change.
"""

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import structlog
from menshen_rulebook.plan import plan_from_mapping, plan_to_json
from menshen_servicekit.clock import Clock

from menshen_access import foresight_work
from menshen_access.domain.administration import Deed
from menshen_access.domain.guarded_change import UNCOMPUTED, VALID_MS, Approval, Bound, Loss
from menshen_access.domain.subject_records import Page
from menshen_access.domain.taken_later import TooManyInstantsError
from menshen_access.domain.weighing import WEEK_MS, Weighing, weighings
from menshen_access.guard import DecidePlan, GuardedChange
from menshen_access.plan_making import plain_plan
from menshen_access.work_apart import Worker

MOST_S: Final = 120.0

_log = structlog.get_logger(__name__)


class KnownSubjects(Protocol):
    """The packed records of a site."""

    def reading(self, site: str) -> Callable[[], list[Page]]:
        """Reads all of them, for a process apart."""

    async def at_least(self, site: str, number: int) -> bool:
        """Whether so many are known there."""


class CurrentPlan(Protocol):
    """The plan in force."""

    async def current_plan(self, site: str) -> tuple[int, bytes]:
        """(version, canonical JSON); version 0 and no bytes for a site without a plan."""


class Approvals(Protocol):
    """Second approvals in PostgreSQL."""

    async def approvals(self, site: str, digest: bytes, since_ms: int) -> list[Approval]:
        """Those of a digest since an instant."""

    async def refuse(self, deed: Deed, loss: Loss) -> None:
        """Audit what was not done for want of one."""


@dataclass(frozen=True, slots=True)
class GuardStores:
    """What the guard reads."""

    known: KnownSubjects
    plans: CurrentPlan
    approvals: Approvals


class ChangeGuard:
    """The guard of the plans of all sites."""

    def __init__(self, stores: GuardStores, bound: Bound, clock: Clock, most_s: float = MOST_S) -> None:
        self.bound = bound
        self._known = stores.known
        self._plans = stores.plans
        self._approvals = stores.approvals
        self._clock = clock
        self._most_s = most_s
        self._worker, self._urgent = Worker(), Worker()

    async def close(self) -> None:
        """End the processes apart, in the middle of their work too."""
        self._worker.end()
        self._urgent.end()

    async def loss(self, site: str, decide: DecidePlan, from_ms: int, *, is_urgent: bool = False) -> Loss:
        """Whom a change takes access from, the plan being as it is; whatever `decide` raises.

        UNCOMPUTED when that cannot be told. Where too few are known for any loss to exceed the bound, nothing.
        """
        if not await self._concerns(site):
            return Loss()
        worker = self._urgent if is_urgent else self._worker
        return await self._loss(site, *await self._plans.current_plan(site), decide, from_ms, worker)

    async def approvals(self, site: str, digest: bytes) -> Sequence[Approval]:
        """The approvals that still hold of the plan document or revocation that a digest stands for."""
        return await self._approvals.approvals(site, digest, self._clock.now_ms() - VALID_MS)

    async def admitted(self, change: GuardedChange, decide: DecidePlan) -> int | None:
        """The plan version on which alone the change may be made, None for any. DomainError when it needs another
        approver, which is audited; whatever `decide` raises.
        """
        site = change.deed.site
        if not await self._concerns(site):
            return None
        version, plan = await self._plans.current_plan(site)
        worker = self._urgent if change.is_urgent else self._worker
        loss = await self._loss(site, version, plan, decide, change.from_ms, worker)
        if self.bound.exceeded_by(loss) and not self.bound.is_approved(loss, await change.approvals(), change.but):
            await self._approvals.refuse(change.deed, loss)
            raise change.refused(loss, self.bound)
        return version

    async def _concerns(self, site: str) -> bool:
        return not self.bound.bars_nothing and await self._known.at_least(site, max(self.bound.least, 1))

    async def _loss(
        self, site: str, version: int, plan: bytes, decide: DecidePlan, from_ms: int, worker: Worker
    ) -> Loss:
        now_ms = self._clock.now_ms()

        def read() -> list[foresight_work.Weighed]:
            before = plan_from_mapping(plain_plan(site, version, plan))
            after = plan_from_mapping(json.loads(decide(version, plan).document))
            return [_weighed(one) for one in weighings(before, after, from_ms, now_ms)] if version else []

        # Apart from the loop, on which decisions wait.
        try:
            weighed = await asyncio.to_thread(read)
        except TooManyInstantsError:
            _log.warning("a change takes access at more later dates than are counted", site=site)
            return UNCOMPUTED
        return await self._counted(site, weighed, worker) if weighed else Loss()

    async def _counted(self, site: str, weighed: Sequence[foresight_work.Weighed], worker: Worker) -> Loss:
        try:
            async with asyncio.timeout(self._most_s), worker.turn:
                return self.bound.largest(await _work(worker, self._known.reading(site), weighed))
        except TimeoutError:
            _log.warning("whom a change takes access from was not counted in time", site=site)
        except Exception:  # noqa: BLE001  (whatever keeps it from being counted, somebody else is asked)
            _log.exception("whom a change takes access from was not counted", site=site)
        return UNCOMPUTED


async def _work(
    worker: Worker, reading: Callable[[], list[Page]], weighed: Sequence[foresight_work.Weighed]
) -> Sequence[Loss]:
    try:
        return await worker.run(foresight_work.what_is_lost_in_each, reading, weighed)
    finally:
        worker.end()


def _weighed(one: Weighing) -> foresight_work.Weighed:
    return plan_to_json(one.before), plan_to_json(one.after), one.from_ms, one.from_ms + WEEK_MS
