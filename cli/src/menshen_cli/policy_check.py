"""Policy files checked on this machine, without a suite: faults and findings, each with its file and line."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from menshen_access.plan_documents import Document, DocumentFaultyError, LineFault, read_document
from menshen_rulebook.analysis import Finding, Severity, Supply, analyse, analyse_policies
from menshen_rulebook.decision import Text
from menshen_rulebook.mapping import DocumentInvalidError, Fault, Faults, read
from menshen_rulebook.plan import plan_from_mapping
from menshen_rulebook.policy import Policy, parse_policy

from menshen_cli.local.language import LocalError
from menshen_cli.os_troubles import no_text

FAULT = "DOCUMENT_INVALID"
_FIRST_LINE = 1


@dataclass(frozen=True, slots=True)
class Remark:
    """One line of the answer. `place` is `file:line`, or a path in the plan of a running site."""

    place: str
    severity: Severity
    code: str
    text: Text


def check_files(
    files: Sequence[Path], plan_file: Path | None, supply: Supply | None, now_ms: int
) -> tuple[Remark, ...]:
    """Everything there is to say about policies as the dated sequence of one site, with its plan where one is given.

    Raises LocalError for a file that cannot be read and for policies of several sites.
    """
    remarks: list[Remark] = []
    written = {file: _document(file, remarks) for file in (*files, *([plan_file] if plan_file else ()))}
    policies = [_policy(file, written[file], remarks) for file in files]
    if remarks:
        return tuple(remarks)
    known = [policy for policy in policies if policy is not None]
    _check_sites(known)
    if plan_file is None:
        return _Written(written, files, files[0], 0).remarks(analyse_policies(known, supply, now_ms))
    standing = written[plan_file].plain.get("policies", [])
    if not isinstance(standing, list):
        return (_faulty(f"{plan_file}:{written[plan_file].line_of('policies')}", "policies", "一个列表", "a list"),)
    return _check_with_plan(_Written(written, files, plan_file, len(standing)), supply, now_ms)


def read_supply(file: Path) -> Supply:
    """The facts a file states: `sources` (source to its facts) and `measured`. Raises LocalError when it is faulty."""
    faults = Faults()
    try:
        supply = read(Supply, read_document(read_text(file)).plain, "", faults)
    except DocumentFaultyError as faulty:
        first = faulty.faults[0]
        raise LocalError(
            f"{file}:{first.line}: expected {first.expected_en}", f"{file}:{first.line}: 应为{first.expected_zh}"
        ) from None
    if supply is None:
        fault = faults.found[0]
        raise LocalError(
            f"{file}: {fault.path}: expected {fault.expected_en}", f"{file}：{fault.path}：应为{fault.expected_zh}"
        )
    return supply


@dataclass(frozen=True, slots=True)
class _Written:
    """The files of a check, to find the place of a path of the whole plan in them.

    The first `own` policies of the plan stand in the plan's own file; without one the first policy stands for it.
    """

    documents: dict[Path, Document]
    files: Sequence[Path]
    plan_file: Path
    own: int

    def place(self, path: str) -> tuple[str, str]:
        """`file:line`, and the path in that file."""
        for number, file in enumerate(self.files, self.own):
            prefix = f"policies[{number}]"
            if path.startswith(prefix):
                return self._at(file, path.removeprefix(prefix).lstrip("."))
        return self._at(self.plan_file, path)

    def _at(self, file: Path, path: str) -> tuple[str, str]:
        return f"{file}:{self.documents[file].line_of(path) or _FIRST_LINE}", path

    def remarks(self, findings: Iterable[Finding]) -> tuple[Remark, ...]:
        """Each finding at its place."""
        return tuple(Remark(self.place(one.path)[0], one.severity, one.code, one.text) for one in findings)

    def faults(self, faults: Iterable[Fault]) -> tuple[Remark, ...]:
        """Each fault at its place."""
        return tuple(_faulty(*self.place(one.path), one.expected_zh, one.expected_en) for one in faults)


def _check_with_plan(written: _Written, supply: Supply | None, now_ms: int) -> tuple[Remark, ...]:
    drafts = [written.documents[file].plain for file in written.files]
    plain = {"site": drafts[0]["site"], "version": 1, **written.documents[written.plan_file].plain}
    plain["policies"] = [*plain.get("policies", []), *drafts]
    try:
        plan = plan_from_mapping(plain)
    except DocumentInvalidError as invalid:
        return written.faults(invalid.faults)
    return written.remarks(analyse(plan, supply, now_ms, range(written.own, len(plan.policies))))


def _document(file: Path, remarks: list[Remark]) -> Document:
    try:
        return read_document(read_text(file))
    except DocumentFaultyError as faulty:
        remarks.extend(fault_remarks(str(file), faulty.faults))
        return Document()


def _policy(file: Path, document: Document, remarks: list[Remark]) -> Policy | None:
    if not document.plain:
        return None
    try:
        return parse_policy(document.plain)
    except DocumentInvalidError as invalid:
        remarks.extend(fault_remarks(str(file), document.faulty(invalid).faults))
        return None


def fault_remarks(file: str, faults: Iterable[LineFault]) -> list[Remark]:
    """What was expected at each faulty place of a file."""
    return [
        _faulty(f"{file}:{fault.line or _FIRST_LINE}", fault.path, fault.expected_zh, fault.expected_en)
        for fault in faults
    ]


def _faulty(place: str, path: str, zh: str, en: str) -> Remark:
    before_zh, before_en = (f"{path}：", f"{path}: ") if path else ("", "")
    return Remark(place, Severity.ERROR, FAULT, Text(f"{before_zh}应为{zh}", f"{before_en}expected {en}"))


def _check_sites(policies: Sequence[Policy]) -> None:
    sites = sorted({policy.site for policy in policies})
    if len(sites) > 1:
        names = ", ".join(sites)
        raise LocalError(f"the policies are of several sites ({names})", f"策略属于不同的校区（{names}）")


def read_text(file: Path) -> str:
    """The text of a file; LocalError when it cannot be read as UTF-8."""
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise no_text(file, error) from None
