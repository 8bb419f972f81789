"""`menshen demo`: the scripted morning on this machine."""

import asyncio
import signal
from pathlib import Path
from typing import Annotated

import typer
from menshen_servicekit.clock import SystemClock
from rich.console import Console

from menshen_cli.local.language import pick
from menshen_cli.local.runfolder import RunFolder, default_folder

from .people import PEOPLE, SEED
from .script import Options, Play

_INTERRUPTED = 130

app = typer.Typer(add_completion=False)


@app.command()
def demo(
    folder: Annotated[Path | None, typer.Option(help="run folder / 运行目录 [.menshen/demo]")] = None,
    seed: Annotated[int, typer.Option(help="who comes when / 随机种子")] = SEED,
    people: Annotated[int, typer.Option(min=1_000, help="cardholders / 持卡人数")] = PEOPLE,
    *,
    plain: Annotated[bool, typer.Option("--plain", help="lines, no live screen / 纯文本")] = False,
    keep: Annotated[bool, typer.Option("--keep", help="leave the data in the folder / 保留数据")] = False,
) -> None:
    """Play the scripted morning and check it; everything it starts stops with it. 演示并核对脚本化的早晨。"""
    chosen = folder or default_folder("demo")
    if keep:
        _empty(chosen)
    console = Console()
    play = Play(Options(chosen, people, seed, plain, keep), SystemClock(), console)
    try:
        met = asyncio.run(_until_stopped(play))
    except (KeyboardInterrupt, asyncio.CancelledError):
        console.print(pick("stopped", "已停止"))
        raise typer.Exit(_INTERRUPTED) from None
    raise typer.Exit(0 if met else 1)


async def _until_stopped(play: Play) -> bool:
    """Play; SIGTERM ends it as Ctrl-C does."""
    task = asyncio.current_task()
    if task is not None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    return await play.run()


def _empty(folder: Path) -> None:
    """Begin with nothing, since what is kept would otherwise be met again. LocalError when a suite runs there."""
    claimed = RunFolder.claim(folder)
    try:
        claimed.clear()
    finally:
        claimed.release()
