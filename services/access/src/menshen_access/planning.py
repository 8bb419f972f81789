"""Plans and policies: documents become plan versions, all or nothing, in PostgreSQL before anywhere else."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, Protocol, TypeVar

from menshen_rulebook.analysis import Supply
from menshen_rulebook.mapping import DocumentInvalidError
from menshen_rulebook.plan import SitePlan, plan_from_mapping, plan_to_json
from menshen_rulebook.policy import Policy, parse_policy
from menshen_servicekit.clock import Clock
from menshen_servicekit.status import DomainError, FieldTrouble, Trouble, counted

from menshen_access.approving_changes import plan_digest
from menshen_access.domain.administration import Deed, PlanChange, PolicyChange
from menshen_access.domain.policy_life import Deliberation, Outline, PolicyAct, StoredPolicy, begun, take
from menshen_access.guard import UNGUARDED, DecidePlan, Guard, GuardedChange, approved_by, held
from menshen_access.guarded_refusals import activation_guarded, plan_guarded
from menshen_access.plan_documents import (
    Document,
    DocumentFaultyError,
    LineFault,
    in_document,
    merge,
    read_document,
)
from menshen_access.policy_checks import PLAN_UNFIT, LineFinding, PolicyCheck, check_plan, check_policy, refuse_errors

T = TypeVar("T")

Publish = Callable[[str], Awaitable[None]]
"""Brings the documents of a site into force; never fails, because the follower does it again."""


class PlanStore(Protocol):
    """Plan versions and policies in PostgreSQL."""

    async def current_plan(self, site: str) -> tuple[int, bytes]:
        """(version, canonical JSON); version 0 and no bytes for a site without a plan."""

    async def change_plan(self, site: str, deed: Deed, decide: Callable[[int, bytes], PlanChange]) -> int:
        """Put what `decide(version, document)` makes of the current plan in its place; the new version."""


class Planning:
    """Plans and policies of all sites."""

    def __init__(
        self,
        store: PlanStore,
        publish: Publish,
        clock: Clock,
        new_id: Callable[[], str],
        guard: Guard = UNGUARDED,
    ) -> None:
        self.guard = guard
        self._store = store
        self._publish = publish
        self._clock = clock
        self._new_id = new_id

    async def put_plan(self, site: str, text: str, expected_version: int, reason: str, caller: str) -> int:
        """Create or replace the entities a document names; the version.

        DomainError INVALID lists every fault, or every error that the document would bring about: an area that people
        enter and cannot leave is refused whoever asks for it. CONFLICT when somebody else must approve it first.
        """
        made = self.putting(site, text)
        digest = plan_digest(text)

        def decide(version: int, plan: bytes) -> PlanChange:
            if expected_version and expected_version != version:
                raise _moved_on(expected_version, version)
            return made(version, plan)

        guard = self.guard
        asked = self._deed(site, caller, "PUT_PLAN", "", reason)
        change = GuardedChange(asked, 0, lambda: guard.approvals(site, digest), {caller}, plan_guarded(digest))
        seen = await guard.admitted(change, decide)
        deed = replace(asked, at_ms=self._clock.now_ms())
        version = await self._store.change_plan(site, deed, lambda version, plan: decide(held(seen, version), plan))
        await self._publish(site)
        return version

    def putting(self, site: str, text: str) -> DecidePlan:
        """What becomes of a plan when a document is put; DomainError INVALID with every fault."""
        document = _read(text)

        def decide(version: int, plan: bytes) -> PlanChange:
            made, places = merged_plan(site, version, plan, document)
            standing = plan_from_mapping(plain_plan(site, version, plan))
            refuse_errors(check_plan(standing, made, document, places, self._clock.now_ms()), PLAN_UNFIT)
            return plan_change(made)

        return decide

    async def get_plan(self, site: str) -> tuple[int, bytes]:
        """(version, canonical JSON); DomainError NOT_FOUND for a site without a plan."""
        version, plan = await self._store.current_plan(site)
        if not version:
            raise DomainError(Trouble.NOT_FOUND, "PLAN_UNKNOWN", "该校区尚无方案", "the site has no plan yet")
        return version, plan

    async def validate_policy(self, site: str, text: str, supply: Supply | None = None) -> PolicyCheck:
        """Every fault of a policy document, or every finding about it as the plan stands; changes nothing.

        Without a `supply` nothing is said about facts.
        """
        version, plan = await self._store.current_plan(site)
        try:
            document = read_document(text)
            made = with_policy(site, version, plan, document, _policy(document))
        except DocumentFaultyError as faulty:
            return PolicyCheck(faults=faulty.faults)
        return PolicyCheck(findings=self._findings(site, version, plan, document, made, supply))

    async def activate_policy(self, site: str, text: str, from_ms: int, reason: str, caller: str) -> StoredPolicy:
        """Store a policy that takes force at `from_ms`; 0: now, or at the document's own instant if that is later.

        DomainError INVALID lists every fault, or every error the policy would bring about; CONFLICT where it takes
        access from so many that one operator does not do it.
        """
        document = _read(text)
        stored: list[StoredPolicy] = []
        # Made here: the guard decides in a thread, and ids are not made in two at once.
        policy_id = self._new_id()
        asked = self._deed(site, caller, "ACTIVATE_POLICY", "", reason)

        def decide(version: int, plan: bytes) -> PlanChange:
            given = _refused(lambda: _policy(document))
            policy = replace(given, from_ms=from_ms or max(self._clock.now_ms(), given.from_ms))
            made = _refused(lambda: with_policy(site, version, plan, document, policy))
            refuse_errors(self._findings(site, version, plan, document, made, None))
            by = Deliberation(caller, self._clock.now_ms(), reason)
            activated = self._activated(policy_id, policy, text, by, made.version)
            stored.append(activated.policy)
            return replace(plan_change(made), policy=activated)

        start_ms = from_ms or _refused(lambda: _policy(document)).from_ms
        change = GuardedChange(asked, start_ms, approved_by, (), activation_guarded)
        seen = await self.guard.admitted(change, decide)
        deed = replace(asked, at_ms=self._clock.now_ms())
        await self._store.change_plan(site, deed, lambda version, plan: decide(held(seen, version), plan))
        await self._publish(site)
        return stored[-1]

    def _findings(
        self, site: str, version: int, plan: bytes, document: Document, made: SitePlan, supply: Supply | None
    ) -> tuple[LineFinding, ...]:
        standing = plan_from_mapping(plain_plan(site, version, plan))
        return check_policy(standing, made, document, supply, self._clock.now_ms())

    def _activated(
        self, policy_id: str, policy: Policy, text: str, by: Deliberation, plan_version: int
    ) -> PolicyChange:
        given = replace(begun(policy_id, text, Outline.of(policy), by.who), plan_version=plan_version)
        return PolicyChange(*take(replace(given, writers=frozenset({by.who})), PolicyAct.ACTIVATE, by))

    def _deed(self, site: str, caller: str, action: str, target: str, reason: str) -> Deed:
        return Deed(site, self._clock.now_ms(), caller, action, target, reason)


def plan_change(plan: SitePlan) -> PlanChange:
    return PlanChange(plan.version, plan_to_json(plan))


def plain_plan(site: str, version: int, plan: bytes) -> dict[str, Any]:
    """The current plan as a mapping, under the next version."""
    plain: dict[str, Any] = json.loads(plan) if plan else {}
    return {**plain, "site": site, "version": version + 1}


def merged_plan(
    site: str, version: int, plan: bytes, document: Document
) -> tuple[SitePlan, dict[tuple[str, int], int]]:
    """The next version of the plan, and the document's places as `merge` gives them; DomainError INVALID with every
    fault.
    """

    def build() -> tuple[SitePlan, dict[tuple[str, int], int]]:
        merged, places, faults = merge(plain_plan(site, version, plan), document)
        try:
            made = plan_from_mapping(merged)
        except DocumentInvalidError as invalid:
            raise DocumentFaultyError([*faults, *document.faulty(in_document(invalid, places)).faults]) from None
        if faults:
            raise DocumentFaultyError(faults)
        return made, places

    return _refused(build)


def with_policy(site: str, version: int, plan: bytes, document: Document, policy: Policy) -> SitePlan:
    """The next version of the plan with the policy added; DocumentFaultyError for what the plan does not know."""
    current = plan_from_mapping(plain_plan(site, version, plan))
    own: list[LineFault] = []
    if any(known.version == policy.version for known in current.policies):
        own.append(
            LineFault("version", document.lines.get("version", 0), "尚未使用过的版本号", "a version not used before")
        )
    grown = replace(current, policies=(*current.policies, policy))
    try:
        made = plan_from_mapping(json.loads(plan_to_json(grown)))
    except DocumentInvalidError as invalid:
        found = document.faulty(_without_prefix(invalid, f"policies[{len(current.policies)}]")).faults
        raise DocumentFaultyError([*own, *found]) from None
    if own:
        raise DocumentFaultyError(own)
    return made


def scheduled_plan(site: str, version: int, plan: bytes, text: str, from_ms: int) -> SitePlan:
    """The next version of the plan with a policy document in force from an instant on; DomainError INVALID for what it
    does not know.
    """
    document = _read(text)
    policy = replace(_refused(lambda: _policy(document)), from_ms=from_ms)
    return _refused(lambda: with_policy(site, version, plan, document, policy))


def plan_without(site: str, version: int, plan: bytes, policy_version: int) -> SitePlan:
    """The next version of the plan without a policy."""
    plain = plain_plan(site, version, plan)
    kept = [policy for policy in plain.get("policies", []) if policy["version"] != policy_version]
    return plan_from_mapping({**plain, "policies": kept})


def outline_of(text: str) -> Outline:
    """What a document says of itself, as far as it can be read; DomainError INVALID when it is none."""
    document = _read(text)
    try:
        return Outline.of(parse_policy(document.plain))
    except DocumentInvalidError:
        return Outline()


def _without_prefix(invalid: DocumentInvalidError, prefix: str) -> DocumentInvalidError:
    return DocumentInvalidError(
        replace(fault, path=fault.path.removeprefix(prefix).lstrip(".")) for fault in invalid.faults
    )


def _policy(document: Document) -> Policy:
    try:
        return parse_policy(document.plain)
    except DocumentInvalidError as invalid:
        raise document.faulty(invalid) from None


def _read(text: str) -> Document:
    return _refused(lambda: read_document(text))


def _refused(build: Callable[[], T]) -> T:
    try:
        return build()
    except DocumentFaultyError as faulty:
        raise refusal_of(faulty) from None


def refusal_of(faulty: DocumentFaultyError) -> DomainError:
    """INVALID with a field per fault: its path, its line and what was expected there."""
    fields = [
        FieldTrouble(
            fault.path,
            f"第 {fault.line} 行：应为{fault.expected_zh}" if fault.line else f"应为{fault.expected_zh}",
            f"line {fault.line}: expected {fault.expected_en}" if fault.line else f"expected {fault.expected_en}",
        )
        for fault in faulty.faults
    ]
    first = fields[0]
    where, count = first.path or "-", counted(len(fields), "fault")
    return DomainError(
        Trouble.INVALID,
        "DOCUMENT_INVALID",
        f"文档有 {len(fields)} 处错误，未作任何更改；首处 {where}：{first.message_zh}",
        f"the document has {count}, nothing was changed; the first at {where}: {first.message_en}",
        fields,
    )


def _moved_on(expected: int, version: int) -> DomainError:
    return DomainError(
        Trouble.STALE,
        "PLAN_MOVED_ON",
        f"方案已是版本 {version}，修改基于版本 {expected}",
        f"the plan is at version {version}, the change was made on {expected}",
    )
