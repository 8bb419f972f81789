"""Deciding: from a presentation to an answer, in one round trip when everything is known and still true."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

import structlog
from menshen_rulebook.decide import decide, system_fault
from menshen_rulebook.points import Point
from menshen_rulebook.types import AreaCount, Decision, Guard, LiveState, NotUsed, PinVerdict, Used, VersionIs
from menshen_servicekit.clock import Clock
from menshen_servicekit.faults import fault_fields
from menshen_servicekit.supervision import Tasks

from menshen_access.decision_metrics import DecisionMetrics
from menshen_access.domain.asking import Answer, Asked, Cause, Decided, Undecided
from menshen_access.domain.decided import decision_event
from menshen_access.domain.events import decode
from menshen_access.domain.store import CommitAnswer, CommitRequest, LiveRead, ReadWish, Verdict
from menshen_access.opened_days import OpenedDays
from menshen_access.pin_checks import PinChecks
from menshen_access.ports import DecisionStore, GateAlarms, NotReadyError, StoreAwayError, StoreBusyError
from menshen_access.site_views import SiteView, SiteViews
from menshen_access.subject_cache import Found, SubjectCache

ROUNDS: Final = 6
"""How often a decision is made, however late, because something changed under it."""
MOST_ROUNDS: Final = 20
"""How often within the patience: the spool of a gate that was alone for long moves a holder with every row, a round
trip apart.
"""
PATIENCE_S: Final = 0.25
"""How long after its presentation a commit may be made again: less than an agent waits before it decides alone."""

_log = structlog.get_logger(__name__)
_CAUSES: Final = {
    Verdict.NOT_READY: Cause.NOT_READY,
    Verdict.BACKPRESSURE: Cause.BACKPRESSURE,
    Verdict.CLOCK: Cause.CLOCK,
}


@dataclass(frozen=True, slots=True)
class _Round:
    """One attempt: what is asked, what is known, who waits. Counts, uses and attempts are known only once read."""

    asked: Asked
    view: SiteView
    found: Found
    answer: Callable[[Answer], None]
    answer_by: float
    number: int = 1
    counts: tuple[AreaCount, ...] = ()
    used: frozenset[str] = frozenset()
    attempts: int = 0


class Deciding:
    """The decision use case. `decide` answers exactly once, on the loop, whatever happens."""

    def __init__(
        self,
        store: DecisionStore,
        views: SiteViews,
        caches: dict[str, SubjectCache],
        pins: PinChecks,
        clock: Clock,
        tasks: Tasks,
        metrics: DecisionMetrics,
        alarms: GateAlarms,
    ) -> None:
        self._store = store
        self._views = views
        self._caches = caches
        self._pins = pins
        self._clock = clock
        self._tasks = tasks
        self._metrics = metrics
        self._alarms = alarms
        self._opened = OpenedDays()

    def decide(self, asked: Asked, answer: Callable[[Answer], None]) -> None:
        """Warm: judge and commit at once, without a task. Cold: look up first."""
        answer, answer_by = self._metrics.timed(answer), self._clock.monotonic() + PATIENCE_S
        site = asked.presentation.site
        view, found = self._views.get(site), self._caches[site].find(asked.keys)
        if view is None or found is None or asked.pin:
            self._tasks.once("decide", self._look_up(asked, answer, answer_by))
        else:
            self._attempt(_Round(asked, view, found, answer, answer_by))

    async def _look_up(self, asked: Asked, answer: Callable[[Answer], None], answer_by: float) -> None:
        site = asked.presentation.site
        try:
            view = await self._views.load(site)
            read = await self._read(asked)
            found = self._found(site, asked.keys)
            asked = await self._with_pin_verdict(asked)
        except (NotReadyError, StoreAwayError) as trouble:
            answer(_undecided(asked, trouble))
        except Exception as fault:  # noqa: BLE001  (whatever went wrong, the lane gets an answer)
            self._fault(asked, self._views.get(site), answer, fault)
        else:
            self._attempt(_Round(asked, view, found, answer, answer_by, attempts=read.attempts))

    def _attempt(self, this: _Round) -> None:
        """Judge, and commit with the guards of the judgement."""
        try:
            request = self._judge(this)
        except Exception as fault:  # noqa: BLE001  (whatever went wrong, the lane gets an answer)
            self._fault(this.asked, this.view, this.answer, fault)
        else:
            self._store.commit(this.asked.presentation.site, request, partial(self._settle, this, request))

    def _judge(self, this: _Round) -> CommitRequest:
        asked, now_ms = this.asked, self._clock.now_ms()
        shown = asked.presentation
        point = this.view.plan.point(shown.access_point_id, now_ms)
        live = _live_state(this, self._used(this, point, now_ms))
        subjects = tuple([cached.subject for cached in this.found.subjects if cached.subject is not None])
        decision = decide(shown, subjects, shown.access_point_id, this.view.plan, live, now_ms)
        grant_ms = point.access_point.grant_ms if point is not None else 0
        event = decision_event(asked, decision, subjects, live, grant_ms)
        guards = _guards(this, decision, all_there=len(subjects) == len(this.found.subjects))
        encoded, absent = event.encode(), this.found.absent_keys
        return CommitRequest(event, encoded, now_ms, guards, decision.effects, absent, this.answer_by)

    def _used(self, this: _Round, point: Point | None, now_ms: int) -> frozenset[str]:
        if point is None or not point.access_point.opened_by:
            return this.used
        return this.used | self._opened.among(point.site, point.opening_id(now_ms))

    def _settle(self, this: _Round, request: CommitRequest, result: CommitAnswer | StoreAwayError) -> None:
        if isinstance(result, StoreAwayError):
            this.answer(_undecided(this.asked, result))
        elif result.verdict is Verdict.OK:
            self._caches[this.asked.presentation.site].move(result.moved)
            this.answer(Decided(request.event))
        elif result.verdict is Verdict.REPEATED:
            this.answer(Decided(decode(result.stored), is_repeated=True))
        elif result.verdict is Verdict.CLOCK and this.number < ROUNDS and self._was_held_up(request, result):
            self._attempt(replace(this, number=this.number + 1))
        elif result.verdict is not Verdict.STALE or result.fresh is None:
            this.answer(Undecided(this.asked.presentation.event_id, _CAUSES[result.verdict], result.detail))
        elif this.number >= (MOST_ROUNDS if self._clock.monotonic() < this.answer_by else ROUNDS):
            this.answer(Undecided(this.asked.presentation.event_id, Cause.BACKPRESSURE, "the state kept changing"))
        else:
            self._metrics.stale()
            self._tasks.once("decide_again", self._again(this, request, result.fresh))

    def _was_held_up(self, request: CommitRequest, result: CommitAnswer) -> bool:
        """The commit reached Redis late: not the clocks differ, this process or the network was slow."""
        waited_ms = self._clock.now_ms() - request.now_ms
        return -waited_ms <= int(result.detail) < 0

    async def _again(self, this: _Round, request: CommitRequest, fresh: LiveRead) -> None:
        """Decide again on what the store says is so."""
        asked, view = this.asked, this.view
        site = asked.presentation.site
        self._opened.learn(site, request.guards, fresh.used)
        try:
            if (fresh.plan_version, fresh.circumstances_version) != (view.plan.version, view.circumstances.version):
                view = await self._views.renew(site, view)
            if fresh.keys or _is_outdated(this.found, fresh):
                await self._read(asked)
            else:
                self._caches[site].learn(fresh)
            found = self._found(site, asked.keys)
        except (NotReadyError, StoreAwayError) as trouble:
            this.answer(_undecided(asked, trouble))
        except Exception as fault:  # noqa: BLE001  (whatever went wrong, the lane gets an answer)
            self._fault(asked, view, this.answer, fault)
        else:
            known = _known_after(this, request.guards, fresh)
            self._attempt(replace(known, view=view, found=found, number=this.number + 1))

    async def _read(self, asked: Asked) -> LiveRead:
        """Read every subject the keys lead to now."""
        shown = asked.presentation
        access_point = shown.access_point_id if asked.pin else ""
        fresh = await self._store.read(shown.site, ReadWish(keys=asked.keys, access_point=access_point))
        self._caches[shown.site].learn(fresh)
        return fresh

    def _found(self, site: str, keys: Sequence[str]) -> Found:
        found = self._caches[site].find(keys)
        if found is None:
            raise LookupError("a look-up key leads to a subject without a record")
        return found

    async def _with_pin_verdict(self, asked: Asked) -> Asked:
        """Whoever awaits a second person has given their own PIN before: this one belongs to the card read now."""
        if not asked.pin:
            return asked
        shown = asked.presentation
        own = self._found(shown.site, asked.own_keys)
        holders = [cached.subject_id for cached in own.subjects if cached.subject is not None]
        verdict = await self._pins.check(shown.site, holders, asked.pin) if holders else PinVerdict.UNVERIFIABLE
        if verdict is PinVerdict.DURESS:
            # The decision may yet fail, be lost with the tail of Redis, or be recorded from a spool that knows no PIN.
            self._alarms.duress(shown.site, shown.access_point_id, shown.event_id, asked.seen_at_ms)
        return replace(asked, presentation=replace(shown, pin_verdict=verdict), pin="")

    def _fault(self, asked: Asked, view: SiteView | None, answer: Callable[[Answer], None], fault: Exception) -> None:
        """Unexpected trouble: entries stay closed, exits do not. Recorded like any decision."""
        _log.error("decision_failed", site=asked.presentation.site, **fault_fields(fault))
        shown, now_ms = asked.presentation, self._clock.now_ms()
        live = LiveState()
        decision: Decision = system_fault(shown.access_point_id, view.plan if view else None, now_ms)
        event = decision_event(replace(asked, pin=""), decision, (), live, 0)
        request = CommitRequest(event, event.encode(), now_ms, decision.guards, decision.effects)

        def settle(result: CommitAnswer | StoreAwayError) -> None:
            if isinstance(result, CommitAnswer) and result.verdict is Verdict.REPEATED:
                answer(Decided(decode(result.stored), is_repeated=True))
            elif isinstance(result, CommitAnswer) and result.verdict is Verdict.OK:
                answer(Decided(event))
            else:
                answer(Undecided(shown.event_id, Cause.STORE_AWAY, "the decision failed and could not be recorded"))

        self._store.commit(shown.site, request, settle)


def _live_state(this: _Round, used: frozenset[str]) -> LiveState:
    circumstances = this.view.circumstances
    places = [cached.place() for cached in this.found.subjects]
    return LiveState(
        holds=circumstances.holds,
        holds_version=circumstances.version,
        presences=tuple([presence for presence, _ in places if presence.version]),
        reservations=tuple([kept for _, reservations in places for kept in reservations]),
        occupancy=this.counts,
        used_ids=used,
        stale_sources=circumstances.stale_sources,
        wrong_attempts=this.attempts,
        open_interlock_doors=this.asked.open_interlock_doors,
        threat_levels=circumstances.threat_levels,
        orders=circumstances.orders,
    )


def _guards(this: _Round, decision: Decision, *, all_there: bool) -> Sequence[Guard]:
    """The guards of the judgement, and what it took for granted beside them."""
    guards: Sequence[Guard] = decision.guards
    if this.used:
        # What was read as used is no condition of a refusal.
        guards = [guard for guard in guards if not (isinstance(guard, NotUsed) and guard.used_id in this.used)]
    if not all_there:
        # A removed subject is judged as nobody, as long as it stays removed.
        removed = (cached for cached in this.found.subjects if cached.subject is None)
        guards = [*guards, *(VersionIs(cached.subject_id, cached.version) for cached in removed)]
    return guards


def _known_after(this: _Round, guards: Iterable[Guard], fresh: LiveRead) -> _Round:
    """The round with what was read now beside what rounds before it read.

    A store reads what the guards speak of, and a refusal has no guards on what it refuses for: forgotten, it would be
    asked for anew every other round.
    """
    counts = {area.area_id: area.count for area in this.counts}
    counts.update(fresh.counts)
    asked = {guard.used_id for guard in guards if isinstance(guard, NotUsed | Used)}
    return replace(
        this,
        counts=tuple([AreaCount(area, count) for area, count in counts.items()]),
        used=this.used - asked | fresh.used,
    )


def _is_outdated(found: Found, fresh: LiveRead) -> bool:
    """A record has changed: its subject may not hold the identifier any more."""
    return any(fresh.records.get(c.subject_id, (c.version, b""))[0] != c.version for c in found.subjects)


def _undecided(asked: Asked, trouble: NotReadyError | StoreAwayError) -> Undecided:
    cause = Cause.BACKPRESSURE if isinstance(trouble, StoreBusyError) else Cause.STORE_AWAY
    cause = Cause.NOT_READY if isinstance(trouble, NotReadyError) else cause
    return Undecided(asked.presentation.event_id, cause, str(trouble))


async def decide_once(deciding: Deciding, asked: Asked) -> Answer:
    """`Deciding.decide` for a caller that awaits."""
    future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
    deciding.decide(asked, lambda answer: None if future.done() else future.set_result(answer))
    return await future
