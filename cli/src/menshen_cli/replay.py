"""`menshen replay`: what was presented or decided in the past, decided again.

A CSV file under a plan and a policy in this process, without a suite; a CSV file by what a running suite knows; or the
decisions that a running suite recorded.
"""

from pathlib import Path
from typing import Annotated

import typer

from menshen_cli.local.language import LocalError
from menshen_cli.replay_offline import Asked, replay_offline
from menshen_cli.replay_presented import Presented, replay_presented
from menshen_cli.replay_recorded import Recorded, replay_recorded

app = typer.Typer(add_completion=False)


@app.command()
def replay(
    file: Annotated[Path | None, typer.Argument(help="CSV time,credential,access_point; .gz too / 通行记录")] = None,
    plan: Annotated[Path | None, typer.Option(help="plan document of the site / 站点方案")] = None,
    policy: Annotated[
        str, typer.Option(help="policy, taken to be in force at all times; of a suite an id too / 策略或其编号")
    ] = "",
    *,
    against: Annotated[Path | None, typer.Option(help="a second policy to compare with / 对比策略")] = None,
    subjects: Annotated[Path | None, typer.Option(help="CSV credential,category,kind,... / 主体文件")] = None,
    columns: Annotated[str, typer.Option(help="names in the file: time=Timestamp,... / 列名对应")] = "",
    kind: Annotated[str, typer.Option(help="of subjects without one: person, vehicle / 默认类型")] = "person",
    both_ways: Annotated[bool, typer.Option(help="NAME is read both ways: NAME-in, NAME-out / 双向读头")] = False,
    differences: Annotated[Path | None, typer.Option(help="new CSV of the rows that change / 新的差异文件")] = None,
    site: Annotated[str, typer.Option(help="campus whose plan, policy and subjects decide FILE / 以此校区判定")] = "",
    recorded: Annotated[str, typer.Option(help="campus whose recorded decisions are replayed / 回放此校区的记录")] = "",
    start: Annotated[str, typer.Option("--from", help="recorded from, 2026-03-02T08:00; a week / 起始")] = "",
    end: Annotated[str, typer.Option("--to", help="recorded until; now / 截止")] = "",
    purpose: Annotated[str, typer.Option(help="why, of a running suite; recorded / 目的（将被记录）")] = "",
    who: Annotated[str, typer.Option("--as", help="operator / 操作员")] = "li",
    folder: Annotated[Path | None, typer.Option(help="run folder / 运行目录")] = None,
) -> None:
    """Decide the past again; exit 1 and no result when a row is faulty. 回放通行记录。"""
    if recorded:
        offline = {"plan": plan, "against": against, "subjects": subjects, "columns": columns, "both-ways": both_ways}
        _refuse("--recorded", FILE=file, site=site, **offline)
        replay_recorded(Recorded(recorded, start, end, policy, differences, purpose), who, folder)
        return
    _refuse("a file", **{"from": start, "to": end})
    if file is not None and site:
        _refuse("--site", plan=plan, against=against, subjects=subjects)
        replay_presented(file, Presented(site, policy, columns, both_ways, differences, purpose), who, folder)
        return
    _refuse("a file offline", purpose=purpose)
    if file is None or plan is None or not policy:
        raise LocalError(
            "a replay needs FILE with --plan and --policy, FILE with --site, or --recorded SITE",
            "回放需要 FILE 及 --plan 与 --policy、FILE 及 --site，或 --recorded 校区",
        )
    replay_offline(file, Asked(plan, Path(policy), against, subjects, columns, kind, both_ways, differences))


def _refuse(form: str, **options: object) -> None:
    """LocalError for options that this form of a replay has no use for."""
    given = ", ".join(name if name.isupper() else f"--{name}" for name, value in options.items() if value)
    if given:
        raise LocalError(f"{form} goes without {given}", f"{form} 不与 {given} 同用")
