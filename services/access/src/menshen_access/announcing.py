"""Public notices: put in an outbox at the instant a policy takes force, and fed to whoever tells the public."""

from collections.abc import AsyncGenerator, Iterable
from typing import Final, Protocol

import structlog
from menshen_rulebook.plan import SitePlan, plan_from_mapping
from menshen_servicekit.clock import Clock

from menshen_access.domain.administration import PolicyChange
from menshen_access.domain.notices import LATE_MS, Announce, Announcement, Notice, NoticesEnd
from menshen_access.domain.policy_life import TIME, Deliberation, PolicyAct, StoredPolicy, take, taken_force
from menshen_access.feeding import checked, epoch_ended
from menshen_access.noticeboard import Noticeboard, Topic, within
from menshen_access.plan_making import plain_plan

PAGE: Final = 100
POLL_S: Final = 1.0
SHORTEST_S: Final = 0.01

_log = structlog.get_logger(__name__)


class NoticeStore(Protocol):
    """Notices in PostgreSQL."""

    async def plan_version(self, site: str) -> int:
        """The version of the current plan; 0 without one."""

    async def current_plan(self, site: str) -> tuple[int, bytes]:
        """(version, canonical JSON); version 0 and no bytes for a site without a plan."""

    async def announce(self, site: str, decide: Announce) -> int:
        """Write down what `decide` chooses, under the lock of the plan, all or nothing; how many."""

    async def after(self, site: str, position: int, limit: int) -> list[Notice]:
        """In order."""

    async def end(self, site: str) -> NoticesEnd:
        """Where the notices end."""

    async def acknowledge(self, site: str, position: int, at_ms: int, who: str) -> int:
        """Acknowledge everything up to a position; how many were not before."""


class Announcer:
    """Writes down at one site that policies take force, and puts their notices. A keeper's duty.

    What took force while no keeper ran is written down by the next one. Exactly once: in the transaction that puts a
    notice the policy stops being SCHEDULED.
    """

    def __init__(self, site: str, store: NoticeStore, board: Noticeboard, clock: Clock) -> None:
        self._site = site
        self._store = store
        self._board = board
        self._clock = clock
        self._plan: SitePlan | None = None
        self._written: set[int] = set()

    async def follow(self) -> None:
        """Announce each policy within a moment of its instant, for ever. Outages end it; run it again."""
        while True:
            changed = self._board.next(Topic.PLAN, self._site)
            await self.announce()
            await within(changed, self._wait_s())

    async def announce(self) -> int:
        """Write down what has taken force and is not written down; how many policies that were."""
        plan = await self._renewed()
        taken = set(taken_force(plan, self._clock.now_ms())) if plan is not None else set()
        if taken <= self._written:
            return 0
        announced = await self._store.announce(self._site, self._due)
        self._written |= taken
        if announced:
            _log.info("policies_took_force", site=self._site, policies=announced)
            self._board.post(Topic.NOTICES, self._site)
        return announced

    async def _renewed(self) -> SitePlan | None:
        version = await self._store.plan_version(self._site)
        if version and (self._plan is None or self._plan.version != version):
            self._plan = _plan_of(self._site, *await self._store.current_plan(self._site))
            self._written.clear()
        return self._plan

    def _due(self, document: bytes, scheduled: list[StoredPolicy]) -> Iterable[Announcement]:
        now_ms = self._clock.now_ms()
        plan = _plan_of(self._site, 0, document)
        taken, policies = taken_force(plan, now_ms), {policy.version: policy for policy in plan.policies}
        for policy in sorted(scheduled, key=lambda one: taken.get(one.outline.version, 0)):
            effective_ms = taken.get(policy.outline.version)
            if effective_ms is None:
                continue
            by = Deliberation(TIME, effective_ms, "")
            change = PolicyChange(*take(policy, PolicyAct.TAKE_FORCE, by))
            text, title = policies[policy.outline.version].notice, policies[policy.outline.version].title
            late = now_ms - effective_ms > LATE_MS
            notice = Notice(
                0,
                policy.policy_id,
                policy.outline.version,
                effective_ms,
                now_ms,
                late,
                title.zh,
                title.en,
                text.zh,
                text.en,
            )
            yield Announcement(change, notice if text.zh or text.en else None)

    def _wait_s(self) -> float:
        now_ms = self._clock.now_ms()
        coming = [at for at in self._plan.index.policy_boundaries() if at > now_ms] if self._plan is not None else []
        wait_s = (coming[0] - now_ms) / 1000 if coming else POLL_S
        return min(max(wait_s, SHORTEST_S), POLL_S)


def _plan_of(site: str, version: int, document: bytes) -> SitePlan:
    return plan_from_mapping({**plain_plan(site, version, document), "version": version})


class NoticeFeed:
    """Notices for whoever tells the public. At least once: what is not acknowledged comes again."""

    def __init__(self, store: NoticeStore, board: Noticeboard, clock: Clock) -> None:
        self._store = store
        self._board = board
        self._clock = clock

    async def watch(
        self, site: str, after: tuple[int, int] | None, *, until_now: bool
    ) -> AsyncGenerator[tuple[list[Notice], tuple[int, int]], None]:
        """Pages with the place (epoch, position) after them. DomainError OUT_OF_RANGE for a place of another epoch or
        ahead of the notices.
        """
        end = await self._store.end(site)
        position = checked(*after, end.epoch, end.last) if after is not None else end.acknowledged
        while True:
            put = self._board.next(Topic.NOTICES, site)
            page = await self._store.after(site, position, PAGE)
            if page:
                position = page[-1].position
                yield page, (end.epoch, position)
            if until_now and position >= end.last:
                return
            if len(page) < PAGE:
                await within(put, POLL_S)
                await self._check_epoch(site, end.epoch)

    async def acknowledge(self, site: str, place: tuple[int, int], caller: str) -> int:
        """Everything up to the place (epoch, position) was told; how many were not acknowledged before."""
        end = await self._store.end(site)
        position = checked(*place, end.epoch, end.last)
        return await self._store.acknowledge(site, position, self._clock.now_ms(), caller)

    async def _check_epoch(self, site: str, epoch: int) -> None:
        current = (await self._store.end(site)).epoch
        if current != epoch:
            raise epoch_ended(epoch, current)
