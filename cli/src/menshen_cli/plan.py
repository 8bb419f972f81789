"""`menshen plan`: put a plan document, and approve one that takes access from many, each as the operator named."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any

import grpc
import typer
from menshen.access.v1 import administration_pb2, guarded_change_pb2
from menshen.access.v1.administration_pb2_grpc import AdministrationServiceStub
from menshen.access.v1.guarded_change_pb2_grpc import GuardedChangeServiceStub
from menshen_servicekit.status import domain_error_of

from menshen_cli.administering import Folder, Reason, Site, Who, identity
from menshen_cli.instants import date_and_time
from menshen_cli.local.language import LocalError, pick
from menshen_cli.losses import COUNT_S, loss_text, tell_of_counting
from menshen_cli.os_troubles import no_text
from menshen_cli.refusals import refusal_text
from menshen_cli.running import RunningSuite

Document = Annotated[Path, typer.Argument(help="plan document, YAML or JSON / 方案文档")]
Version = Annotated[int, typer.Option(help="plan version it was written on / 编写时的方案版本")]
PolicyId = Annotated[str, typer.Argument(help="id of a policy in the plan / 方案中策略的编号")]
AssignmentId = Annotated[str, typer.Argument(help="id of a group's assignment / 群组授权编号")]

app = typer.Typer(add_completion=False)


@app.command()
def put(
    site: Site, document: Document, reason: Reason, who: Who, plan_version: Version = 0, folder: Folder = None
) -> None:
    """Create or replace what a document names. 新增或替换文档所列内容。"""
    request = administration_pb2.PutPlanRequest(
        site=site, document=_text(document), expected_version=plan_version, reason=reason
    )
    done = _asked(
        site, who, folder, lambda channel: AdministrationServiceStub(channel).PutPlan(request, timeout=COUNT_S)
    )
    typer.echo(pick(f"the plan is at version {done.version}", f"方案现为版本 {done.version}"))


@app.command()
def approve(site: Site, document: Document, reason: Reason, who: Who, folder: Folder = None) -> None:
    """Approve that somebody else puts this very document. 批准他人提交此份文档。"""
    request = guarded_change_pb2.ApprovePlanRequest(site=site, document=_text(document), reason=reason)
    given = _asked(
        site, who, folder, lambda channel: GuardedChangeServiceStub(channel).ApprovePlan(request, timeout=COUNT_S)
    )
    typer.echo(f"SHA-256 {given.sha256.hex()}")
    _tell(given)


@app.command("approve-revocation")
def approve_revocation(site: Site, assignment: AssignmentId, reason: Reason, who: Who, folder: Folder = None) -> None:
    """Approve that somebody else ends a group's assignment. 批准他人撤销群组授权。"""
    request = guarded_change_pb2.ApproveRevocationRequest(site=site, assignment_id=assignment, reason=reason)
    _tell(
        _asked(
            site,
            who,
            folder,
            lambda channel: GuardedChangeServiceStub(channel).ApproveRevocation(request, timeout=COUNT_S),
        )
    )


@app.command("approve-removal")
def approve_removal(site: Site, policy: PolicyId, reason: Reason, who: Who, folder: Folder = None) -> None:
    """Approve that somebody else withdraws a policy or rolls it back. 批准他人撤出一份策略。"""
    request = guarded_change_pb2.ApproveRemovalRequest(site=site, policy_id=policy, reason=reason)
    _tell(
        _asked(
            site,
            who,
            folder,
            lambda channel: GuardedChangeServiceStub(channel).ApproveRemoval(request, timeout=COUNT_S),
        )
    )


def _tell(given: Any) -> None:
    typer.echo(loss_text(given.loss))
    until = date_and_time(given.until_ms)
    typer.echo(pick(f"approved until {until}", f"批准有效至 {until}"))


def _text(document: Path) -> str:
    try:
        return document.read_bytes().decode()
    except (OSError, UnicodeDecodeError) as error:
        raise no_text(document, error) from None


def _asked(site: str, who: str, folder: Folder, call: Callable[[Any], Awaitable[Any]]) -> Any:
    tell_of_counting()
    return asyncio.run(_ask(identity(site, who), folder, call))


async def _ask(uri: str, folder: Folder, call: Callable[[Any], Awaitable[Any]]) -> Any:
    async with RunningSuite(uri, folder) as suite:
        try:
            return await call(suite.channel("access"))
        except grpc.aio.AioRpcError as error:
            raise LocalError(*refusal_text(domain_error_of(error))) from None
