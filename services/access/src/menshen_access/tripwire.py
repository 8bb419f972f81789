"""Alarms the control room when refusals jump after a change of plan, policy or subjects; a keeper's duty.

Every LOOK_S it holds each change of the last hour against the decisions before and after it, as `domain.tripwire` says.
One alarm per change; once one has tripped, changes that came before the trip are settled and alarm no more. A burst of
changed subjects is known to the process that saw it: one that a keeper did not see begin is not found by the next.
"""

from collections.abc import Callable, Sequence
from typing import Final, Protocol

import structlog
from menshen_rulebook.plan import SitePlan, plan_from_mapping
from menshen_rulebook.vocabulary import Direction
from menshen_servicekit.clock import Clock

from menshen_access.alarming import SECURITY
from menshen_access.domain.administration import WaitingAlarm
from menshen_access.domain.tripwire import BEFORE_MS, WATCHED_MS, Bursts, Change, Tally, Trip, blamed
from menshen_access.noticeboard import Noticeboard, Topic, within
from menshen_access.plan_making import plain_plan
from menshen_access.source_watch import PlanSource

LOOK_S: Final = 5.0
SETTLED_MS: Final = 60_000
"""How long after a change the decisions before it are counted again: the recorder is behind them."""
_log = structlog.get_logger(__name__)


class TripStore(Protocol):
    """Changes, decisions and trips in PostgreSQL."""

    async def plan_changes(self, site: str, since_ms: int) -> list[Change]:
        """The plan versions stored since an instant."""

    async def policy_brought_by(self, site: str, number: int) -> tuple[str, int]:
        """(id, plan version that first carried it) of the policy of this version; empty and 0 for none."""

    async def projection(self, site: str) -> tuple[int, int]:
        """(position, number of subjects) of the projection."""

    async def last_tripped_ms(self, site: str) -> int:
        """The instant of the last trip; 0 for none."""

    async def tally(self, site: str, exits: Sequence[str], from_ms: int, to_ms: int) -> Tally:
        """The recorded decisions anywhere but at these exits about presentations in [from_ms, to_ms)."""

    async def most_frequent_refusal(self, site: str, exits: Sequence[str], from_ms: int, to_ms: int) -> str:
        """The reason code that most refusals carried; empty for none."""

    async def trip(self, site: str, trip: Trip, alarm: WaitingAlarm) -> bool:
        """Write a trip down and queue its alarm; False, and nothing done, when the change has tripped before."""


class Tripwire:
    """The tripwire of one site. Whoever runs it holds the site's lease."""

    def __init__(
        self,
        site: str,
        store: TripStore,
        plans: PlanSource,
        board: Noticeboard,
        clock: Clock,
        new_id: Callable[[], str],
    ) -> None:
        self._site = site
        self._store = store
        self._plans = plans
        self._board = board
        self._clock = clock
        self._new_id = new_id
        self._plan: SitePlan | None = None
        self._bursts = Bursts()
        self._before: dict[str, Tally] = {}

    async def follow(self) -> None:
        """For ever. Outages end it; run it again."""
        while True:
            changed = self._board.next(Topic.PLAN, self._site)
            await self.look()
            await within(changed, LOOK_S)

    async def look(self) -> Trip | None:
        """Write down and alarm about the change after which refusals have jumped, if there is one."""
        plan = await self._renewed()
        if plan is None:
            return None
        now_ms = self._clock.now_ms()
        changes = await self._changes(plan, now_ms)
        watched = {one.change_id for one in changes}
        self._before = {name: tally for name, tally in self._before.items() if name in watched}
        exits = [one.access_point_id for one in plan.access_points if one.direction is Direction.EXIT]
        found = blamed([(one, *await self._tallies(one, exits, now_ms)) for one in changes])
        if found is None:
            return None
        change, before, after = found
        code = await self._store.most_frequent_refusal(self._site, exits, change.at_ms, now_ms + 1)
        trip = Trip(change, now_ms, before, after, code)
        if not await self._store.trip(self._site, trip, self._alarm(trip)):
            return None
        _log.warning("refusals_jumped", site=self._site, change=change.change_id, percent=round(after.percent))
        self._board.post(Topic.ALARMS, self._site)
        return trip

    async def _changes(self, plan: SitePlan, now_ms: int) -> list[Change]:
        """Those of the last hour that nothing has settled; a policy that takes force at once is that change too."""
        bursts = self._bursts.seen(now_ms, *await self._store.projection(self._site))
        since_ms = max(now_ms - WATCHED_MS, await self._store.last_tripped_ms(self._site) + 1)
        policies = await self._policies(plan, since_ms, now_ms)
        brought = {one.plan_version for one in policies}
        plans = await self._store.plan_changes(self._site, since_ms)
        others = [one for one in (*plans, *bursts) if one.at_ms >= since_ms and one.plan_version not in brought - {0}]
        return [*policies, *others]

    async def _policies(self, plan: SitePlan, since_ms: int, now_ms: int) -> list[Change]:
        """One that holds again because another ended is named as the change, and not as what to take back."""
        found = []
        for at_ms in plan.index.policy_boundaries():
            policy = plan.policy_at(at_ms)
            if not since_ms <= at_ms <= now_ms or policy is None:
                continue
            policy_id, version = "", 0
            if policy.from_ms == at_ms:
                policy_id, version = await self._store.policy_brought_by(self._site, policy.version)
            change_id = f"policy:{policy.version}:{at_ms}"
            found.append(Change(change_id, at_ms, version, max(version - 1, 0), policy_id))
        return found

    async def _tallies(self, change: Change, exits: Sequence[str], now_ms: int) -> tuple[Tally, Tally]:
        before = self._before.get(change.change_id)
        if before is None:
            before = await self._store.tally(self._site, exits, change.at_ms - BEFORE_MS, change.at_ms)
            if now_ms - change.at_ms >= SETTLED_MS:
                self._before[change.change_id] = before
        return before, await self._store.tally(self._site, exits, change.at_ms, now_ms + 1)

    async def _renewed(self) -> SitePlan | None:
        """Read anew only when it has changed."""
        version = await self._plans.plan_version(self._site)
        if version and (self._plan is None or self._plan.version != version):
            current, document = await self._plans.current_plan(self._site)
            self._plan = plan_from_mapping({**plain_plan(self._site, current, document), "version": current})
        return self._plan

    def _alarm(self, trip: Trip) -> WaitingAlarm:
        change = trip.change
        detail = {
            "cause": "REFUSALS_JUMPED",
            "change": change.change_id,
            "policy_id": change.policy_id,
            "plan_version": str(change.plan_version or ""),
            "roll_back_to": str(change.roll_back_to or ""),
            "decided_before": str(trip.before.decided),
            "refused_before_percent": f"{trip.before.percent:.1f}",
            "decided_after": str(trip.after.decided),
            "refused_after_percent": f"{trip.after.percent:.1f}",
            "reason_code": trip.reason_code,
        }
        told = tuple(sorted((name, value) for name, value in detail.items() if value))
        return WaitingAlarm(self._new_id(), self._site, SECURITY, change.change_id, "", trip.tripped_at_ms, told)
