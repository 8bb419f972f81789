"""`menshen pki FOLDER URI`: development certificates for processes and people."""

from pathlib import Path
from typing import Annotated

import typer
from menshen_servicekit.clock import SystemClock
from menshen_servicekit.identity import Role, parse_spiffe
from menshen_servicekit.pki import DAY_MS, Authority

from menshen_cli.local.language import LocalError

app = typer.Typer(add_completion=False)


@app.command()
def pki(
    folder: Annotated[Path, typer.Argument(help="folder of the authority, made when it has none / 证书机构目录")],
    uri: Annotated[str, typer.Argument(help="e.g. spiffe://menshen/site/north/agent/gate-1 / 身份")],
    days: Annotated[int, typer.Option(min=1, max=825, help="lifetime / 有效天数")] = 90,
    host: Annotated[list[str] | None, typer.Option(help="DNS name to answer as, repeatable / 主机名")] = None,
) -> None:
    """Issue a development certificate and print where it is. 签发开发用证书。"""
    clock = SystemClock()
    try:
        caller = parse_spiffe(uri)
    except ValueError:
        raise LocalError(f"{uri} is no identity of Menshen", f"{uri} 不是门神的身份") from None
    try:
        authority = Authority.open(folder)
    except OSError:
        authority = Authority.create(folder, clock.now_ms())
    name = "-".join(part for part in (caller.site, caller.role.value, caller.name) if part)
    own = [caller.name] if caller.role is Role.SERVICE else []
    files = authority.issue(name, uri, clock.now_ms(), dns=[*own, *(host or ["localhost"])], lifetime_ms=days * DAY_MS)
    for file in (files.certificate_file, files.key_file, files.trust_file):
        typer.echo(file)
