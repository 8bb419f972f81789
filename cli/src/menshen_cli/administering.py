"""Asking the administration of the running suite as an operator of all sites, or as a guard's post of one."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any

import grpc
import typer
from menshen.access.v1 import administration_pb2 as pb
from menshen.access.v1.administration_pb2_grpc import AdministrationServiceStub
from menshen_servicekit.identity import Role, spiffe_uri
from menshen_servicekit.status import domain_error_of

from menshen_cli.local.language import LocalError
from menshen_cli.refusals import refusal_text
from menshen_cli.running import RunningSuite

ASK_S = 20.0
_GUARD = "guard/"
SECURED_WORDS = {
    pb.SECURED_STATE_UNSPECIFIED: ("waiting", "等待报告"),
    pb.SECURED_STATE_SECURED: ("secured", "已锁闭"),
    pb.SECURED_STATE_NOT_SECURED: ("not secured", "未锁闭"),
    pb.SECURED_STATE_SILENT: ("silent", "无报告"),
}
"""What doors report of being secured, in English and Chinese."""

Site = Annotated[str, typer.Argument(help="campus / 校区")]
Area = Annotated[str, typer.Option(help="only this area, with the areas inside it / 仅此区域及其内部区域")]
Reason = Annotated[str, typer.Option(help="why; recorded / 原因（将被记录）")]
Who = Annotated[str, typer.Option("--as", help="operator, or guard/POST / 操作员，或 guard/岗位")]
Folder = Annotated[Path | None, typer.Option(help="run folder / 运行目录")]


def identity(site: str, who: str) -> str:
    """The URI of an operator, or of a guard's post of this site; LocalError for no name."""
    try:
        if who.startswith(_GUARD):
            return spiffe_uri(Role.GUARD, who.removeprefix(_GUARD), site)
        return spiffe_uri(Role.OPERATOR, who)
    except ValueError:
        raise LocalError(
            f"{who!r} is no operator's name and no guard/POST", f"{who!r} 不是操作员名称，也不是 guard/岗位"
        ) from None


def asked(site: str, who: str, folder: Path | None, call: Callable[[Any], Awaitable[Any]]) -> Any:
    """What `call(stub)` answers; LocalError with the service's own words when it refuses."""
    return asyncio.run(_ask(identity(site, who), folder, call))


async def _ask(uri: str, folder: Path | None, call: Callable[[Any], Awaitable[Any]]) -> Any:
    async with RunningSuite(uri, folder) as suite:
        try:
            return await call(AdministrationServiceStub(suite.channel("access")))
        except grpc.aio.AioRpcError as error:
            raise LocalError(*refusal_text(domain_error_of(error))) from None
