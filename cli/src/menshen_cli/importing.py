"""`menshen import SITE FILE`: cardholders, or vehicles, from a CSV file into the running suite."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated, Any

import grpc
import typer
from menshen.identity.v1 import identity_pb2
from menshen.identity.v1.identity_pb2_grpc import IdentityServiceStub
from menshen.vehicles.v1 import vehicles_pb2
from menshen.vehicles.v1.vehicles_pb2_grpc import VehicleServiceStub
from rich.console import Console
from rich.table import Table

from menshen_cli.local.language import LocalError, pick
from menshen_cli.refusals import refusal_of
from menshen_cli.running import RunningSuite, operator_uri

CHUNK_BYTES = 256 * 1024
_IMPORT_S = 600.0

app = typer.Typer(add_completion=False)


@app.command("import")
def import_file(
    site: Annotated[str, typer.Argument(help="home campus of the rows / 校区")],
    file: Annotated[Path, typer.Argument(help="CSV, UTF-8; columns stand in the service's README / CSV 文件")],
    *,
    vehicles: Annotated[bool, typer.Option(help="rows are vehicles / 导入车辆")] = False,
    dry_run: Annotated[bool, typer.Option(help="check only / 只检查")] = False,
    folder: Annotated[Path | None, typer.Option(help="run folder / 运行目录")] = None,
) -> None:
    """Import a file; nothing is published unless every row is valid. 全部行有效才发布。"""
    if not file.is_file():
        raise LocalError(f"no file {file}", f"没有文件 {file}")
    answer = asyncio.run(_send(site, file, folder, vehicles=vehicles, dry_run=dry_run))
    Console().print(report(answer))
    if answer.faults:
        raise typer.Exit(1)


def report(answer: Any) -> Table:
    """What the import did, or every fault with its line."""
    if not answer.faults:
        table = Table(pick("rows", "行"), pick("created", "新建"), pick("changed", "变更"))
        table.add_row(str(answer.rows), str(answer.created), str(answer.changed))
        return table
    table = Table(pick("line", "行号"), pick("column", "列"), pick("expected", "应为"))
    for fault in answer.faults:
        table.add_row(str(fault.line), fault.field, pick(fault.expected_en, fault.expected_zh))
    return table


async def _send(site: str, file: Path, folder: Path | None, *, vehicles: bool, dry_run: bool) -> Any:
    service = "vehicles" if vehicles else "identity"
    async with RunningSuite(operator_uri("import"), folder) as suite:
        channel = suite.channel(service)
        try:
            if vehicles:
                requests = _vehicle_requests(site, file, dry_run=dry_run)
                return await VehicleServiceStub(channel).ImportVehicles(requests, timeout=_IMPORT_S)
            rows = _cardholder_requests(site, file, dry_run=dry_run)
            return await IdentityServiceStub(channel).ImportCardholders(rows, timeout=_IMPORT_S)
        except grpc.aio.AioRpcError as refusal:
            raise refusal_of(service, refusal) from None


async def _cardholder_requests(
    site: str, file: Path, *, dry_run: bool
) -> AsyncIterator[identity_pb2.ImportCardholdersRequest]:
    async for chunk in _chunks(file):
        yield identity_pb2.ImportCardholdersRequest(site=site, dry_run=dry_run, chunk=chunk)


async def _vehicle_requests(
    site: str, file: Path, *, dry_run: bool
) -> AsyncIterator[vehicles_pb2.ImportVehiclesRequest]:
    async for chunk in _chunks(file):
        yield vehicles_pb2.ImportVehiclesRequest(site=site, dry_run=dry_run, chunk=chunk)


async def _chunks(file: Path) -> AsyncIterator[bytes]:
    with file.open("rb") as rows:
        while chunk := await asyncio.to_thread(rows.read, CHUNK_BYTES):
            yield chunk
