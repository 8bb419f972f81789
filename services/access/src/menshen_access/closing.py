"""Emergency closures: written to PostgreSQL with the plan that carries them, in force as fast as a hold."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Final, Protocol

from menshen_rulebook.plan import SitePlan, plan_from_mapping
from menshen_servicekit.clock import Clock
from menshen_servicekit.status import DomainError, Trouble

from menshen_access.alarming import SECURITY
from menshen_access.closure_refusals import closure_refused
from menshen_access.domain.administration import ClosureChange, Deed, WaitingAlarm
from menshen_access.domain.closure_budget import ClosureTooLongError, check_budget, most_now_ms
from menshen_access.domain.emergency_closure import (
    ClosureRefusedError,
    EmergencyClosure,
    approved,
    check_closure,
    ended,
    nearest_open,
    with_closure,
)
from menshen_access.noticeboard import Noticeboard, Topic, within
from menshen_access.plan_making import plain_plan, plan_change
from menshen_access.planning import Publish

POLL_S: Final = 1.0

CloseWith = Callable[[Sequence[EmergencyClosure], int, bytes], ClosureChange]
ChangeClosure = Callable[[EmergencyClosure, int, bytes], ClosureChange]


class ClosureStore(Protocol):
    """Emergency closures in PostgreSQL."""

    async def close(self, site: str, deed: Deed, decide: CloseWith) -> EmergencyClosure:
        """Store the closure and the plan that `decide(unapproved closures, plan version, plan)` makes.

        Those are the ones that wait to be approved or ended, and those that ended in the window of the budget.
        """

    async def note(self, deed: Deed) -> None:
        """Audit what somebody tried."""

    async def change(self, site: str, closure_id: str, deed: Deed, decide: ChangeClosure) -> EmergencyClosure | None:
        """Let `decide` change a closure, and the plan with it, under their locks; None when there is none."""

    async def listed(self, site: str, *, waiting: bool) -> list[EmergencyClosure]:
        """Newest first; only those waiting for somebody to approve or end them, if asked so."""

    async def take_overdue(
        self, site: str, closed_by_ms: int, now_ms: int, alarm_of: Callable[[EmergencyClosure], WaitingAlarm]
    ) -> int:
        """Queue an alarm, once, for each closure made by `closed_by_ms` that is still waiting; how many."""


@dataclass(frozen=True, slots=True)
class WantedClosure:
    """What an operator asks for. `duration_ms` 0: the most there may be; no redirect: the nearest open entry."""

    access_point: str
    duration_ms: int
    redirect: str
    reason: str


class Closing:
    """Emergency closures of all sites."""

    def __init__(self, store: ClosureStore, publish: Publish, clock: Clock, new_id: Callable[[], str]) -> None:
        self._store = store
        self._publish = publish
        self._clock = clock
        self._new_id = new_id

    async def close(self, site: str, wanted: WantedClosure, caller: str) -> EmergencyClosure:
        """Close an entry now. DomainError CONFLICT for an exit, and where somebody must approve first; INVALID for
        what else is wrong. An attempt to close for longer than may be without approval is audited, too.
        """
        now_ms, closure_id = self._clock.now_ms(), self._new_id()

        def decide(unapproved: Sequence[EmergencyClosure], version: int, document: bytes) -> ClosureChange:
            plan = _plan_of(site, version, document)
            before = [one for one in unapproved if one.access_point == wanted.access_point]
            to_ms = now_ms + (wanted.duration_ms or most_now_ms(before, now_ms))
            closure = EmergencyClosure(
                closure_id, wanted.access_point, now_ms, to_ms, wanted.redirect, caller, wanted.reason
            )
            check_closure(plan, closure, before)
            check_budget(closure, before, plan.utc_offset_minutes)
            target = wanted.redirect or nearest_open(plan, wanted.access_point, now_ms)
            closure = replace(closure, redirect=target)
            return ClosureChange(closure, plan_change(with_closure(plan, closure, now_ms)))

        deed = Deed(site, now_ms, caller, "CLOSE_ACCESS_POINT", wanted.access_point, wanted.reason)
        with _as_domain_errors():
            try:
                closure = await self._store.close(site, deed, decide)
            except ClosureTooLongError as refused:
                detail = json.dumps({"spent_ms": refused.spent_ms, "again_ms": refused.again_ms})
                await self._store.note(replace(deed, action="CLOSE_ACCESS_POINT_REFUSED", detail=detail))
                raise
        await self._publish(site)
        return closure

    async def reopen(self, site: str, closure_id: str, reason: str, caller: str) -> EmergencyClosure:
        """End a closure now. DomainError CONFLICT when it is over already."""
        now_ms = self._clock.now_ms()

        def decide(closure: EmergencyClosure, version: int, document: bytes) -> ClosureChange:
            changed = ended(closure, caller, now_ms, reason)
            plan = _plan_of(site, version, document)
            return ClosureChange(changed, plan_change(with_closure(plan, changed, now_ms)))

        changed = await self._changed(site, closure_id, ("REOPEN_ACCESS_POINT", caller, reason), decide)
        await self._publish(site)
        return changed

    async def approve(self, site: str, closure_id: str, reason: str, caller: str) -> EmergencyClosure:
        """Approve a closure, also after its end. DomainError FORBIDDEN for whoever closed."""

        def decide(closure: EmergencyClosure, _version: int, _document: bytes) -> ClosureChange:
            return ClosureChange(approved(closure, caller, self._clock.now_ms(), reason))

        return await self._changed(site, closure_id, ("APPROVE_CLOSURE", caller, reason), decide)

    async def listed(self, site: str, *, waiting: bool) -> list[EmergencyClosure]:
        """Newest first, at most 500."""
        return await self._store.listed(site, waiting=waiting)

    async def _changed(
        self, site: str, closure_id: str, what: tuple[str, str, str], decide: ChangeClosure
    ) -> EmergencyClosure:
        action, caller, reason = what
        deed = Deed(site, self._clock.now_ms(), caller, action, closure_id, reason)
        with _as_domain_errors():
            changed = await self._store.change(site, closure_id, deed, decide)
        if changed is None:
            raise DomainError(
                Trouble.NOT_FOUND, "CLOSURE_UNKNOWN", "无此紧急关闭", "there is no such emergency closure"
            )
        return changed


class ClosureWatch:
    """Raises an alarm for each emergency closure of a site that nobody approved or ended in time. A keeper's duty."""

    def __init__(
        self,
        site: str,
        store: ClosureStore,
        board: Noticeboard,
        clock: Clock,
        new_id: Callable[[], str],
        wait_ms: int,
    ) -> None:
        self._site = site
        self._store = store
        self._board = board
        self._clock = clock
        self._new_id = new_id
        self._wait_ms = wait_ms

    async def follow(self) -> None:
        """For ever. Outages end it; run it again."""
        while True:
            changed = self._board.next(Topic.PLAN, self._site)
            await self.alarm()
            await within(changed, POLL_S)

    async def alarm(self) -> int:
        """Alarm about those that have waited too long; how many that were."""
        now_ms = self._clock.now_ms()
        return await self._store.take_overdue(
            self._site, now_ms - self._wait_ms, now_ms, lambda closure: self._alarm_of(closure, now_ms)
        )

    def _alarm_of(self, closure: EmergencyClosure, now_ms: int) -> WaitingAlarm:
        detail = (
            ("cause", "CLOSURE_NOT_APPROVED"),
            ("closure", closure.closure_id),
            ("closed_by", closure.closed_by),
        )
        return WaitingAlarm(self._new_id(), self._site, SECURITY, closure.access_point, "", now_ms, detail)


@contextmanager
def _as_domain_errors() -> Iterator[None]:
    try:
        yield
    except ClosureRefusedError as refused:
        raise closure_refused(refused) from None


def _plan_of(site: str, version: int, document: bytes) -> SitePlan:
    return plan_from_mapping(plain_plan(site, version, document))
