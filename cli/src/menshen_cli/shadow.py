"""`menshen shadow`: run a stored policy beside the one in force, and list what it would have decided otherwise."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Annotated, Any, Final

import grpc
import typer
from menshen.access.v1 import decision_pb2
from menshen.access.v1 import shadow_pb2 as pb
from menshen.access.v1.shadow_pb2_grpc import ShadowServiceStub
from menshen_servicekit.status import domain_error_of
from rich.console import Console

from menshen_cli.administering import ASK_S, Folder, Reason, Site, Who, identity
from menshen_cli.foreseen import Csv, Purpose, tell
from menshen_cli.instants import date_and_time
from menshen_cli.local.language import LocalError, pick
from menshen_cli.refusals import refusal_text
from menshen_cli.running import RunningSuite
from menshen_cli.whole_rows import WholeRows
from menshen_cli.written_files import check_new

_ON_A_PAGE: Final = 1000
_STATES: Final = {
    pb.SHADOW_STATE_RUNNING: ("runs", "运行中"),
    pb.SHADOW_STATE_STOPPED: ("stopped", "已停止"),
    pb.SHADOW_STATE_OVER: ("its hours are over", "时长已满"),
    pb.SHADOW_STATE_IN_FORCE: ("its policy took force", "策略已生效"),
    pb.SHADOW_STATE_REVISED: ("its policy was revised", "策略已修改"),
    pb.SHADOW_STATE_WITHDRAWN: ("its policy was taken back", "策略已撤回或驳回"),
}
ShadowId = Annotated[str, typer.Argument(help="shadow id / 影子运行编号")]

app = typer.Typer(add_completion=False, no_args_is_help=True)


@app.callback()
def shadow() -> None:
    """A stored policy beside the one in force; it decides nothing. 影子运行：不参与判定。"""


@app.command()
def start(
    site: Site,
    policy: Annotated[str, typer.Argument(help="id of a stored policy / 已存策略编号")],
    reason: Reason,
    who: Who,
    hours: Annotated[int, typer.Option(min=1, max=336, help="for how long / 时长（小时）")] = 168,
    folder: Folder = None,
) -> None:
    """Follow what is decided from now on under a policy that is not in force. 自此按未生效策略影子运行。"""
    request = pb.StartShadowRequest(site=site, policy_id=policy, hours=hours, reason=reason)
    answer = _asked(site, who, folder, lambda stub: stub.StartShadow(request, timeout=ASK_S))
    Console().print(shadow_table([answer.shadow]))


@app.command()
def stop(site: Site, shadow_id: ShadowId, reason: Reason, who: Who, folder: Folder = None) -> None:
    """End a shadow before its time; what it counted stays. 提前停止，统计保留。"""
    request = pb.StopShadowRequest(site=site, shadow_id=shadow_id, reason=reason)
    _asked(site, who, folder, lambda stub: stub.StopShadow(request, timeout=ASK_S))
    Console().print(pick(f"{shadow_id} is stopped", f"{shadow_id} 已停止"), markup=False)


@app.command("list")
def list_shadows(
    site: Site,
    shadow_id: Annotated[str, typer.Argument(help="one shadow, with its counts / 某一影子运行及其统计")] = "",
    who: Who = "reader",
    folder: Folder = None,
) -> None:
    """Shadows that run and that ended, or the counts of one. 列出影子运行，或某一运行的统计。"""
    request = pb.ListShadowsRequest(site=site, shadow_id=shadow_id)
    answer = _asked(site, who, folder, lambda stub: stub.ListShadows(request, timeout=ASK_S))
    Console().print(shadow_table(answer.shadows))
    if shadow_id:
        Console().print(deeds_of(answer.shadows[0]), markup=False)
        Console().print(count_table(answer.counts))


@app.command()
def differences(
    site: Site,
    shadow_id: ShadowId,
    purpose: Purpose = "differences of a shadow, at the terminal",
    csv: Csv = None,
    who: Who = "reader",
    folder: Folder = None,
) -> None:
    """The decisions that come out otherwise. 列出结果不同的判定。"""
    if csv is not None:
        check_new(csv)

    async def pages(stub: Any) -> list[pb.ShadowDifference]:
        request = pb.ListShadowDifferencesRequest(site=site, shadow_id=shadow_id, purpose=purpose, page_size=_ON_A_PAGE)
        found: list[pb.ShadowDifference] = []
        while True:
            page = await stub.ListShadowDifferences(request, timeout=ASK_S)
            found.extend(page.differences)
            if not page.next_page_token:
                return found
            request.page_token = page.next_page_token

    rows = difference_rows(_asked(site, who, folder, pages))
    columns = (
        pick("event", "事件"), pick("time", "时刻"), pick("access point", "通行点"), pick("subjects", "主体"),
        pick("outcome", "结果"), pick("reason", "理由"),
        pick("outcome under it", "影子结果"), pick("reason under it", "影子理由"),
    )  # fmt: skip
    title = pick(f"{len(rows)} decisions come out otherwise", f"{len(rows)} 次判定结果不同")
    tell(title, columns, rows, csv)


def shadow_table(shadows: Iterable[pb.Shadow]) -> WholeRows:
    """A row for each shadow."""
    headings = (
        pick("shadow", "影子运行"), pick("policy", "策略"), pick("state", "状态"), pick("since", "开始"),
        pick("until", "截止"), pick("followed", "已跟进"), pick("behind", "落后"), pick("decisions", "判定"),
        pick("differ", "不同"), pick("not judged", "无法重判"),
    )  # fmt: skip
    rows = []
    for one in shadows:
        until = one.ended_at_ms or one.ends_at_ms
        state = pick(*_STATES.get(one.state, ("?", "?")))
        numbers = (one.through_sequence, one.lag, one.decided, one.differing, one.unjudged)
        times = date_and_time(one.started_at_ms), date_and_time(until)
        rows.append((one.shadow_id, one.policy_id, state, *times, *map(str, numbers)))
    return WholeRows(headings, rows)


def deeds_of(one: pb.Shadow) -> str:
    """Who started it and who stopped it, and why."""
    told = [pick(f"started by {one.started_by}: {one.reason}", f"由 {one.started_by} 启动：{one.reason}")]
    if one.ended_by:
        told.append(pick(f"stopped by {one.ended_by}: {one.end_reason}", f"由 {one.ended_by} 停止：{one.end_reason}"))
    return "\n".join(told)


def count_table(counts: Iterable[pb.ShadowCount]) -> WholeRows:
    """A row for each access point, outcome and outcome under the policy."""
    headings = (
        pick("access point", "通行点"), pick("outcome", "结果"), pick("outcome under it", "影子结果"),
        pick("decisions", "判定"), pick("differ", "不同"),
    )  # fmt: skip
    rows = [
        (one.access_point, _outcome(one.outcome), _outcome(one.outcome_under), str(one.decided), str(one.differing))
        for one in counts
    ]
    return WholeRows(headings, rows)


def difference_rows(found: Sequence[pb.ShadowDifference]) -> list[tuple[str, ...]]:
    """The cells of each difference."""
    return [
        (
            one.event_id, date_and_time(one.at_ms), one.access_point, " ".join(one.subject_ids),
            _outcome(one.outcome), one.reason_code, _outcome(one.outcome_under), one.reason_code_under,
        )
        for one in found
    ]  # fmt: skip


def _outcome(outcome: int) -> str:
    return decision_pb2.Outcome.Name(outcome).removeprefix("OUTCOME_") if outcome else "—"


def _asked(site: str, who: str, folder: Folder, call: Callable[[Any], Awaitable[Any]]) -> Any:
    return asyncio.run(_ask(identity(site, who), folder, call))


async def _ask(uri: str, folder: Folder, call: Callable[[Any], Awaitable[Any]]) -> Any:
    async with RunningSuite(uri, folder) as suite:
        try:
            return await call(ShadowServiceStub(suite.channel("access")))
        except grpc.aio.AioRpcError as error:
            raise LocalError(*refusal_text(domain_error_of(error))) from None
