"""What a person reads when something may not be done to a policy."""

from typing import Final

from menshen_servicekit.status import DomainError, FieldTrouble, Trouble

from menshen_access.domain.policy_life import ActRefusedError, PolicyAct, PolicyState, Refusal

_STATES_ZH: Final = {
    PolicyState.UNSPECIFIED: "尚未起草",
    PolicyState.DRAFT: "草案",
    PolicyState.CHECKED: "已检查",
    PolicyState.APPROVED: "已批准",
    PolicyState.SCHEDULED: "已排定",
    PolicyState.ACTIVE: "已生效",
    PolicyState.SUPERSEDED: "已被取代",
    PolicyState.REJECTED: "已驳回",
    PolicyState.WITHDRAWN: "已撤回",
}
_ACTS_ZH: Final = {
    PolicyAct.DRAFT: "起草",
    PolicyAct.REVISE: "修改",
    PolicyAct.CHECK: "检查",
    PolicyAct.APPROVE: "批准",
    PolicyAct.REJECT: "驳回",
    PolicyAct.SCHEDULE: "排定",
    PolicyAct.WITHDRAW: "撤回",
    PolicyAct.ACTIVATE: "直接启用",
    PolicyAct.TAKE_FORCE: "生效",
    PolicyAct.ROLL_BACK: "回退",
    PolicyAct.SECOND_APPROVE: "第二次批准",
}


def act_refused(refused: ActRefusedError) -> DomainError:
    """The refusal of the state table as a sentence."""
    match refused.refusal:
        case Refusal.REASON_MISSING:
            missing = FieldTrouble("reason", "理由", "a reason")
            return DomainError(Trouble.INVALID, "REASON_MISSING", "须说明理由", "a reason is required", [missing])
        case Refusal.SAME_PERSON:
            return DomainError(
                Trouble.FORBIDDEN,
                "SECOND_OPERATOR_NEEDED",
                "策略须由未参与起草的另一名操作员批准",
                "a policy is approved by another operator than those who wrote it",
            )
        case Refusal.SAME_APPROVER:
            return DomainError(
                Trouble.FORBIDDEN,
                "ANOTHER_APPROVER_NEEDED",
                "第二次批准须由首位批准人以外的操作员作出",
                "the second approval is another operator's than the first",
            )
        case Refusal.IN_FORCE:
            return DomainError(
                Trouble.CONFLICT,
                "POLICY_IN_FORCE",
                "策略已生效，不能撤回；请排定取代它的新策略",
                "the policy has taken force and cannot be withdrawn: schedule one that replaces it",
            )
        case Refusal.OUT_OF_TURN:
            return _out_of_turn(refused)


def _out_of_turn(refused: ActRefusedError) -> DomainError:
    state, act = refused.state, refused.act
    return DomainError(
        Trouble.CONFLICT,
        "POLICY_OUT_OF_TURN",
        f"策略处于“{_STATES_ZH[state]}”状态，不能{_ACTS_ZH[act]}",
        f"the policy is {state.name}: {act.name} cannot be done to it",
    )


def policy_unknown() -> DomainError:
    return DomainError(Trouble.NOT_FOUND, "POLICY_UNKNOWN", "无此策略", "there is no such policy")


_IN_PLAN: Final = {
    PolicyState.SCHEDULED: (
        "届时将自行生效；如需比较，请以其文档换用新版本号后询问，或先撤回",
        "it takes force by itself: ask about its document under a version not used before, or withdraw it first",
    ),
    PolicyState.ACTIVE: (
        "现行方案已按其执行，无从比较；请询问拟取代它的策略",
        "the plan goes by it already and there is nothing to compare: ask about one that is to replace it",
    ),
    PolicyState.SUPERSEDED: (
        "不会再次生效；如需恢复，请以其文档换用新版本号重新起草",
        "it takes force no more: to have it again, draft its document under a version not used before",
    ),
}


def compared_with_itself(state: PolicyState) -> DomainError:
    """For a policy that the plan holds and that is asked about as if it did not."""
    zh, en = _IN_PLAN[state]
    return DomainError(
        Trouble.CONFLICT,
        "POLICY_IN_PLAN",
        f"策略处于“{_STATES_ZH[state]}”状态，已在方案中：{zh}",
        f"the policy is {state.name} and in the plan: {en}",
    )


def moved_on(expected: int, revision: int) -> DomainError:
    return DomainError(
        Trouble.STALE,
        "POLICY_MOVED_ON",
        f"策略已是第 {revision} 版记录，操作基于第 {expected} 版",
        f"the policy is at revision {revision}, the change was made on {expected}",
    )


def too_soon(lead_ms: int) -> DomainError:
    seconds = lead_ms // 1000
    field = FieldTrouble("from_ms", f"至少 {seconds} 秒之后的时刻", f"an instant at least {seconds} s ahead")
    return DomainError(
        Trouble.INVALID,
        "POLICY_TOO_SOON",
        f"生效时刻须至少在 {seconds} 秒之后，以便各门口及时收到",
        f"a policy takes force at least {seconds} s ahead, so that every gate has it in time",
        [field],
    )


def starts_early() -> DomainError:
    field = FieldTrouble("from_ms", "不早于文档所写的生效时刻", "an instant not before the document's own")
    return DomainError(
        Trouble.INVALID,
        "POLICY_STARTS_EARLY",
        "生效时刻不得早于经批准的文档所写的时刻",
        "a policy does not take force before the instant its approved document names",
        [field],
    )


def activation_not_allowed() -> DomainError:
    return DomainError(
        Trouble.FORBIDDEN,
        "ACTIVATION_NOT_ALLOWED",
        "本校区须先起草、检查，由另一名操作员批准后排定；仅设为单人值守的校区可直接启用",
        "draft, check, have another operator approve, then schedule: only a site set to have one operator activates",
    )
