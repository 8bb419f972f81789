"""Judging recorded decisions: stored bytes in, counts and differences out.

A page goes in with `read`, which answers what it needs that is not at hand; `judge` takes that and goes as far as the
plans at hand reach. Whatever is kept from page to page is bounded.
"""

import json
from collections import OrderedDict, deque
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Final, Generic, NamedTuple, TypeVar

from menshen_rulebook.plan import SitePlan, plan_from_mapping
from menshen_rulebook.policy import Policy
from menshen_rulebook.types import Subject

from menshen_access.domain.circumstances import Circumstances
from menshen_access.domain.events import EventPayload
from menshen_access.domain.judging import Inputs, judge, plan_under
from menshen_access.domain.kept_inputs import kept_circumstances, kept_plan, kept_subject
from menshen_access.domain.replayed import Differing, ReplayTally
from menshen_access.domain.told_versions import (
    circumstances_version_of,
    is_before_restore,
    plan_version_of,
    subject_versions_of,
)

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

MOST_PLANS: Final = 4
MOST_SUBJECTS: Final = 20_000
MOST_CIRCUMSTANCES: Final = 500

SubjectVersion = tuple[str, int]


class Stored(NamedTuple):
    """A recorded decision as it is stored, and the epoch of its record; `is_deleted` where bytes of it are gone."""

    sequence: int
    kind: int
    core: bytes
    identity: bytes | None
    health: bytes | None
    is_deleted: bool
    epoch: int = 1


class Wanted(NamedTuple):
    """Versions that a page names and that are not at hand; the device time of its last decision."""

    subjects: Sequence[SubjectVersion] = ()
    circumstances: Sequence[int] = ()
    at_ms: int = 0


class Step(NamedTuple):
    """What came out since the last step. `plan` is the version to go on with, None when the page is done."""

    differing: Sequence[Differing]
    plan: int | None


class NotBegunError(LookupError):
    """The process is not the one that the replay was begun in."""


class Recent(Generic[K, V]):
    """The values used last, at most `most`."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._held: OrderedDict[K, V] = OrderedDict()

    def __contains__(self, key: K) -> bool:
        return key in self._held

    def __getitem__(self, key: K) -> V:
        self._held.move_to_end(key)
        return self._held[key]

    def put(self, key: K, value: V) -> V:
        """Hold a value; the one not used for longest goes."""
        self._held[key] = value
        if len(self._held) > self._most:
            self._held.popitem(last=False)
        return value


class Judging:
    """One replay: every decision by the plan it names, or by that plan under another policy."""

    def __init__(self, policy: Policy | None) -> None:
        self.tally = ReplayTally()
        self._policy = policy
        self._plans: Recent[int, SitePlan | None] = Recent(MOST_PLANS)
        self._subjects: Recent[SubjectVersion, Subject | None] = Recent(MOST_SUBJECTS)
        self._circumstances: Recent[int, Circumstances | None] = Recent(MOST_CIRCUMSTANCES)
        self._page: deque[tuple[Stored, EventPayload]] = deque()
        self._of_page: dict[SubjectVersion, Subject | None] = {}
        self._held_of_page: dict[int, Circumstances | None] = {}

    def read(self, page: Iterable[Stored]) -> Wanted:
        """Take the next page, in sequence."""
        self._page.extend((stored, _event(stored)) for stored in page)
        named = {one for stored, event in self._page if not stored.is_deleted for one in subject_versions_of(event)}
        versions = {version for _, event in self._page if (version := circumstances_version_of(event))}
        self._of_page = {one: self._subjects[one] for one in named if one in self._subjects}
        self._held_of_page = {one: self._circumstances[one] for one in versions if one in self._circumstances}
        at_ms = int(self._page[-1][1].core["at_ms"]) if self._page else 0
        return Wanted(sorted(named - self._of_page.keys()), sorted(versions - self._held_of_page.keys()), at_ms)

    def judge(
        self,
        records: Mapping[SubjectVersion, bytes],
        circumstances: Mapping[int, bytes],
        wanted: Wanted,
        plan: tuple[int, bytes] | None,
    ) -> Step:
        """Go on with what was wanted, where it is kept, and with a plan."""
        for one in wanted.subjects:
            self._of_page[one] = self._subjects.put(one, kept_subject(records.get(one, b"")))
        for version in wanted.circumstances:
            held = kept_circumstances(version, circumstances.get(version, b""))
            self._held_of_page[version] = self._circumstances.put(version, held)
        if plan is not None:
            self._plans.put(plan[0], self._asked(kept_plan(plan[1])))
        found: list[Differing] = []
        while self._page:
            stored, event = self._page[0]
            version = 0 if stored.is_deleted else plan_version_of(event)
            if version and version not in self._plans:
                return Step(found, version)
            self._page.popleft()
            differing = self._judged(stored, event, self._plans[version] if version else None)
            if differing is not None:
                found.append(differing)
        return Step(found, None)

    def _asked(self, plan: SitePlan | None) -> SitePlan | None:
        return plan if plan is None or self._policy is None else plan_under(plan, self._policy)

    def _judged(self, stored: Stored, event: EventPayload, plan: SitePlan | None) -> Differing | None:
        try:
            judged = judge(event, self._inputs(stored, event, plan), other_policy=self._policy is not None)
            return self.tally.add(stored.sequence, event, judged)
        except Exception:  # noqa: BLE001  (whatever is wrong with it, it is counted as one that could not be judged)
            # An agent's report may lack what every decision has; one such event ends no replay.
            self.tally.add_unreadable(stored.kind)
            return None

    def _inputs(self, stored: Stored, event: EventPayload, plan: SitePlan | None) -> Inputs:
        if stored.is_deleted:
            return Inputs(None, {}, None, is_deleted=True)
        if is_before_restore(event, stored.epoch):
            return Inputs(None, {}, None, is_before_restore=True)
        subjects = {
            one[0]: known for one in subject_versions_of(event) if (known := self._of_page.get(one)) is not None
        }
        version = circumstances_version_of(event)
        held = self._held_of_page.get(version) if version else kept_circumstances(version, b"")
        return Inputs(plan, subjects, held)


def _event(stored: Stored) -> EventPayload:
    identity = json.loads(stored.identity) if stored.identity is not None else {}
    return EventPayload(json.loads(stored.core), identity, json.loads(stored.health) if stored.health else {})


def judging_by(plan: bytes, policy_version: int) -> Judging:
    """By the policies that were in force; with a version by that policy, which the plan given holds."""
    policies = plan_from_mapping(json.loads(plan)).policies if policy_version else ()
    return Judging(next((one for one in policies if one.version == policy_version), None))
