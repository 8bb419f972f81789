"""The work of shadows, done in a process of its own: pages of the history in, counts and differences out."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Final

from menshen_rulebook.plan import SitePlan
from menshen_rulebook.policy import Policy, parse_policy
from menshen_rulebook.types import Subject

from menshen_access.domain.circumstances import Circumstances
from menshen_access.domain.events import EventPayload
from menshen_access.domain.history import day_of
from menshen_access.domain.judging import Answer, Inputs, Verdict, judge, plan_under, recorded_answer
from menshen_access.domain.kept_inputs import kept_circumstances, kept_plan, kept_subject
from menshen_access.domain.shadows import (
    Count,
    CountKey,
    Differing,
    KeptVersions,
    PageRow,
    ShadowState,
    Stride,
    Terms,
    Versions,
)
from menshen_access.domain.told_versions import (
    circumstances_version_of,
    is_before_restore,
    plan_version_of,
    subject_versions_of,
    version_of,
)
from menshen_access.plan_documents import read_document

_UNJUDGED: Final = Answer(0, "")
_PLANS_HELD: Final = 8


def versions_named(rows: Sequence[PageRow]) -> Versions:
    """What the decisions of a page were made on."""
    plans: set[int] = set()
    circumstances: set[int] = set()
    records: set[tuple[str, int]] = set()
    for _, event in _decisions(rows):
        plans.add(plan_version_of(event))
        circumstances.add(circumstances_version_of(event) or 0)
        records.update(subject_versions_of(event))
    return Versions(sorted(plans), sorted(circumstances), sorted(records))


def stride(rows: Sequence[PageRow], kept: KeptVersions, terms: Terms) -> Stride:
    """Judge a page, which is not empty, as far as the shadow goes."""
    held, state = _up_to_the_end(rows, terms)
    if state is not ShadowState.RUNNING and not held:
        return Stride(rows[0].sequence - 1, state)
    decided: Counter[CountKey] = Counter()
    differing: list[Differing] = []
    read = _Kept(kept, terms)
    for row, event in _decisions(held):
        then, under = _judged(row, event, read)
        decided[CountKey(_point(event), then.outcome, under.outcome)] += 1
        if under not in (_UNJUDGED, then):
            differing.append(_difference(row, event, then, under))
    often = Counter(CountKey(one.access_point, one.outcome, one.outcome_under) for one in differing)
    counts = {key: Count(number, often[key]) for key, number in decided.items()}
    return Stride(held[-1].sequence, state, counts, differing)


class _Kept:
    """What a page was made on, read; the plans are under the policy of the shadow."""

    def __init__(self, kept: KeptVersions, terms: Terms) -> None:
        self._kept = kept
        self._terms = terms
        self._subjects: dict[tuple[str, int], Subject | None] = {}
        self._circumstances: dict[int | None, Circumstances | None] = {}

    def inputs(self, row: PageRow, event: EventPayload) -> Inputs:
        if row.is_deleted:
            return Inputs(None, {}, None, is_deleted=True)
        if is_before_restore(event, row.epoch):
            return Inputs(None, {}, None, is_before_restore=True)
        plan = self._kept.plans.get(plan_version_of(event))
        found = {subject_id: self._subject(subject_id, version) for subject_id, version in subject_versions_of(event)}
        return Inputs(
            _plan_under(plan, self._terms.document) if plan else None,
            {subject_id: subject for subject_id, subject in found.items() if subject is not None},
            self._circumstances_of(circumstances_version_of(event)),
        )

    def _subject(self, subject_id: str, version: int) -> Subject | None:
        key = (subject_id, version)
        if key not in self._subjects:
            self._subjects[key] = kept_subject(self._kept.records.get(key, b""))
        return self._subjects[key]

    def _circumstances_of(self, version: int | None) -> Circumstances | None:
        if version not in self._circumstances:
            self._circumstances[version] = kept_circumstances(version, self._kept.circumstances.get(version or 0, b""))
        return self._circumstances[version]


def _up_to_the_end(rows: Sequence[PageRow], terms: Terms) -> tuple[Sequence[PageRow], ShadowState]:
    for place, row in enumerate(rows):
        if row.recorded_at_ms >= terms.ends_at_ms:
            return rows[:place], ShadowState.OVER
        if terms.in_force and row.core is not None and _policy_version(row.core) == terms.in_force:
            return rows[:place], ShadowState.IN_FORCE
    return rows, ShadowState.RUNNING


def _policy_version(core: bytes) -> int:
    return version_of(json.loads(core).get("policy_version"))


def _decisions(rows: Iterable[PageRow]) -> Iterator[tuple[PageRow, EventPayload]]:
    for row in rows:
        if row.core is not None:
            identity, health = (json.loads(part) if part is not None else {} for part in (row.identity, row.health))
            yield row, EventPayload(json.loads(row.core), identity, health)


def _judged(row: PageRow, event: EventPayload, read: _Kept) -> tuple[Answer, Answer]:
    """What was answered, and what would be. One event that nobody can read keeps none of the others from being read."""
    then = Answer(int(event.core.get("outcome", 0)), "")
    try:
        then = recorded_answer(event)
        found = judge(event, read.inputs(row, event), other_policy=True)
    except Exception:  # noqa: BLE001  (whatever is wrong with it, it is counted as one that could not be judged)
        return then, _UNJUDGED
    judged = found.verdict in (Verdict.REPRODUCED, Verdict.DIFFERS)
    return then, found.again if judged and found.again is not None else _UNJUDGED


def _difference(row: PageRow, event: EventPayload, then: Answer, under: Answer) -> Differing:
    event_id, at_ms = event.event_id, event.core["at_ms"]
    return Differing(row.sequence, day_of(event_id), event_id, int(event.kind), _point(event), at_ms, *then, *under)


def _point(event: EventPayload) -> str:
    return str(event.core.get("access_point", ""))


@lru_cache(maxsize=_PLANS_HELD)
def _plan_under(plan: bytes, document: str) -> SitePlan | None:
    read = kept_plan(plan)
    return plan_under(read, _policy(document)) if read is not None else None


@lru_cache(maxsize=_PLANS_HELD)
def _policy(document: str) -> Policy:
    return parse_policy(read_document(document).plain)
