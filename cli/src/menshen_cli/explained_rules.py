"""A decision that was made again: every rule, whether the answer is the recorded one, and the answer of today."""

from collections.abc import Iterator, Sequence
from typing import Final

from menshen.access.v1 import decision_pb2, events_pb2
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from menshen_cli.local.language import pick

_INPUTS: Final = {
    "plan": ("the plan", "方案"),
    "subject": ("the record of", "主体记录"),
    "circumstances": ("holds, orders and threat levels of then", "当时的封控、指令与威胁等级"),
    "versions": ("the versions of before a restore", "恢复之前的各版本"),
    "live_values": ("what the gate or the centre held of the moment", "当时的现场状态"),
    "counters": ("the counts a place belonged to", "位置所计入的区域"),
}


_DECIDED_BY: Final = {
    decision_pb2.EVENT_KIND_CENTRE: ("Decided by the centre", "中心判定"),
    decision_pb2.EVENT_KIND_EDGE: ("Decided by the gate alone", "门口代理独自判定"),
}


def rerun(found: events_pb2.ExplainEventResponse) -> RenderableType:
    """Every decision recorded under the id, made again; empty where there is none."""
    return Group(*_parts(found))


def _parts(found: events_pb2.ExplainEventResponse) -> Iterator[RenderableType]:
    if not found.verdict:
        return
    if found.verdict == events_pb2.RERUN_VERDICT_DATA_DELETED and not found.events:
        yield Text(pick("Recorded, and deleted at the end of its time", "确有记录，已到期删除"), style="bold")
        return
    for one in found.reruns or [_only(found)]:
        if one.kind:
            yield Text(_headline(one), style="bold")
        yield from _again(one)
    if found.today_outcome:
        yield Text(_today(found))


def _only(found: events_pb2.ExplainEventResponse) -> events_pb2.DecisionRerun:
    """The one decision that an access service tells of which does not tell each."""
    return events_pb2.DecisionRerun(
        verdict=found.verdict,
        differences=found.differences,
        missing_inputs=found.missing_inputs,
        rules=found.rules,
    )


def _headline(one: events_pb2.DecisionRerun) -> str:
    whose = pick(*_DECIDED_BY.get(one.kind, ("Decided", "判定")))
    return whose + pick("; the lock obeyed this", "；门锁依此动作") if one.obeyed else whose


def _again(one: events_pb2.DecisionRerun) -> Iterator[RenderableType]:
    if one.rules:
        yield _rules(one.rules)
    yield Text(_verdict(one), style="bold")
    for part in one.differences:
        recorded, again = part.recorded or "-", part.again or "-"
        yield Text(
            pick(f"  {part.part}: recorded {recorded}, now {again}", f"  {part.part}：记录为 {recorded}，现为 {again}")
        )


def _rules(rules: Sequence[events_pb2.RuleAccount]) -> Table:
    table = Table(pick("rule", "规则"), pick("passed", "通过"))
    table.add_column(pick("why", "理由"), overflow="fold")
    for rule in rules:
        why = "\n".join(_words(reason) for reason in rule.reasons)
        table.add_row(*map(Text, (rule.rule, "✓" if rule.passed else "✗", why)))
    return table


def _words(reason: decision_pb2.Reason) -> str:
    text = reason.record if reason.HasField("record") else reason.guard
    return f"{reason.code} {pick(text.en, text.zh)}".rstrip()


def _verdict(found: events_pb2.DecisionRerun) -> str:
    match found.verdict:
        case events_pb2.RERUN_VERDICT_REPRODUCED:
            return pick("Made again: the same answer", "重新判定：结果相同")
        case events_pb2.RERUN_VERDICT_DIFFERS:
            return pick("Made again: the answer differs from the record", "重新判定：结果与记录不同")
        case events_pb2.RERUN_VERDICT_DATA_DELETED:
            return pick("Not made again: personal data was deleted", "未重新判定：个人信息已删除")
        case events_pb2.RERUN_VERDICT_INPUT_MISSING:
            named = ", ".join(map(_input, found.missing_inputs))
            return pick(f"Not made again; not kept: {named}", f"未重新判定；未保存：{named}")
    return events_pb2.RerunVerdict.Name(found.verdict)


def _input(name: str) -> str:
    kind, _, which = name.partition(":")
    en, zh = _INPUTS.get(kind, (kind, kind))
    return f"{pick(en, zh)} {which}".rstrip()


def _today(found: events_pb2.ExplainEventResponse) -> str:
    outcome = decision_pb2.Outcome.Name(found.today_outcome).removeprefix("OUTCOME_")
    codes = ", ".join(reason.code for reason in found.today_reasons)
    told = f"{outcome} ({codes})" if codes else outcome
    if found.would_differ:
        return pick(f"Today it would be otherwise: {told}", f"今日结果将不同：{told}")
    return pick(f"Today it would be the same: {told}", f"今日结果相同：{told}")
