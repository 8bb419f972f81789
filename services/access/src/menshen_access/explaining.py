"""Explaining a decision: what is recorded of it, the decision made again, and what it would be today."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from menshen_rulebook.types import Subject
from menshen_servicekit.clock import Clock

from menshen_access.domain.administration import HoldSet
from menshen_access.domain.circumstances import Circumstances, circumstances_of
from menshen_access.domain.events import DECISIONS, EventKind, EventPayload
from menshen_access.domain.history import RecordedEvent, day_of
from menshen_access.domain.judging import Inputs, identifiers_of
from menshen_access.domain.kept_inputs import kept_circumstances, kept_plan, kept_subject
from menshen_access.domain.rerunning import Rerun, Today, rerun, today
from menshen_access.querying import Querying, Question


class InputArchive(Protocol):
    """What decisions were made on, by version."""

    async def circumstances(self, site: str, version: int) -> bytes:
        """Encoded; no bytes where the version is not kept."""

    async def records(self, site: str, subject_ids: Sequence[str], versions: Sequence[int]) -> Mapping[str, bytes]:
        """By subject id; what is not kept is left out."""

    async def holders(self, site: str, keys: Sequence[str]) -> Sequence[bytes]:
        """The records, as they stand, of those who hold any of these look-up keys."""

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
class Explanation:
    """Every event of an id; of its decision, the centre's before the edge's, the rerun. Both None without a decision.

    `today` is None as well where the event does not hold what was presented.
    """

    events: Sequence[RecordedEvent]
    rerun: Rerun | None = None
    today: Today | None = None


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
        if not decisions:
            return Explanation(events)
        decision = decisions[0]
        inputs = await self._inputs(decision)
        found = rerun(decision.event, inputs)
        return Explanation(events, found, None if inputs.is_deleted else await self._today(decision.event))

    async def _inputs(self, recorded: RecordedEvent) -> Inputs:
        event, site, identity = recorded.event, recorded.site, recorded.event.identity
        deleted = recorded.identity_gone or await self._archive.is_health_deleted(
            site, day_of(event.event_id), event.event_id, int(event.kind)
        )
        if deleted:
            return Inputs(None, {}, None, is_deleted=True)
        plan = await asyncio.to_thread(kept_plan, await self._shelf.plan_of(site, event.core.get("plan_version", 0)))
        ids, versions = identity.get("subject_ids", ()), identity.get("subject_versions", ())
        records = await self._archive.records(site, ids, versions) if ids else {}
        subjects = {one.subject_id: one for one in map(kept_subject, records.values()) if one is not None}
        return Inputs(plan, subjects, await self._circumstances(event))

    async def _circumstances(self, event: EventPayload) -> Circumstances | None:
        """None where the event names no version, or one not kept or not read."""
        version = event.core.get("holds_version")
        encoded = await self._archive.circumstances(event.site, version) if version else b""
        return kept_circumstances(version, encoded)

    async def _today(self, event: EventPayload) -> Today | None:
        if event.kind is not EventKind.CENTRE:
            return None
        _, document = await self._shelf.current_plan(event.site)
        plan = await asyncio.to_thread(kept_plan, document)
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
