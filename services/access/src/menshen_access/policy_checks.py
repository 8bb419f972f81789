"""What a policy or plan document would bring about at a site, with the line of every finding."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from menshen_rulebook.analysis import Finding, Severity, Supply, analyse
from menshen_rulebook.decision import Text
from menshen_rulebook.plan import SitePlan
from menshen_servicekit.status import DomainError, FieldTrouble, Trouble, counted

from menshen_access.plan_documents import Document, LineFault, path_in_document

POLICY_UNFIT: Final = "POLICY_UNFIT"
PLAN_UNFIT: Final = "PLAN_UNFIT"
_CHECKED: Final = {POLICY_UNFIT: Text("策略", "policy"), PLAN_UNFIT: Text("方案", "plan")}
_FIRST_LINE = 1


@dataclass(frozen=True, slots=True)
class LineFinding:
    """A finding with its line in the document, from 1; 0 when it is in the site's plan, of which `path` then is.

    `standing` says that the site has it without the document as well.
    """

    severity: Severity
    code: str
    path: str
    line: int
    text: Text
    standing: bool


@dataclass(frozen=True, slots=True)
class PolicyCheck:
    """What a check found: the faults of an invalid document, or the findings about a valid one, errors first."""

    faults: tuple[LineFault, ...] = ()
    findings: tuple[LineFinding, ...] = ()

    @property
    def is_fit(self) -> bool:
        """Valid, and without an error that the document brings about."""
        return not self.faults and not _errors(self.findings)


def check_policy(
    standing: SitePlan, grown: SitePlan, document: Document, supply: Supply | None, now_ms: int
) -> tuple[LineFinding, ...]:
    """The findings about the last policy of `grown`, which the document describes, and about the plan with it.

    What other policies of the plan have had before is left out.
    """
    known = set(analyse(standing, supply, now_ms))
    place = len(grown.policies) - 1
    prefix = f"policies[{place}]"
    located: list[LineFinding] = []
    for finding in analyse(grown, supply, now_ms, {place}):
        if finding.path.startswith(prefix):
            path = finding.path.removeprefix(prefix).lstrip(".")
            located.append(_located(finding, path, document.line_of(path) or _FIRST_LINE, standing=False))
        elif finding not in known or not finding.path.startswith("policies["):
            located.append(_located(finding, finding.path, 0, standing=finding in known))
    return tuple(located)


def check_plan(
    standing: SitePlan, grown: SitePlan, document: Document, places: Mapping[tuple[str, int], int], now_ms: int
) -> tuple[LineFinding, ...]:
    """The findings about the plan that the document makes of the standing one; `places` as `merge` gives them."""
    known = set(analyse(standing, None, now_ms))
    located: list[LineFinding] = []
    for finding in analyse(grown, None, now_ms):
        path = path_in_document(finding.path, places)
        line = document.line_of(path) if path is not None else 0
        located.append(_located(finding, path or finding.path, line, standing=finding in known))
    return tuple(located)


def _located(finding: Finding, path: str, line: int, *, standing: bool) -> LineFinding:
    return LineFinding(finding.severity, finding.code, path, line, finding.text, standing)


def _errors(findings: Iterable[LineFinding]) -> list[LineFinding]:
    return [one for one in findings if one.severity is Severity.ERROR and not one.standing]


def refuse_errors(findings: Iterable[LineFinding], code: str = POLICY_UNFIT) -> None:
    """Raise DomainError INVALID with a field per ERROR that the document brings about."""
    errors = _errors(findings)
    if not errors:
        return
    fields = [
        FieldTrouble(
            one.path,
            f"第 {one.line} 行：{one.code}：{one.text.zh}" if one.line else f"{one.code}：{one.text.zh}",
            f"line {one.line}: {one.code}: {one.text.en}" if one.line else f"{one.code}: {one.text.en}",
        )
        for one in errors
    ]
    checked = _CHECKED[code]
    raise DomainError(
        Trouble.INVALID,
        code,
        f"{checked.zh}检查有 {len(fields)} 处错误，未作任何更改；首处：{fields[0].message_zh}",
        f"the {checked.en} has {counted(len(fields), 'error')}, nothing was changed; the first: {fields[0].message_en}",
        fields,
    )
