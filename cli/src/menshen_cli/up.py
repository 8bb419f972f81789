"""`menshen up`: the suite, its addresses, and patience until Ctrl-C."""

import asyncio
import signal
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from menshen_cli.local.language import pick
from menshen_cli.local.runfolder import default_folder
from menshen_cli.local.suite import Suite

_WATCH_S = 1.0

app = typer.Typer(add_completion=False)


@app.command()
def up(
    folder: Annotated[Path | None, typer.Option(help="run folder / 运行目录 [.menshen/run]")] = None,
    *,
    fresh: Annotated[bool, typer.Option("--fresh", help="forget earlier data / 清除以往数据")] = False,
) -> None:
    """Run the suite and stay until Ctrl-C. 运行整套系统，直到 Ctrl-C。"""
    asyncio.run(stay(Suite(folder or default_folder(), keep_data=not fresh)))


async def stay(suite: Suite) -> None:
    """Run a suite, starting again what ends in it, until SIGINT or SIGTERM. Raises LocalError when it cannot start."""
    console = Console()
    asked_to_stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, asked_to_stop.set)
    start = loop.create_task(_serve(suite, console, asked_to_stop))
    stop = loop.create_task(asked_to_stop.wait())
    await asyncio.wait((start, stop), return_when=asyncio.FIRST_COMPLETED)
    stop.cancel()
    if asked_to_stop.is_set() and not start.done():
        console.print(pick("stopping ...", "正在停止……"))
        start.cancel()
    await asyncio.gather(start, return_exceptions=asked_to_stop.is_set())


async def _serve(suite: Suite, console: Console, asked_to_stop: asyncio.Event) -> None:
    async with suite:
        console.print(address_table(suite))
        trouble = suite.archive_trouble
        if trouble is not None:
            console.print(pick(*trouble), style="bold", soft_wrap=True)
        console.print(pick("Ctrl-C stops everything.", "按 Ctrl-C 停止全部。"))
        while not asked_to_stop.is_set():
            await _restart_ended(suite, console)
            await asyncio.sleep(_WATCH_S)


async def _restart_ended(suite: Suite, console: Console) -> None:
    for name in suite.ended():
        log_file = suite.log_file(name)
        console.print(pick(f"{name} ended; starting it again ({log_file})", f"{name} 已退出，正在重启（{log_file}）"))
        await suite.restart(name)


def address_table(suite: Suite) -> Table:
    """Every process of a running suite, where it answers and where it logs."""
    table = Table(title=pick("Menshen is up", "门神已启动"))
    for heading in (
        pick("process", "进程"),
        pick("address", "地址"),
        pick("health", "健康检查"),
        pick("metrics", "指标"),
    ):
        table.add_column(heading, overflow="fold")
    for name, server in (("postgres", suite.postgres), ("valkey", suite.valkey)):
        table.add_row(name, server.url, server.taken.value, "")
    for name in suite.names:
        addresses = suite.addresses(name)
        table.add_row(name, addresses.grpc, addresses.health, addresses.metrics)
    table.caption = pick(f"folder {suite.folder}", f"目录 {suite.folder}")
    return table
