"""`menshen verify FILE`: check an exported history without any service. Exit 0 sound, 1 at fault, 2 wrongly called."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from menshen_access.domain.archive import MOST_LINE_BYTES, ArchiveHeader
from menshen_access.domain.archive_check import ArchiveCheck, ArchiveFaultError, ArchiveFindings, signed_heads
from menshen_access.domain.heads import SignedHead, statement_of
from menshen_servicekit.status import counted

from menshen_cli.instants import date_and_time
from menshen_cli.local.language import LocalError, pick
from menshen_cli.os_troubles import unreadable

_FAULT_STATUS, _USAGE_STATUS = 1, 2

app = typer.Typer(add_completion=False)


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(help="an exported history / 导出的历史记录")],
    heads: Annotated[
        Path | None, typer.Option(help="signed heads: a file, or their folder / 签名链头文件或目录")
    ] = None,
    public_key: Annotated[Path | None, typer.Option(help="PEM key of the signed heads / 链头的公钥")] = None,
) -> None:
    """Verify a file, wholly offline. 完全离线地验证文件。"""
    try:
        header, findings = verified(file, heads, _key(public_key, with_heads=heads is not None))
    except OSError as trouble:
        sys.stderr.write(f"menshen verify: {unreadable(trouble)}\n")
        raise typer.Exit(_USAGE_STATUS) from None
    except LocalError as trouble:
        sys.stderr.write(f"menshen verify: {trouble}\n")
        raise typer.Exit(_USAGE_STATUS) from None
    except ArchiveFaultError as fault:
        sys.stdout.write(f"{fault_text(file, fault)}\n")
        raise typer.Exit(_FAULT_STATUS) from None
    sys.stdout.write("\n".join(findings_text(header, findings, with_heads=heads is not None)) + "\n")


class HeadFaultError(ArchiveFaultError):
    """What is wrong with the file of signed heads, not with the export."""


def verified(file: Path, heads: Path | None, key: Ed25519PublicKey | None) -> tuple[ArchiveHeader, ArchiveFindings]:
    """Check a file line by line; ArchiveFaultError at the first fault, LocalError without heads of its site."""
    with file.open("rb") as lines:
        check = ArchiveCheck(lines.readline(MOST_LINE_BYTES))
        if heads is not None and key is not None:
            check.expect(*_signed(_heads_file(heads, check.header.site), check.header.site, key))
        while line := lines.readline(MOST_LINE_BYTES):
            check.take(line)
    return check.header, check.finish()


def fault_text(file: Path, fault: ArchiveFaultError) -> str:
    """The place of a fault and what it is, in the reader's language."""
    where = pick("signed heads", "签名链头") if isinstance(fault, HeadFaultError) else str(file)
    en, zh = f"{where}, line {fault.line}", f"{where} 第 {fault.line} 行"
    if fault.sequence:
        en, zh = f"{en}, sequence {fault.sequence}", f"{zh}，序号 {fault.sequence}"
    return pick(f"FAULT {en}: {fault.en}", f"有误 {zh}：{fault.zh}")


def findings_text(header: ArchiveHeader, findings: ArchiveFindings, *, with_heads: bool) -> Iterator[str]:
    """What was verified, and what this does not prove."""
    at, first = date_and_time(header.exported_at_ms), header.after + 1
    rows = counted(findings.rows, "row")
    en, zh = f", sequences {first} to {header.through}", f"，序号 {first} 至 {header.through}"
    yield pick(
        f"SOUND {header.site}, epoch {header.epoch}, exported {at}: {rows}{en if findings.rows else ''}",
        f"无误 {header.site}，纪元 {header.epoch}，导出于 {at}：{findings.rows} 行{zh if findings.rows else ''}",
    )
    gone = ", ".join(f"{title} {count}" for title, count in findings.deleted.items())
    yield pick(
        f"rows with deleted bytes: {findings.deleted_rows} ({gone})",
        f"内容已删除的行：{findings.deleted_rows}（{gone}）",
    )
    if header.after:
        yield pick(f"what came before {first} is not in this file", f"序号 {first} 之前的历史不在此文件中")
    yield from _heads_text(header, findings) if with_heads else _no_heads_text()


def _no_heads_text() -> Iterator[str]:
    yield pick(
        "NO SIGNED HEADS were given: whoever rewrote every row from some row to the end would not be noticed",
        "未提供签名链头：若有人从某行起直至末尾全部重写，此处无法发现",
    )


def _heads_text(header: ArchiveHeader, findings: ArchiveFindings) -> Iterator[str]:
    through = findings.covered_through
    yield pick(
        f"signed heads: {findings.heads_agreed} agree, the last at sequence {through}",
        f"签名链头：{findings.heads_agreed} 个相符，最后一个在序号 {through}",
    )
    if through < header.through:
        yield pick(
            f"no signed head covers {max(through, header.after) + 1} to {header.through}",
            f"序号 {max(through, header.after) + 1} 至 {header.through} 没有签名链头佐证",
        )
    if findings.heads_later:
        yield pick(
            f"heads signed after the export: {findings.heads_later}; is its time the one you know?",
            f"{findings.heads_later} 个链头签名于导出之后；导出时间是否与您所知相符？",
        )
    if findings.heads_outside:
        yield pick(
            f"heads of rows before this file: {findings.heads_outside}",
            f"{findings.heads_outside} 个链头属于此文件之前的行",
        )
    if findings.heads_unreadable:
        yield pick(
            f"{counted(findings.heads_unreadable, 'line')} of the heads could not be read",
            f"链头文件中有 {findings.heads_unreadable} 行无法读取",
        )
    if findings.heads_of_other_epochs:
        yield pick(
            f"heads of earlier epochs that differ: {findings.heads_of_other_epochs}; only a restore explains that",
            f"{findings.heads_of_other_epochs} 个较早纪元的链头不符：只有恢复备份能解释",
        )


def _key(path: Path | None, *, with_heads: bool) -> Ed25519PublicKey | None:
    if (path is not None) != with_heads:
        raise LocalError("--heads and --public-key go together", "--heads 与 --public-key 须一并给出")
    if path is None:
        return None
    try:
        key = load_pem_public_key(path.read_bytes())
    except ValueError:
        key = None
    if not isinstance(key, Ed25519PublicKey):
        raise LocalError(f"{path} holds no Ed25519 public key", f"{path} 不是 Ed25519 公钥")
    return key


def _heads_file(heads: Path, site: str) -> Path:
    """The file itself, or that of the site in a folder."""
    if heads.is_dir() and Path(site).name == site:
        heads = heads / f"{site}.jsonl"
    if not heads.is_file():
        raise LocalError(f"there are no signed heads in {heads}", f"{heads} 中没有签名链头")
    return heads


def _signed(path: Path, site: str, key: Ed25519PublicKey) -> tuple[list[SignedHead], int]:
    def holds(head: SignedHead) -> bool:
        try:
            key.verify(bytes.fromhex(head.signature), statement_of(head))
        except InvalidSignature:
            return False
        return True

    try:
        with path.open("rb") as lines:
            heads, unreadable = signed_heads(lines, site, holds)
    except ArchiveFaultError as fault:
        raise HeadFaultError(fault.line, fault.sequence, fault.en, fault.zh) from None
    if not heads:
        raise HeadFaultError(1, 0, "no line is a signed head: nothing was compared", "没有任何一行是签名链头：未作比对")
    return heads, unreadable
