"""What a person reads when a change takes access from so many that somebody else must approve it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from menshen_servicekit.status import DomainError, Trouble

from menshen_access.domain.guarded_change import Bound, Loss, LossCount

Refuse = Callable[[Loss, Bound], DomainError]

CODE: Final = "SECOND_APPROVER_NEEDED"
_POINTS_NAMED: Final = 3
_RULES_ZH: Final = {
    "occupancy": "人数上限",
    "parking": "车位",
    "anti_passback": "防反潜回",
    "interlock": "互锁",
    "first_person": "首人规则",
    "company": "同行规则",
    "drivers": "驾驶人核对",
}
_RULES_EN: Final = {
    "occupancy": "the limit",
    "parking": "the places",
    "anti_passback": "the anti-passback",
    "interlock": "the interlock",
    "first_person": "the first person",
    "company": "the company",
    "drivers": "the check of drivers",
}


def policy_guarded(loss: Loss, bound: Bound) -> DomainError:
    """An approved policy that nobody has approved for the second time."""
    return _guarded(
        loss,
        bound,
        "须由另一人第二次批准；该人不得参与起草，不得是首位批准人，也不得是排定人",
        "a second person must approve it, who wrote no part of it, is not the first approver and does not schedule it",
    )


def activation_guarded(loss: Loss, bound: Bound) -> DomainError:
    """A policy that one operator would activate alone."""
    return _guarded(
        loss,
        bound,
        "不能由一人直接启用：请起草、检查，由另一人批准、再由第三人第二次批准后排定",
        "it is not activated by one operator: draft it, check it, have two others approve it, then schedule it",
    )


def plan_guarded(sha256: bytes) -> Refuse:
    """A plan document that nobody else has approved."""
    return lambda loss, bound: _guarded(
        loss,
        bound,
        f"须由另一人在 24 小时内批准同一份文档（SHA-256 {sha256.hex()}），之后再次提交",
        f"have somebody else approve this very document (SHA-256 {sha256.hex()}), then put it again within 24 h",
    )


def revocation_guarded(assignment_id: str) -> Refuse:
    """The end of a group's assignment that nobody else has approved."""
    return lambda loss, bound: _guarded(
        loss,
        bound,
        f"须由另一人在 24 小时内批准撤销授权 {assignment_id}，之后再次撤销",
        f"have somebody else approve the revocation of {assignment_id}, then revoke it again within 24 h",
    )


def removal_guarded(policy_id: str) -> Refuse:
    """Taking a policy out of the plan, which nobody else has approved."""
    return lambda loss, bound: _guarded(
        loss,
        bound,
        f"须由另一人在 24 小时内批准撤出策略 {policy_id}，之后再次撤出",
        f"have somebody else approve that {policy_id} leaves the plan, then ask again within 24 h",
    )


def nobody_needed(loss: Loss, bound: Bound) -> DomainError:
    """An approval of what needs none."""
    return DomainError(
        Trouble.CONFLICT,
        "NO_SECOND_APPROVER_NEEDED",
        f"{_zh(loss)}，未超过界限（{bound.share_percent}%），无须他人批准",
        f"{_en(loss)}: within the bound of {bound.share_percent} %, nobody else needs to approve it",
    )


def _guarded(loss: Loss, bound: Bound, zh: str, en: str) -> DomainError:
    if not loss.is_computed:
        return DomainError(
            Trouble.CONFLICT,
            CODE,
            f"未能核算此变更将使谁失去通行（超时、出错，或其后需另行核算的周次超过四个），按超过界限处理：{zh}",
            "whom this takes access from could not be computed (it took too long, failed, or needs more than four "
            f"later weeks), so it counts as more than the bound: {en}",
        )
    share = bound.share_percent
    if not bound.exceeded_by(replace(loss, unseen=())):
        return DomainError(Trouble.CONFLICT, CODE, f"{_zh(loss)}：{zh}", f"{_en(loss)}: {en}")
    return DomainError(
        Trouble.CONFLICT, CODE, f"{_zh(loss)}，超过 {share}%：{zh}", f"{_en(loss)}, more than {share} %: {en}"
    )


def _zh(loss: Loss) -> str:
    points = "、".join(f"{one.access_point}（{one.losing}）" for one in loss.points[:_POINTS_NAMED])
    where = f"，涉及最多的通行点：{points}" if points else ""
    unseen = "、".join(f"{place} 的{_RULES_ZH[rule]}（{value}）" for rule, place, value in loss.unseen)
    told = f"；无法预先核算的还有：{unseen}将拒绝谁" if unseen else ""
    return f"现可通行的 {_of(loss.people, '/')} 人、{_of(loss.vehicles, '/')} 辆车将失去某处通行{where}{told}"


def _en(loss: Loss) -> str:
    points = ", ".join(f"{one.access_point} ({one.losing})" for one in loss.points[:_POINTS_NAMED])
    where = f", most at {points}" if points else ""
    unseen = ", ".join(f"{_RULES_EN[rule]} of {place} ({value})" for rule, place, value in loss.unseen)
    told = f"; whom these will refuse cannot be counted beforehand: {unseen}" if unseen else ""
    return (
        f"{_of(loss.people, ' of ')} people and {_of(loss.vehicles, ' of ')} vehicles who pass somewhere would lose "
        f"an access point{where}{told}"
    )


def _of(count: LossCount, joint: str) -> str:
    share = f" ({count.losing * 100 / count.passing:.1f} %)" if count.losing else ""
    return f"{count.losing}{joint}{count.passing}{share}"
