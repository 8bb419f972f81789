"""What documents make of plans: policies and plans read, checked and put together, nothing stored.

All of it may be called in a process apart: reading a plan takes longer than a decision may wait.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple, TypeVar

from menshen_rulebook.analysis import Supply
from menshen_rulebook.mapping import DocumentInvalidError
from menshen_rulebook.plan import SitePlan, plan_from_mapping, plan_to_json
from menshen_rulebook.policy import Policy, parse_policy
from menshen_servicekit.status import DomainError, FieldTrouble, Trouble, counted

from menshen_access.domain.administration import PlanChange
from menshen_access.domain.policy_life import Outline
from menshen_access.plan_documents import (
    Document,
    DocumentFaultyError,
    LineFault,
    in_document,
    merge,
    read_document,
)
from menshen_access.policy_checks import LineFinding, PolicyCheck, check_policy

T = TypeVar("T")


class Standing(NamedTuple):
    """The plan of a site as it is stored: canonical JSON, no bytes with version 0."""

    site: str
    version: int
    plan: bytes


def plan_change(plan: SitePlan) -> PlanChange:
    """The plan as it is stored."""
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


def plan_with(standing: Standing, document: Document, policy: Policy) -> SitePlan:
    """The next version of the plan with the policy added; DomainError INVALID for what the plan does not know."""
    return _refused(lambda: _grown(standing, document, policy))


def scheduled_plan(site: str, version: int, plan: bytes, text: str, from_ms: int) -> SitePlan:
    """The next version of the plan with a policy document in force from an instant on; DomainError INVALID for what it
    does not know.
    """
    document = document_of(text)
    policy = replace(policy_of(document), from_ms=from_ms)
    return plan_with(Standing(site, version, plan), document, policy)


def policy_checked(standing: Standing, text: str, supply: Supply | None, now_ms: int) -> PolicyCheck:
    """Every fault of a policy document, or every finding about it as the plan stands.

    Without a `supply` nothing is said about facts.
    """
    try:
        document = read_document(text)
        made = _grown(standing, document, _policy(document))
    except DocumentFaultyError as faulty:
        return PolicyCheck(faults=faulty.faults)
    return PolicyCheck(findings=findings_of(standing, document, made, supply, now_ms))


def findings_of(
    standing: Standing, document: Document, made: SitePlan, supply: Supply | None, now_ms: int
) -> tuple[LineFinding, ...]:
    """What a policy document brings about in the plan that was made with it."""
    return check_policy(plan_from_mapping(plain_plan(*standing)), made, document, supply, now_ms)


def plan_without(site: str, version: int, plan: bytes, policy_version: int) -> SitePlan:
    """The next version of the plan without a policy."""
    plain = plain_plan(site, version, plan)
    kept = [policy for policy in plain.get("policies", []) if policy["version"] != policy_version]
    return plan_from_mapping({**plain, "policies": kept})


def outline_of(text: str) -> Outline:
    """What a document says of itself, as far as it can be read; DomainError INVALID when it is none."""
    document = document_of(text)
    try:
        return Outline.of(parse_policy(document.plain))
    except DocumentInvalidError:
        return Outline()


def _grown(standing: Standing, document: Document, policy: Policy) -> SitePlan:
    current = plan_from_mapping(plain_plan(*standing))
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


def _without_prefix(invalid: DocumentInvalidError, prefix: str) -> DocumentInvalidError:
    return DocumentInvalidError(
        replace(fault, path=fault.path.removeprefix(prefix).lstrip(".")) for fault in invalid.faults
    )


def policy_of(document: Document) -> Policy:
    """The policy that a document is; DomainError INVALID with every fault."""
    return _refused(lambda: _policy(document))


def _policy(document: Document) -> Policy:
    try:
        return parse_policy(document.plain)
    except DocumentInvalidError as invalid:
        raise document.faulty(invalid) from None


def document_of(text: str) -> Document:
    """The document that a text is; DomainError INVALID when it is none."""
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
