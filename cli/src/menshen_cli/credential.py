"""`menshen credential`: the office's counter in a terminal; cards, loan cards and codes of one person."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Annotated, Any, TypeVar

import grpc
import typer
from menshen.identity.v1 import identity_pb2 as pb
from menshen.identity.v1.identity_pb2_grpc import IdentityServiceStub
from menshen_servicekit.clock import SystemClock
from menshen_servicekit.identity import Role, spiffe_uri
from rich.console import Console

from menshen_cli.instants import date_and_time
from menshen_cli.local.language import LocalError, pick
from menshen_cli.refusals import refusal_of
from menshen_cli.running import RunningSuite
from menshen_cli.whole_rows import WholeRows

T = TypeVar("T")
Ask = Callable[[Any], Awaitable[T]]

_ASK_S = 10.0
_MINUTE_MS = 60_000

app = typer.Typer(add_completion=False, no_args_is_help=True)

Site = Annotated[str, typer.Argument(help="campus / 校区")]
Holder = Annotated[str, typer.Argument(help="cardholder id c:…, or one of their cards / 持卡人编号或其卡号")]
Card = Annotated[str, typer.Argument(help="card number, hexadecimal / 卡号（十六进制）")]
NewCard = Annotated[str, typer.Argument(help="number of the card handed out / 发出的卡号")]
Reason = Annotated[str, typer.Option(help="why; recorded / 原因（将被记录）")]
Pin = Annotated[bool, typer.Option("--pin", help="opens only with the holder's PIN / 须输入密码")]
Operator = Annotated[str, typer.Option("--as", help="operator / 操作员")]
Folder = Annotated[Path | None, typer.Option(help="run folder / 运行目录")]


@app.callback()
def credential() -> None:
    """Cards, loan cards and codes. 卡、临时卡与码。"""


@app.command()
def show(site: Site, holder: Holder, operator: Operator = "reader", folder: Folder = None) -> None:
    """What somebody holds. 某人名下的凭证。"""

    async def ask(stub: Any) -> Sequence[pb.Credential]:
        request = pb.GetCardholderRequest(site=site, cardholder_id=await _holder_of(stub, site, holder))
        found: pb.GetCardholderResponse = await stub.GetCardholder(request, timeout=_ASK_S)
        return found.credentials

    _print(_asked(folder, operator, ask))


@app.command()
def issue(
    site: Site, holder: Holder, card: NewCard, operator: Operator, *, pin: Pin = False, folder: Folder = None
) -> None:
    """Give somebody a card. 发卡。"""

    async def ask(stub: Any) -> pb.Credential:
        return await _issue(stub, site, await _holder_of(stub, site, holder), card, pin_required=pin)

    _print([_asked(folder, operator, ask)])


@app.command()
def replace(
    site: Site, card: Card, new_card: NewCard, operator: Operator, *, pin: Pin = False, folder: Folder = None
) -> None:
    """Give a card a successor, whose first use retires it. 补换卡：新卡首次使用后旧卡作废。"""

    async def ask(stub: Any) -> pb.Credential:
        old = await _find(stub, site, card)
        return await _issue(
            stub, site, old.cardholder_id, new_card, replaces=old.credential_id, pin_required=pin or old.pin_required
        )

    _print([_asked(folder, operator, ask)])


@app.command()
def loan(site: Site, card: Card, loan_card: NewCard, operator: Operator, folder: Folder = None) -> None:
    """Lend a card until the day ends, instead of the person's own. 借出临时卡：当日有效，其间原卡不开门。"""

    async def ask(stub: Any) -> pb.Credential:
        original = await _find(stub, site, card)
        return await _issue(stub, site, original.cardholder_id, loan_card, stands_in_for=original.credential_id)

    _print([_asked(folder, operator, ask)])


@app.command()
def code(
    site: Site,
    holder: Holder,
    operator: Operator,
    minutes: Annotated[int, typer.Option(min=1, max=1440, help="how long it works / 有效分钟数")] = 15,
    *,
    reusable: Annotated[bool, typer.Option(help="opens more than once / 可多次使用")] = False,
    folder: Folder = None,
) -> None:
    """Make a code that opens once, and print it. 发一次性码。"""

    async def ask(stub: Any) -> pb.Credential:
        request = pb.IssueCodeRequest(
            site=site,
            cardholder_id=await _holder_of(stub, site, holder),
            valid_to_ms=SystemClock().now_ms() + minutes * _MINUTE_MS,
            reusable=reusable,
        )
        answer: pb.IssueCodeResponse = await stub.IssueCode(request, timeout=_ASK_S)
        return answer.credential

    _print([_asked(folder, operator, ask)])


@app.command()
def lost(site: Site, card: Card, reason: Reason, operator: Operator, folder: Folder = None) -> None:
    """Report a card lost. 挂失。"""
    _move(site, card, pb.CREDENTIAL_STATE_LOST, reason, operator, folder)


@app.command()
def stolen(site: Site, card: Card, reason: Reason, operator: Operator, folder: Folder = None) -> None:
    """Report a card stolen: showing it raises an alarm. 报失窃：出示即告警。"""
    _move(site, card, pb.CREDENTIAL_STATE_STOLEN, reason, operator, folder)


@app.command()
def suspend(site: Site, card: Card, reason: Reason, operator: Operator, folder: Folder = None) -> None:
    """Suspend a card. 停用。"""
    _move(site, card, pb.CREDENTIAL_STATE_SUSPENDED, reason, operator, folder)


@app.command()
def activate(site: Site, card: Card, reason: Reason, operator: Operator, folder: Folder = None) -> None:
    """Activate a card: a new one, one found again or one suspended. 启用或恢复。"""
    _move(site, card, pb.CREDENTIAL_STATE_ACTIVE, reason, operator, folder)


@app.command("return")
def give_back(site: Site, card: Card, reason: Reason, operator: Operator, folder: Folder = None) -> None:
    """Take a card back; it may be issued to somebody else. 交回：卡可再发给他人。"""
    _move(site, card, pb.CREDENTIAL_STATE_RETURNED, reason, operator, folder)


@app.command()
def destroy(site: Site, card: Card, reason: Reason, operator: Operator, folder: Folder = None) -> None:
    """Record that a card was destroyed. 销毁。"""
    _move(site, card, pb.CREDENTIAL_STATE_DESTROYED, reason, operator, folder)


def credential_table(listed: Sequence[pb.Credential]) -> WholeRows:
    """One row each: number or code, state, when it opens, and what it is to others."""
    headings = (
        pick("number", "卡号或码"),
        pick("state", "状态"),
        pick("from", "起"),
        pick("until", "止"),
        pick("notes", "备注"),
        pick("id", "编号"),
    )
    rows = []
    for one in listed:
        numbers = "\n".join(identifier.value for identifier in one.identifiers)
        known = one.state in pb.CredentialState.values()
        state = pb.CredentialState.Name(one.state).removeprefix("CREDENTIAL_STATE_") if known else str(one.state)
        window = (date_and_time(at_ms) if at_ms else "" for at_ms in (one.valid_from_ms, one.valid_to_ms))
        rows.append((numbers, state, *window, "\n".join(_notes(one)), one.credential_id))
    return WholeRows(headings, rows)


def _notes(one: pb.Credential) -> list[str]:
    notes = (
        (one.replaces, pick(f"replaces {one.replaces}", f"接替 {one.replaces}")),
        (one.stands_in_for, pick(f"on loan for {one.stands_in_for}", f"临时代替 {one.stands_in_for}")),
        (one.single_use, pick("opens once", "一次性")),
        (one.pin_required, pick("with PIN", "须密码")),
    )
    return [note for applies, note in notes if applies]


def _move(site: str, card: str, state: Any, reason: str, operator: str, folder: Path | None) -> None:
    async def ask(stub: Any) -> pb.Credential:
        found = await _find(stub, site, card)
        request = pb.ChangeCredentialStateRequest(
            site=site, credential_id=found.credential_id, state=state, reason=reason
        )
        answer: pb.ChangeCredentialStateResponse = await stub.ChangeCredentialState(request, timeout=_ASK_S)
        return answer.credential

    _print([_asked(folder, operator, ask)])


async def _holder_of(stub: Any, site: str, holder: str) -> str:
    return holder if holder.startswith("c:") else (await _find(stub, site, holder)).cardholder_id


async def _find(stub: Any, site: str, card: str) -> pb.Credential:
    identifier = pb.Identifier(type=pb.IDENTIFIER_TYPE_CARD, value=card)
    request = pb.FindCredentialRequest(site=site, identifier=identifier)
    found: pb.FindCredentialResponse = await stub.FindCredential(request, timeout=_ASK_S)
    return found.credential


async def _issue(stub: Any, site: str, holder: str, card: str, **more: Any) -> pb.Credential:
    given = pb.Credential(
        cardholder_id=holder,
        identifiers=[pb.Identifier(type=pb.IDENTIFIER_TYPE_CARD, value=card)],
        state=pb.CREDENTIAL_STATE_ACTIVE,
        **more,
    )
    request = pb.IssueCredentialRequest(site=site, credential=given)
    answer: pb.IssueCredentialResponse = await stub.IssueCredential(request, timeout=_ASK_S)
    return answer.credential


def _asked(folder: Path | None, operator: str, ask: Ask[T]) -> T:
    async def run() -> T:
        async with RunningSuite(_operator(operator), folder) as suite:
            try:
                return await ask(IdentityServiceStub(suite.channel("identity")))
            except grpc.aio.AioRpcError as refusal:
                raise refusal_of("identity", refusal) from None

    return asyncio.run(run())


def _operator(name: str) -> str:
    try:
        return spiffe_uri(Role.OPERATOR, name)
    except ValueError:
        raise LocalError(f"no operator can be called {name!r}", f"操作员不能叫 {name!r}") from None


def _print(listed: Sequence[pb.Credential]) -> None:
    Console().print(credential_table(listed))
