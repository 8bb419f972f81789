"""Events that agents report: what they mean for presence, and their way into the stream. Nothing is decided here."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from menshen_rulebook.decide import decide
from menshen_rulebook.places import path_of, vehicle_path
from menshen_rulebook.plan import SitePlan
from menshen_rulebook.types import (
    Effect,
    LiveState,
    MoveNow,
    OpenReview,
    Outcome,
    RaiseAlarm,
    Reserve,
    Retire,
    Subject,
    UseOnce,
)
from menshen_rulebook.uses import effects_of_use
from menshen_servicekit.clock import Clock
from menshen_servicekit.telemetry import Metrics

from menshen_access.domain.asking import Asked
from menshen_access.domain.events import DECISIONS, EventKind, EventPayload, decode
from menshen_access.domain.reported import Reported, ReportedDecision, reported_event
from menshen_access.domain.store import EventAnswer, Happening, ReadWish, Stored
from menshen_access.ports import DecisionStore
from menshen_access.site_views import SiteViews
from menshen_access.subject_cache import SubjectCache

_VEHICLE = "v:"
_OPENS = frozenset({int(Outcome.GRANT), int(Outcome.GRANT_WITH_REMINDER)})
_KEPT = (UseOnce, Retire, RaiseAlarm)
_OWN_PRESENTATION = frozenset({*DECISIONS, EventKind.ACTED, EventKind.TAKEN, EventKind.NOT_TAKEN})


@dataclass(frozen=True, slots=True)
class Prepared:
    """A report as it is recorded, and what it means for presence."""

    event: EventPayload
    happening: Happening


class EventsIn:
    """Takes what agents report. What cannot be taken now stays in the agent's spool: nobody acknowledged it."""

    def __init__(
        self, store: DecisionStore, views: SiteViews, caches: dict[str, SubjectCache], clock: Clock, metrics: Metrics
    ) -> None:
        self._store = store
        self._views = views
        self._caches = caches
        self._clock = clock
        taken = metrics.counter("events_taken", "Reported events by what became of them", ["stored"])
        self._stored = {stored: taken.labels(stored.name).inc for stored in Stored}
        self._away = taken.labels("AWAY").inc

    def take(self, site: str, agent_id: str, reported: Reported) -> "asyncio.Future[EventAnswer]":
        """Append a report that carries no decision: nothing has to be looked up. The future fails as `receive` does."""
        prepared = self._prepared(site, agent_id, reported, ())
        future = self._store.append(site, prepared.happening, prepared.event)
        future.add_done_callback(lambda done: self._note(site, done))
        return future

    async def receive(self, site: str, agent_id: str, reported: Reported) -> EventAnswer:
        """Append a report from an open stream. Raises NotReadyError or StoreAwayError."""
        prepared = await self.prepare(site, agent_id, reported)
        future = self._store.append(site, prepared.happening, prepared.event)
        future.add_done_callback(lambda done: self._note(site, done))
        return await future

    async def prepare(self, site: str, agent_id: str, reported: Reported) -> Prepared:
        """What a report records and means. For decisions the subjects may be read: errors as with `receive`."""
        effects: tuple[Effect, ...] = ()
        if reported.presentation is not None and reported.decision is not None:
            effects = await self._effects(site, reported.presentation, reported.decision)
        return self._prepared(site, agent_id, reported, effects)

    def _prepared(self, site: str, agent_id: str, reported: Reported, effects: tuple[Effect, ...]) -> Prepared:
        now_ms = self._clock.now_ms()
        flags = ("CLOCK_AHEAD",) if reported.is_ahead(now_ms) else ()
        event = reported_event(site, agent_id, reported, effects, flags)
        happening = Happening(
            reported.event_id,
            reported.kind,
            min(reported.at_ms, now_ms),
            presentation_of(reported),
            reported.obeyed,
            effects,
        )
        return Prepared(event, happening)

    def _note(self, site: str, done: "asyncio.Future[EventAnswer]") -> None:
        if done.cancelled():
            return
        if done.exception() is not None:
            self._away()
            return
        answer = done.result()
        self._stored[answer.stored]()
        if answer.stored is Stored.OK:
            self._caches[site].move(answer.moved)

    async def prepared_events(self, site: str, agent_id: str, reports: Sequence[Reported]) -> list[EventPayload]:
        """The events of `prepare` alone, for uploads: what they mean for presence follows from the history.

        A decision of the centre is recorded as the centre made it while that is still known: the upload may come before
        the recorder, and an agent was told neither what the decision was made on nor what is private.
        """
        asked = [one.event_id for one in reports if one.kind is EventKind.CENTRE]
        made = dict(zip(asked, await self._store.decisions(site, asked), strict=True))
        events: list[EventPayload] = []
        for reported in reports:
            payload = made.get(reported.event_id) if reported.kind is EventKind.CENTRE else None
            event = decode(payload) if payload else None
            if event is None or (event.agent_id, event.spool) != (agent_id, reported.spool):
                event = (await self.prepare(site, agent_id, reported)).event
            events.append(event)
        return events

    async def _effects(self, site: str, asked: Asked, told: ReportedDecision) -> tuple[Effect, ...]:
        """What the rulebook gives for such a decision, held to the outcome and the subjects the agent told."""
        view = await self._views.load(site)
        now_ms = min(told.decided_at_ms or asked.presentation.at_ms, self._clock.now_ms())
        cache = self._caches[site]
        if cache.find(asked.keys) is None:
            cache.learn(await self._store.read(site, ReadWish(keys=asked.keys)))
        found = cache.find(asked.keys)
        subjects = tuple(c.subject for c in found.subjects if c.subject is not None) if found else ()
        shown = asked.presentation
        again = decide(shown, subjects, shown.access_point_id, view.plan, LiveState(), now_ms)
        passages = passage_effects(view.plan, asked, told, now_ms, subjects)
        if int(again.outcome) != told.outcome:
            # What is true now does not undo what was used then.
            return passages + _uses(view.plan, asked, told, subjects, now_ms)
        return passages + tuple(effect for effect in again.effects if isinstance(effect, _KEPT))


def _uses(
    plan: SitePlan, asked: Asked, told: ReportedDecision, subjects: tuple[Subject, ...], now_ms: int
) -> tuple[Effect, ...]:
    """What a reported grant used up of the credentials that were shown."""
    shown = asked.presentation
    point = plan.point(shown.access_point_id, now_ms)
    if point is None or told.outcome not in _OPENS:
        return ()
    return tuple(
        effect
        for subject in subjects
        for credential in subject.credentials
        if any(identifier in shown.identifiers for identifier in credential.identifiers)
        for effect in effects_of_use(subject, credential, now_ms, leads_out=point.leads_out)
    )


def presentation_of(reported: Reported) -> str:
    """The presentation a report belongs to; empty when it moves nobody."""
    if reported.kind in _OWN_PRESENTATION:
        return reported.event_id
    return reported.detail.get("review", "") if reported.kind is EventKind.OPERATED else ""


def passage_effects(
    plan: SitePlan, asked: Asked, told: ReportedDecision, now_ms: int, known: Sequence[Subject] = ()
) -> tuple[Effect, ...]:
    """The passages a decision opens for its subjects; none for an access point the plan does not know.

    `known` are the records of those subjects, so far as they are held.
    """
    shown = asked.presentation
    point = plan.point(shown.access_point_id, now_ms)
    if point is None:
        return ()
    access_point = point.access_point
    name = access_point.access_point_id
    paths = {subject.subject_id: path_of(point.to_path, subject) for subject in known}
    came = [(one, paths.get(one) or _path_of_unknown(one, point.to_path)) for one in told.subject_ids]
    passages: tuple[Reserve | MoveNow, ...]
    if access_point.senses_passage:
        expires_at_ms = told.grant_expires_at_ms or now_ms + access_point.grant_ms
        passages = tuple(Reserve(subject_id, path, name, expires_at_ms) for subject_id, path in came)
    else:
        passages = tuple(MoveNow(one, path, name, shown.at_ms, shown.event_id) for one, path in came)
    if told.outcome in _OPENS:
        return passages
    if told.outcome == Outcome.MANUAL_REVIEW:
        return (OpenReview(None, passages),)
    return ()


def _path_of_unknown(subject_id: str, areas: tuple[str, ...]) -> tuple[str, ...]:
    return vehicle_path(areas) if subject_id.startswith(_VEHICLE) else areas


def held_to(asked: Asked, now_ms: int) -> Asked:
    """The same presentation with a time that can be true; what looked wrong is flagged."""
    shown, flags = asked.presentation, asked.flags
    if shown.at_ms <= now_ms:
        return asked
    if shown.at_ms > now_ms + asked.clock_error_ms + 1_000:
        flags = (*flags, "CLOCK_AHEAD")
    return replace(asked, presentation=replace(shown, at_ms=now_ms), flags=flags)
