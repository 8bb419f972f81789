"""Explaining a decision: what is recorded of it, the decision made again, and what it would be today."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Protocol

from menshen_rulebook.plan import SitePlan
from menshen_rulebook.types import Subject
from menshen_servicekit.clock import Clock

from menshen_access.domain.administration import HoldSet
from menshen_access.domain.circumstances import Circumstances, circumstances_of
from menshen_access.domain.decided import with_own_texts
from menshen_access.domain.events import DECISIONS, EventKind, EventPayload
from menshen_access.domain.history import RecordedEvent, day_of
from menshen_access.domain.judging import Inputs, Verdict, identifiers_of
from menshen_access.domain.kept_inputs import kept_circumstances, kept_plan, kept_subject
from menshen_access.domain.rerunning import Rerun, Today, rerun, today
from menshen_access.domain.told_versions import (
    circumstances_version_of,
    is_before_restore,
    plan_version_of,
    subject_versions_of,
)
from menshen_access.querying import Querying, Question


class InputArchive(Protocol):
    """What decisions were made on, by version."""

    async def circumstances(self, site: str, version: int) -> bytes:
        """Encoded; no bytes where the version is not kept."""

    async def records(self, site: str, subject_ids: Sequence[str], versions: Sequence[int]) -> Mapping[str, bytes]:
        """By subject id; what is not kept is left out."""

    async def holders(self, site: str, keys: Sequence[str]) -> Sequence[bytes]:
        """The records, as they stand, of those who hold any of these look-up keys."""

    async def epoch(self, site: str, sequence: int) -> int:
        """The epoch in which an event was recorded; one that a restore began is no lower than its instant."""

    async def is_health_deleted(self, site: str, day: date, event_id: str, kind: int) -> bool:
        """Whether the event had health bytes that are gone."""


class PlanShelf(Protocol):
    """Plans and what holds beside them."""

    async def plan_of(self, site: str, version: int) -> bytes:
        """The plan of a version; no bytes when it is not kept."""

    async def current_plan(self, site: str) -> tuple[int, bytes]:
        """(version, canonical JSON); version 0 and no bytes for a site without a plan."""

    async def current_holds(self, site: str) -> HoldSet:
        """Everything in force."""


@dataclass(frozen=True, slots=True)
class DecisionRerun:
    """One recorded decision, CENTRE or EDGE, made again; `obeyed` is the one the lock obeyed."""

    kind: EventKind
    obeyed: bool
    rerun: Rerun


@dataclass(frozen=True, slots=True)
class Explanation:
    """Every event of an id that is left, and its decisions made again, the centre's before the edge's.

    `is_deleted` where a decision was recorded and is deleted whole.

    `today` is the answer of now in place of the centre's; None as well where that does not hold what was presented.
    """

    events: Sequence[RecordedEvent]
    reruns: Sequence[DecisionRerun] = ()
    today: Today | None = None
    is_deleted: bool = False

    @property
    def rerun(self) -> Rerun | None:
        """That of the first decision; None without one."""
        if self.is_deleted:
            return Rerun(Verdict.DATA_DELETED)
        return self.reruns[0].rerun if self.reruns else None


class Explaining:
    """Explains decisions of all sites."""

    def __init__(self, querying: Querying, archive: InputArchive, shelf: PlanShelf, clock: Clock) -> None:
        self._querying = querying
        self._archive = archive
        self._shelf = shelf
        self._clock = clock

    async def explain(self, question: Question, event_id: str) -> Explanation:
        """DomainError NOT_FOUND when nothing is recorded under the id."""
        events = await self._querying.explained(question, event_id)
        decisions = sorted((e for e in events if e.event.kind in DECISIONS), key=lambda e: e.event.kind)
        obeyed = {e.event.core.get("obeyed") for e in events if e.event.kind is EventKind.ACTED}
        plans, reruns = _Plans(), []
        for decision in decisions:
            found = rerun(decision.event, await self._inputs(decision, plans))
            reruns.append(DecisionRerun(decision.event.kind, decision.event.kind in obeyed, found))
        events = [await self._worded(one, plans) for one in events]
        if not reruns:
            deleted = not events or await self._querying.is_deleted(question.site, event_id)
            return Explanation(events, is_deleted=deleted)
        if reruns[0].rerun.verdict is Verdict.DATA_DELETED:
            return Explanation(events, reruns)
        return Explanation(events, reruns, await self._today(decisions[0].event, plans))

    async def _worded(self, recorded: RecordedEvent, plans: "_Plans") -> RecordedEvent:
        """A gate reports codes alone: the texts its policy has for them come from the plan it decided by."""
        event = recorded.event
        if event.kind is not EventKind.EDGE or "texts" in event.core:
            return recorded
        if is_before_restore(event, await self._archive.epoch(recorded.site, recorded.sequence)):
            return recorded
        plan = await plans.read(await self._shelf.plan_of(recorded.site, plan_version_of(event)))
        return recorded if plan is None else replace(recorded, event=with_own_texts(event, plan))

    async def _inputs(self, recorded: RecordedEvent, plans: "_Plans") -> Inputs:
        event, site = recorded.event, recorded.site
        deleted = recorded.identity_gone or await self._archive.is_health_deleted(
            site, day_of(event.event_id), event.event_id, int(event.kind)
        )
        if deleted:
            return Inputs(None, {}, None, is_deleted=True)
        if is_before_restore(event, await self._archive.epoch(site, recorded.sequence)):
            return Inputs(None, {}, None, is_before_restore=True)
        plan = await plans.read(await self._shelf.plan_of(site, plan_version_of(event)))
        named = subject_versions_of(event)
        records = await self._archive.records(site, *zip(*named, strict=True)) if named else {}
        subjects = {one.subject_id: one for one in map(kept_subject, records.values()) if one is not None}
        return Inputs(plan, subjects, await self._circumstances(event))

    async def _circumstances(self, event: EventPayload) -> Circumstances | None:
        """None where the event names no version, or one not kept or not read."""
        version = circumstances_version_of(event)
        encoded = await self._archive.circumstances(event.site, version) if version else b""
        return kept_circumstances(version, encoded)

    async def _today(self, event: EventPayload, plans: "_Plans") -> Today | None:
        if event.kind is not EventKind.CENTRE:
            return None
        _, document = await self._shelf.current_plan(event.site)
        plan = await plans.read(document)
        if plan is None:
            return None
        circumstances = circumstances_of(event.site, await self._shelf.current_holds(event.site))
        return today(event, plan, await self._holders(event), circumstances, self._clock.now_ms())

    async def _holders(self, event: EventPayload) -> tuple[Subject, ...]:
        """Those the identifiers belong to now, in the order of the identifiers, each once."""
        keys = [identifier.key for identifier in identifiers_of(event)]
        held = map(kept_subject, await self._archive.holders(event.site, keys))
        found = [subject for subject in held if subject is not None]
        return tuple(sorted(found, key=lambda subject: min(keys.index(key) for key in _keys(subject) if key in keys)))


def _keys(subject: Subject) -> list[str]:
    return [identifier.key for credential in subject.credentials for identifier in credential.identifiers]


class _Plans:
    """The plans of one question, each read once: most decisions of an id and the answer of today share theirs."""

    def __init__(self) -> None:
        self._read: dict[bytes, SitePlan | None] = {}

    async def read(self, document: bytes) -> SitePlan | None:
        """As `kept_plan`, apart from the loop on which decisions wait."""
        if document not in self._read:
            self._read[document] = await asyncio.to_thread(kept_plan, document)
        return self._read[document]
