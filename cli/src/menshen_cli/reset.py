"""`menshen reset ZONE`: end an emergency release on the spot, at the agents that drive its doors."""

import asyncio
from pathlib import Path
from typing import Annotated, Any

import grpc
import typer
from menshen.device.v1 import device_pb2
from menshen.device.v1.device_pb2_grpc import DeviceServiceStub
from rich.console import Console

from menshen_cli.local.language import LocalError, pick
from menshen_cli.refusals import refusal_of
from menshen_cli.running import RunningSuite, operator_uri

_ASK_S = 5.0

app = typer.Typer(add_completion=False)


@app.command()
def reset(
    zone: Annotated[str, typer.Argument(help="fire zone / 消防分区")],
    reason: Annotated[str, typer.Option(help="why; recorded / 原因（将被记录）")],
    site: Annotated[str, typer.Option(help="campus / 校区")],
    folder: Annotated[Path | None, typer.Option(help="run folder / 运行目录")] = None,
) -> None:
    """End the emergency release of a zone; refused while its fire panel is in alarm. 复位紧急释放。"""
    asyncio.run(_reset_everywhere(zone, reason, site, folder))


async def reset_release(stub: Any, site: str, zone: str, reason: str) -> list[device_pb2.Door]:
    """Reset a zone at one agent: the doors that were released, as they stand.

    The refusal of the agent comes as AioRpcError: FAILED_PRECONDITION while the panel is in alarm, NOT_FOUND for a zone
    it does not know.
    """
    request = device_pb2.ResetReleaseRequest(site=site, zone_id=zone, reason=reason)
    return list((await stub.ResetRelease(request, timeout=_ASK_S)).doors)


async def _reset_everywhere(zone: str, reason: str, site: str, folder: Path | None) -> None:
    console, known = Console(), False
    async with RunningSuite(operator_uri("reset"), folder) as suite:
        for agent_id, channel in suite.agents().items():
            stub: Any = DeviceServiceStub(channel)
            if not await _drives(stub, site, zone):
                continue
            known = True
            for door in await _reset_at(stub, agent_id, site, zone, reason):
                console.print(f"{door.door}  {_stands(door)}")
    if not known:
        raise LocalError(f"no agent of {site} drives zone {zone}", f"{site} 没有控制分区 {zone} 的设备代理")


def _stands(door: device_pb2.Door) -> str:
    if door.released_by:
        return pick("still released", "仍处释放")
    return pick("locked", "已锁闭") if door.locked else pick("unlocked by schedule or order", "按时间表或指令开锁")


async def _drives(stub: Any, site: str, zone: str) -> bool:
    try:
        status = await stub.GetStatus(device_pb2.GetStatusRequest(site=site), timeout=_ASK_S)
    except grpc.aio.AioRpcError as refusal:
        if refusal.code() is grpc.StatusCode.PERMISSION_DENIED:
            return False
        raise LocalError(f"an agent does not answer: {refusal.code().name}", "有设备代理未应答") from None
    return zone in status.fire_lines


async def _reset_at(stub: Any, agent_id: str, site: str, zone: str, reason: str) -> list[device_pb2.Door]:
    try:
        return await reset_release(stub, site, zone, reason)
    except grpc.aio.AioRpcError as refusal:
        raise refusal_of(agent_id, refusal) from None
