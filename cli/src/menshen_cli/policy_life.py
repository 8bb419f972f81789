"""`menshen policy`: the life of a policy in the running suite, step by step, each as the operator named with --as."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Annotated, Any, TypeVar

import grpc
import typer
from menshen.access.v1 import administration_pb2 as pb
from menshen.access.v1.administration_pb2_grpc import AdministrationServiceStub
from menshen_servicekit.identity import Role, spiffe_uri
from menshen_servicekit.status import domain_error_of
from rich.console import Console

from menshen_cli.local.language import LocalError, pick, reads_chinese
from menshen_cli.losses import COUNT_S, loss_text, tell_of_counting
from menshen_cli.os_troubles import no_text
from menshen_cli.policy import answered, app, shown
from menshen_cli.refusals import refusal_text
from menshen_cli.running import RunningSuite
from menshen_cli.whole_rows import WholeRows

T = TypeVar("T")

_ASK_S = 20.0
_CAMPUS_TIME = timezone(timedelta(hours=8))

Site = Annotated[str, typer.Argument(help="campus / 校区")]
PolicyId = Annotated[str, typer.Argument(help="id of the policy / 策略编号")]
Reason = Annotated[str, typer.Option(help="why; recorded / 原因（将被记录）")]
Operator = Annotated[str, typer.Option("--as", help="operator / 操作员")]
Folder = Annotated[Path | None, typer.Option(help="run folder / 运行目录")]


@app.command()
def draft(
    site: Site,
    file: Annotated[Path, typer.Argument(help="policy document / 策略文档")],
    reason: Reason,
    operator: Operator,
    policy_id: Annotated[str, typer.Option("--policy", help="a draft to change / 要修改的草案")] = "",
    folder: Folder = None,
) -> None:
    """Write a draft, or change one. 起草或修改草案。"""
    request = pb.DraftPolicyRequest(site=site, policy_id=policy_id, document=_text(file), reason=reason)
    _show_policy(_asked(folder, operator, lambda stub: stub.DraftPolicy(request, timeout=_ASK_S)).policy)


@app.command("check-draft")
def check_draft(site: Site, policy_id: PolicyId, reason: Reason, operator: Operator, folder: Folder = None) -> None:
    """Check a draft against the plan as it stands. 检查草案。"""
    request = pb.CheckPolicyRequest(site=site, policy_id=policy_id, reason=reason)
    found = _asked(folder, operator, lambda stub: stub.CheckPolicy(request, timeout=_ASK_S))
    _show_policy(found.policy)
    typer.echo(shown(answered(policy_id, site, found), zh=reads_chinese()), nl=False)
    if found.policy.state != pb.POLICY_STATE_CHECKED:
        raise LocalError("it stays a draft", "仍为草案")


@app.command()
def approve(site: Site, policy_id: PolicyId, reason: Reason, operator: Operator, folder: Folder = None) -> None:
    """Approve what another wrote; once more where many lose access. 批准他人起草的策略；影响大时须再次批准。"""
    request = pb.ApprovePolicyRequest(site=site, policy_id=policy_id, reason=reason)
    approved = _asked(folder, operator, lambda stub: stub.ApprovePolicy(request, timeout=COUNT_S))
    _show_policy(approved.policy)
    if approved.HasField("loss"):
        typer.echo(loss_text(approved.loss))


@app.command()
def reject(site: Site, policy_id: PolicyId, reason: Reason, operator: Operator, folder: Folder = None) -> None:
    """Reject a policy that is not scheduled. 驳回尚未排定的策略。"""
    request = pb.RejectPolicyRequest(site=site, policy_id=policy_id, reason=reason)
    _show_policy(_asked(folder, operator, lambda stub: stub.RejectPolicy(request, timeout=_ASK_S)).policy)


@app.command()
def schedule(
    site: Site,
    policy_id: PolicyId,
    reason: Reason,
    operator: Operator,
    at: Annotated[str, typer.Option(help="instant with offset; the document's own if left out / 生效时刻")] = "",
    folder: Folder = None,
) -> None:
    """Put an approved policy in the plan. 排定已批准的策略。"""
    request = pb.SchedulePolicyRequest(site=site, policy_id=policy_id, from_ms=instant_ms(at), reason=reason)
    tell_of_counting()
    _show_policy(_asked(folder, operator, lambda stub: stub.SchedulePolicy(request, timeout=COUNT_S)).policy)


@app.command()
def withdraw(site: Site, policy_id: PolicyId, reason: Reason, operator: Operator, folder: Folder = None) -> None:
    """Take a policy back before it is in force. 在生效前撤回策略。"""
    request = pb.WithdrawPolicyRequest(site=site, policy_id=policy_id, reason=reason)
    tell_of_counting()
    _show_policy(_asked(folder, operator, lambda stub: stub.WithdrawPolicy(request, timeout=COUNT_S)).policy)


@app.command("list")
def list_policies(
    site: Site,
    *,
    every: Annotated[bool, typer.Option("--all", help="drafts and dead ends too / 含草案与已终止的")] = False,
    operator: Operator = "reader",
    folder: Folder = None,
) -> None:
    """Policies of a campus. 列出策略。"""
    states = [name for name, number in pb.PolicyState.items() if number] if every else []
    request = pb.ListPoliciesRequest(site=site, states=states)
    found = _asked(folder, operator, lambda stub: stub.ListPolicies(request, timeout=_ASK_S))
    Console().print(policy_table(found.policies))


@app.command()
def show(site: Site, policy_id: PolicyId, operator: Operator = "reader", folder: Folder = None) -> None:
    """One policy and all that was done to it. 显示策略及其经过。"""
    request = pb.GetPolicyRequest(site=site, policy_id=policy_id)
    found = _asked(folder, operator, lambda stub: stub.GetPolicy(request, timeout=_ASK_S))
    _show_policy(found.policy)
    console = Console()
    console.print(transition_table(found.transitions))
    console.print(found.policy.document, markup=False, highlight=False)


def instant_ms(text: str) -> int:
    """Epoch milliseconds of an instant with its offset; 0 for no text. LocalError for anything else."""
    if not text:
        return 0
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        raise LocalError(
            f"{text!r} is no instant with its offset, such as 2026-03-02T00:00:00+08:00",
            f"{text!r} 不是带时区的时刻，例如 2026-03-02T00:00:00+08:00",
        )
    return round(instant.timestamp() * 1000)


def policy_table(policies: Sequence[pb.Policy]) -> WholeRows:
    """A row for each policy."""
    headings = (
        pick("policy", "策略"),
        pick("version", "版本"),
        pick("state", "状态"),
        pick("from", "生效"),
        pick("until", "截止"),
        pick("title", "标题"),
    )
    rows = []
    for policy in policies:
        state = pb.PolicyState.Name(policy.state).removeprefix("POLICY_STATE_")
        mark = pick(" (in force)", "（执行中）") if policy.in_force else ""
        times = _campus_time(policy.from_ms), _campus_time(policy.to_ms)
        rows.append((policy.policy_id, str(policy.version), state + mark, *times, policy.title))
    return WholeRows(headings, rows)


def transition_table(transitions: Sequence[pb.PolicyTransition]) -> WholeRows:
    """A row for each thing done: what, who, when and why."""
    headings = ("#", pick("what", "操作"), pick("who", "操作员"), pick("when", "时间"), pick("why", "原因"))
    rows = []
    for done in transitions:
        act = pb.PolicyAct.Name(done.act).removeprefix("POLICY_ACT_")
        why = f"{done.reason}\n{loss_text(done.loss)}" if done.HasField("loss") else done.reason
        rows.append((str(done.number), act, done.who, _campus_time(done.at_ms), why))
    return WholeRows(headings, rows)


def _campus_time(at_ms: int) -> str:
    if not at_ms:
        return "-"
    return datetime.fromtimestamp(at_ms / 1000, _CAMPUS_TIME).isoformat(sep=" ", timespec="seconds")


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise no_text(file, error) from None


def _show_policy(policy: pb.Policy) -> None:
    console = Console()
    console.print(policy_table([policy]))
    console.print(f"SHA-256 {policy.sha256.hex()}", soft_wrap=True, highlight=False)


def _asked(folder: Path | None, operator: str, call: Callable[[Any], Awaitable[T]]) -> Any:
    return asyncio.run(_ask(folder, operator, call))


async def _ask(folder: Path | None, operator: str, call: Callable[[Any], Awaitable[T]]) -> T:
    try:
        uri = spiffe_uri(Role.OPERATOR, operator)
    except ValueError:
        raise LocalError(f"{operator!r} is no operator's name", f"{operator!r} 不是操作员名称") from None
    async with RunningSuite(uri, folder) as suite:
        try:
            return await call(AdministrationServiceStub(suite.channel("access")))
        except grpc.aio.AioRpcError as error:
            raise LocalError(*refusal_text(domain_error_of(error))) from None
