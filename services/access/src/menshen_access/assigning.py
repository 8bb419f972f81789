"""Assignments of access levels: to a subject they change its record, to a group the plan."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Protocol

from menshen_rulebook.plan import GroupAssignment, SitePlan, plan_from_mapping
from menshen_rulebook.types import FOREVER_MS
from menshen_servicekit.clock import Clock
from menshen_servicekit.status import DomainError, FieldTrouble, Trouble

from menshen_access.approving_changes import revocation_digest
from menshen_access.domain.administration import Assignment, Deed, PlanChange, is_id
from menshen_access.domain.subject_records import HeldSubject
from menshen_access.guard import UNGUARDED, DecidePlan, Guard, GuardedChange, held
from menshen_access.guarded_refusals import revocation_guarded
from menshen_access.plan_making import plain_plan, plan_change
from menshen_access.planning import Publish

PublishSubjects = Callable[[str, Sequence[HeldSubject]], Awaitable[None]]
"""Brings changed records into force; never fails, because the follower does it again."""

MOST_ON_A_PAGE = 1000


class AssignmentStore(Protocol):
    """Assignments in PostgreSQL, with what follows from them in the same transaction."""

    async def current_plan(self, site: str) -> tuple[int, bytes]:
        """(version, canonical JSON); version 0 and no bytes for a site without a plan."""

    async def assign_subject(self, site: str, assignment: Assignment, deed: Deed) -> HeldSubject | None:
        """Store an assignment of a subject; the subject's new record, None while it is not known here."""

    async def assign_group(
        self, site: str, assignment: Assignment, deed: Deed, decide: Callable[[int, bytes], PlanChange]
    ) -> int:
        """Store an assignment of a group and the plan that carries it; the plan version."""

    async def end_assignment(
        self, site: str, assignment_id: str, deed: Deed, decide: Callable[[Assignment, int, bytes], PlanChange]
    ) -> tuple[Assignment, HeldSubject | None] | None:
        """End an assignment at the deed's instant; None when there is none."""

    async def assignments(self, site: str, after: str, subject_id: str, group: str, limit: int) -> list[Assignment]:
        """By id, after the given one."""

    async def assignment(self, site: str, assignment_id: str) -> Assignment | None:
        """One; None when there is none."""


class Assigning:
    """Assignments of all sites."""

    def __init__(
        self,
        store: AssignmentStore,
        publish_plan: Publish,
        publish_subjects: PublishSubjects,
        clock: Clock,
        new_id: Callable[[], str],
        guard: Guard = UNGUARDED,
    ) -> None:
        self._store = store
        self._guard = guard
        self._publish_plan = publish_plan
        self._publish_subjects = publish_subjects
        self._clock = clock
        self._new_id = new_id

    async def assign(self, site: str, wanted: Assignment, caller: str) -> Assignment:
        """Assign a level; id and grantor are set here. DomainError INVALID names what is wrong."""
        _check(wanted, await self._plan(site))
        assignment = replace(wanted, assignment_id=self._new_id(), grantor=caller, to_ms=wanted.to_ms or FOREVER_MS)
        target = assignment.subject_id or assignment.group
        deed = Deed(site, self._clock.now_ms(), caller, "ASSIGN_LEVEL", target, assignment.reason)
        if assignment.group:
            await self._store.assign_group(site, assignment, deed, lambda v, p: _with(site, v, p, assignment))
            await self._publish_plan(site)
            return assignment
        changed = await self._store.assign_subject(site, assignment, deed)
        await self._publish_subjects(site, [changed] if changed else [])
        return assignment

    async def revoke(self, site: str, assignment_id: str, reason: str, caller: str) -> Assignment:
        """End an assignment now. DomainError NOT_FOUND when there is none of that id, CONFLICT when it is a group's and
        somebody else must approve first. Nobody is asked about a subject's.
        """
        asked = Deed(site, self._clock.now_ms(), caller, "REVOKE_LEVEL", assignment_id, reason)
        seen = await self._admitted(asked)
        deed = replace(asked, at_ms=self._clock.now_ms())
        found = await self._store.end_assignment(
            site, assignment_id, deed, lambda ended, v, p: _without(site, held(seen, v), p, ended, deed.at_ms)
        )
        if found is None:
            raise _unknown()
        ended, changed = found
        if ended.group:
            await self._publish_plan(site)
        else:
            await self._publish_subjects(site, [changed] if changed else [])
        return ended

    async def ending(self, site: str, assignment_id: str) -> DecidePlan:
        """What becomes of the plan when a group's assignment ends; DomainError NOT_FOUND for none, CONFLICT for one
        that is over, and for that of a subject, which nobody else approves.
        """
        found = await self._store.assignment(site, assignment_id) if is_id(assignment_id) else None
        if found is None:
            raise _unknown()
        if not found.group:
            raise DomainError(
                Trouble.CONFLICT,
                "NO_SECOND_APPROVER_NEEDED",
                "撤销个人的授权无须他人批准",
                "the assignment of a single subject is revoked without another's approval",
            )
        if found.to_ms <= self._clock.now_ms():
            raise DomainError(Trouble.CONFLICT, "ASSIGNMENT_OVER", "此授权已经结束", "the assignment is over already")
        return lambda version, plan: _without(site, version, plan, found, self._clock.now_ms())

    async def _admitted(self, deed: Deed) -> int | None:
        site, assignment_id, guard = deed.site, deed.target, self._guard
        found = await self._store.assignment(site, assignment_id) if is_id(assignment_id) else None
        if found is None:
            raise _unknown()
        if not found.group or found.to_ms <= deed.at_ms:
            return None
        digest, refused = revocation_digest(assignment_id), revocation_guarded(assignment_id)
        change = GuardedChange(deed, 0, lambda: guard.approvals(site, digest), {deed.caller}, refused)
        return await guard.admitted(change, await self.ending(site, assignment_id))

    async def page(self, site: str, after: str, subject_id: str, group: str, size: int) -> tuple[list[Assignment], str]:
        """A page and the id to go on after, empty at the end."""
        found = await self._store.assignments(site, after, subject_id, group, size + 1)
        return found[:size], found[size - 1].assignment_id if len(found) > size else ""

    async def _plan(self, site: str) -> SitePlan:
        version, plan = await self._store.current_plan(site)
        return plan_from_mapping(plain_plan(site, version, plan))


def _check(wanted: Assignment, plan: SitePlan) -> None:
    faults: list[FieldTrouble] = []
    if bool(wanted.subject_id) == bool(wanted.group):
        faults.append(FieldTrouble("assignment", "subject_id 与 group 二者择一", "exactly one of subject_id and group"))
    if wanted.access_level not in {level.level_id for level in plan.access_levels}:
        faults.append(
            FieldTrouble("assignment.access_level", "方案中已定义的通行级别", "an access level the plan defines")
        )
    if not wanted.reason.strip():
        faults.append(FieldTrouble("assignment.reason", "授权理由", "a reason"))
    if wanted.from_ms < 0 or (wanted.to_ms and wanted.to_ms <= wanted.from_ms):
        faults.append(FieldTrouble("assignment.to_ms", "晚于 from_ms 的时刻", "an instant later than from_ms"))
    if faults:
        raise DomainError(Trouble.INVALID, "ASSIGNMENT_INVALID", "授权无效", "the assignment is not valid", faults)


def _unknown() -> DomainError:
    return DomainError(Trouble.NOT_FOUND, "ASSIGNMENT_UNKNOWN", "无此授权", "there is no such assignment")


def _with(site: str, version: int, plan: bytes, assignment: Assignment) -> PlanChange:
    current = plan_from_mapping(plain_plan(site, version, plan))
    return plan_change(replace(current, group_assignments=(*current.group_assignments, _group(assignment))))


def _without(site: str, version: int, plan: bytes, ended: Assignment, at_ms: int) -> PlanChange:
    current = plan_from_mapping(plain_plan(site, version, plan))
    gone = _group(ended)
    kept = list(current.group_assignments)
    if gone in kept:
        place = kept.index(gone)
        if at_ms > gone.from_ms:
            kept[place] = replace(gone, to_ms=min(at_ms, gone.to_ms))
        else:
            del kept[place]
    return plan_change(replace(current, group_assignments=tuple(kept)))


def _group(assignment: Assignment) -> GroupAssignment:
    return GroupAssignment(assignment.access_level, assignment.group, assignment.from_ms, assignment.to_ms)
