"""`menshen policy check FILE…`: what is wrong with policies, before anybody relies on them."""

import asyncio
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import grpc
import typer
from menshen.access.v1 import administration_pb2 as pb
from menshen.access.v1.administration_pb2_grpc import AdministrationServiceStub
from menshen_access.plan_documents import LineFault
from menshen_rulebook.analysis import Severity, Supply
from menshen_rulebook.decision import Text
from menshen_servicekit.clock import SystemClock

from menshen_cli.local.language import LocalError, reads_chinese
from menshen_cli.policy_check import Remark, check_files, fault_remarks, read_supply, read_text
from menshen_cli.running import RunningSuite, operator_uri

_ASK_S = 10.0
_UNUSABLE_STATUS, _ERRORS_STATUS = 2, 1
_WORDS = {Severity.ERROR: ("错误", "ERROR"), Severity.WARNING: ("警告", "WARNING")}
_SEVERITIES = {
    pb.FINDING_SEVERITY_WARNING: Severity.WARNING,
    pb.FINDING_SEVERITY_ERROR: Severity.ERROR,
}

app = typer.Typer(add_completion=False, no_args_is_help=True)


class Reads(StrEnum):
    """The language of the answer."""

    ZH = "zh"
    EN = "en"


@app.callback()
def policy() -> None:
    """Policies of a site. 校区的策略。"""


@app.command()
def check(
    files: Annotated[list[Path], typer.Argument(help="policy documents, in the order of their dates / 策略文档")],
    *,
    plan: Annotated[Path | None, typer.Option(help="plan document of the site / 站点方案文档")] = None,
    facts: Annotated[Path | None, typer.Option(help="which facts reach the gates / 校门可得的事实")] = None,
    site: Annotated[str, typer.Option(help="ask the running suite about this site / 查询运行中的校区")] = "",
    lang: Annotated[Reads | None, typer.Option(help="language of the answer / 语言")] = None,
    folder: Annotated[Path | None, typer.Option(help="run folder / 运行目录")] = None,
) -> None:
    """Check policies: exit 1 with errors, 0 with warnings alone, 2 for unusable arguments. 检查策略。"""
    zh = reads_chinese() if lang is None else lang is Reads.ZH
    try:
        remarks = _remarks(files, plan, facts, site, folder)
    except LocalError as trouble:
        typer.echo(f"menshen policy check: {trouble.zh if zh else trouble.en}", err=True)
        raise typer.Exit(_UNUSABLE_STATUS) from None
    typer.echo(shown(remarks, zh=zh), nl=False)
    if any(remark.severity is Severity.ERROR for remark in remarks):
        raise typer.Exit(_ERRORS_STATUS)


def _remarks(
    files: Sequence[Path], plan: Path | None, facts: Path | None, site: str, folder: Path | None
) -> Sequence[Remark]:
    if plan is not None and site:
        raise LocalError("--plan and --site exclude each other", "--plan 与 --site 不能同时使用")
    supply = None if facts is None else read_supply(facts)
    if site:
        return asyncio.run(_ask(files, site, supply, folder))
    return check_files(files, plan, supply, SystemClock().now_ms())


def shown(remarks: Sequence[Remark], *, zh: bool) -> str:
    """The answer as text: a line for each remark, then how many there are."""
    lines = [
        f"{one.place}: {_WORDS[one.severity][not zh]} {one.code}: {one.text.zh if zh else one.text.en}"
        for one in remarks
    ]
    errors = sum(one.severity is Severity.ERROR for one in remarks)
    warnings = len(remarks) - errors
    lines.append(f"错误 {errors} 处，警告 {warnings} 处" if zh else f"errors: {errors}, warnings: {warnings}")
    return "".join(f"{line}\n" for line in lines)


async def _ask(files: Sequence[Path], site: str, supply: Supply | None, folder: Path | None) -> list[Remark]:
    """What the running site says of each file by itself, with the plan it decides on."""
    remarks: list[Remark] = []
    async with RunningSuite(operator_uri("policy"), folder) as suite:
        stub = AdministrationServiceStub(suite.channel("access"))
        for file in files:
            try:
                answer = await stub.ValidatePolicy(_request(file, site, supply), timeout=_ASK_S)
            except grpc.aio.AioRpcError as refusal:
                raise LocalError(f"access: {refusal.details()}", f"判定服务：{refusal.details()}") from None
            remarks += answered(str(file), site, answer)
    # What the site's plan has is the same for every file.
    return list(dict.fromkeys(remarks))


def _request(file: Path, site: str, supply: Supply | None) -> pb.ValidatePolicyRequest:
    document = read_text(file)
    given = supply or Supply()
    sources = [pb.FactSource(source=name, facts=sorted(facts)) for name, facts in given.sources]
    return pb.ValidatePolicyRequest(
        site=site, document=document, fact_sources=sources, measured_facts=sorted(given.measured)
    )


def answered(file: str, site: str, answer: pb.ValidatePolicyResponse | pb.CheckPolicyResponse) -> list[Remark]:
    """What a service found in a document, each with its place in `file` or in the plan of the site."""
    faults = [LineFault(f.path, f.line, f.expected_zh, f.expected_en) for f in answer.faults]
    return fault_remarks(file, faults) + [
        Remark(
            f"{file}:{one.line}" if one.line else f"{site} {one.path}",
            _SEVERITIES.get(one.severity, Severity.ERROR),
            one.code,
            Text(one.sentence_zh, one.sentence_en),
        )
        for one in answer.findings
    ]
