"""`menshen doctor`: what this machine has and lacks, in one screen."""

import asyncio
import importlib.util
import locale
import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

import psutil
import typer
from rich.console import Console
from rich.table import Table

from menshen_cli.local.account import server_account
from menshen_cli.local.archive_standing import failing_now, trouble_of
from menshen_cli.local.archiving import Archiving
from menshen_cli.local.binaries import Installation, find_postgres, find_valkey
from menshen_cli.local.language import LocalError, pick
from menshen_cli.local.ports import free_port
from menshen_cli.local.postgres import data_folder
from menshen_cli.local.roster import AGENT_MODULE, SERVICES
from menshen_cli.local.runfolder import default_folder
from menshen_cli.local.servers import refuse_own_servers_in_production
from menshen_cli.local.workplace import Workplace

_DISK_BYTES, _MEMORY_BYTES = 2 * 1024**3, 1024**3

app = typer.Typer(add_completion=False)


class Verdict(Enum):
    """The value is what stands on the screen."""

    GOOD = "✓"
    DOUBTFUL = "!"
    MISSING = "✗"


@dataclass(frozen=True)
class Finding:
    """One line of the screen."""

    verdict: Verdict
    detail: str


@app.command()
def doctor() -> None:
    """Show what this machine has and lacks; exit 1 when something needed is missing. 检查本机环境。"""
    findings = {pick(*names): examine() for names, examine in EXAMINATIONS}
    table = Table(title=pick("Menshen doctor", "门神环境检查"))
    for heading in ("", pick("what", "项目"), pick("found", "结果")):
        table.add_column(heading)
    for name, finding in findings.items():
        table.add_row(finding.verdict.value, name, finding.detail)
    Console().print(table)
    if any(finding.verdict is Verdict.MISSING for finding in findings.values()):
        raise typer.Exit(1)


def examine_python() -> Finding:
    """3.11 is the oldest that will do."""
    verdict = Verdict.GOOD if sys.version_info >= (3, 11) else Verdict.MISSING
    return Finding(verdict, f"{sys.version.split()[0]}  {sys.executable}")


def examine_tool(name: str) -> Finding:
    """A program on the PATH; needed to build, not to run."""
    path = shutil.which(name)
    if path:
        return Finding(Verdict.GOOD, path)
    return Finding(Verdict.DOUBTFUL, pick("not on PATH", "PATH 中没有"))


def examine_rooms() -> Finding:
    """Every service's package."""
    modules = [service.module for service in SERVICES] + [AGENT_MODULE, "menshen_simulators"]
    absent = [module for module in modules if importlib.util.find_spec(module) is None]
    if absent:
        return Finding(Verdict.MISSING, pick("not installed: ", "未安装：") + ", ".join(absent))
    return Finding(Verdict.GOOD, pick(f"{len(modules)} packages", f"{len(modules)} 个包"))


def examine_server(setting: str, find: Callable[[], Installation]) -> Finding:
    """Which server `menshen up` would take."""
    if os.environ.get(setting):
        return Finding(Verdict.GOOD, pick(f"from {setting}", f"由 {setting} 指定"))
    try:
        refuse_own_servers_in_production()
        installation = find()
    except LocalError as trouble:
        return Finding(Verdict.MISSING, str(trouble))
    version = ".".join(map(str, installation.version))
    return Finding(Verdict.GOOD, f"{version}  {installation.taken.value}")


def examine_account() -> Finding:
    """Whom our servers would run as."""
    try:
        account = server_account()
    except LocalError as trouble:
        return Finding(Verdict.MISSING, str(trouble))
    if account is None:
        return Finding(Verdict.GOOD, pick(f"uid {os.getuid()}, not root", f"uid {os.getuid()}，非 root"))
    return Finding(
        Verdict.GOOD, pick(f"root; servers drop to uid {account.uid}", f"root；服务器降权至 uid {account.uid}")
    )


def examine_ports() -> Finding:
    """A free block of loopback ports."""
    try:
        return Finding(Verdict.GOOD, pick(f"free from {free_port()}", f"自 {free_port()} 起空闲"))
    except LocalError as trouble:
        return Finding(Verdict.MISSING, str(trouble))


def examine_disk() -> Finding:
    """Room where the run folder will be."""
    folder = default_folder()
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(existing).free
    return Finding(_enough(free, _DISK_BYTES), f"{free / 1024**3:.1f} GiB  {existing}")


def examine_archive() -> Finding:
    """Where the log of the suite's own database is archived, and whether it was at the last try."""
    folder = default_folder()
    if os.environ.get("MENSHEN_DATABASE_URL") or not folder.exists():
        return Finding(Verdict.GOOD, pick("no database of ours", "无自带数据库"))
    try:
        workplace, data = Workplace.prepare(folder / "postgres"), data_folder(folder)
    except LocalError as trouble:
        return Finding(Verdict.MISSING, str(trouble))
    archiving = Archiving(workplace, data)
    doubt = trouble_of(archiving, data) or asyncio.run(failing_now(workplace, data))
    if doubt is not None:
        return Finding(Verdict.DOUBTFUL, pick(*doubt))
    return Finding(Verdict.GOOD, str(archiving.folder or pick("none before the first backup", "首次备份前不归档")))


def examine_memory() -> Finding:
    """Memory that could be had without swapping."""
    available = psutil.virtual_memory().available
    return Finding(_enough(available, _MEMORY_BYTES), f"{available / 1024**3:.1f} GiB")


def examine_locale() -> Finding:
    """Whether this terminal shows Chinese."""
    encoding = locale.getpreferredencoding(do_setlocale=False)
    verdict = Verdict.GOOD if encoding.lower().replace("-", "") == "utf8" else Verdict.DOUBTFUL
    return Finding(verdict, encoding)


def examine_terminals() -> Finding:
    """Pseudo-terminals carry the demo's serial lines."""
    try:
        ends = os.openpty()
    except OSError as trouble:
        return Finding(Verdict.MISSING, trouble.strerror or str(trouble))
    for end in ends:
        os.close(end)
    return Finding(Verdict.GOOD, pick("can be opened", "可用"))


EXAMINATIONS: tuple[tuple[tuple[str, str], Callable[[], Finding]], ...] = (
    (("Python", "Python"), examine_python),
    (("make", "make"), lambda: examine_tool("make")),
    (("git", "git"), lambda: examine_tool("git")),
    (("services", "服务"), examine_rooms),
    (("PostgreSQL", "PostgreSQL"), lambda: examine_server("MENSHEN_DATABASE_URL", find_postgres)),
    (("Valkey/Redis", "Valkey/Redis"), lambda: examine_server("MENSHEN_REDIS_URL", find_valkey)),
    (("account", "账户"), examine_account),
    (("ports", "端口"), examine_ports),
    (("disk", "磁盘"), examine_disk),
    (("archive", "归档"), examine_archive),
    (("memory", "内存"), examine_memory),
    (("locale", "字符集"), examine_locale),
    (("pseudo-terminals", "伪终端"), examine_terminals),
)


def _enough(found: int, wanted: int) -> Verdict:
    return Verdict.GOOD if found >= wanted else Verdict.DOUBTFUL
