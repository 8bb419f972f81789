"""Administration: messages to domain values and back."""

from typing import Any

from menshen.access.v1 import administration_pb2
from menshen_rulebook.analysis import Severity, Supply
from menshen_rulebook.types import FOREVER_MS
from menshen_servicekit.identity import caller_of
from menshen_servicekit.status import DomainError, FieldTrouble, Trouble

from menshen_access.domain.administration import Assignment, RaisedHold
from menshen_access.plan_documents import LineFault
from menshen_access.policy_checks import LineFinding
from menshen_access.presence_desk import Standing
from menshen_access.querying import NEWEST

MOST_ON_A_PAGE = 1000
USUAL_ON_A_PAGE = 100
MOST_DIGITS = 18
_SEVERITIES = {
    Severity.UNSPECIFIED: administration_pb2.FINDING_SEVERITY_UNSPECIFIED,
    Severity.WARNING: administration_pb2.FINDING_SEVERITY_WARNING,
    Severity.ERROR: administration_pb2.FINDING_SEVERITY_ERROR,
}


def who(context: Any) -> str:
    """The caller as histories name it: `operator/li`, `guard/north-post`, `service/safety`."""
    caller = caller_of(context)
    return f"{caller.role.value}/{caller.name}" if caller is not None else ""


class ServedSites:
    """The sites this process serves."""

    def __init__(self, sites: tuple[str, ...]) -> None:
        self._sites = frozenset(sites)

    def check(self, site: str) -> str:
        """The site; DomainError NOT_FOUND for one that is not served here."""
        if site not in self._sites:
            raise DomainError(Trouble.NOT_FOUND, "SITE_UNKNOWN", "未知校区", "this service does not serve the site")
        return site


def page_size(asked: int) -> int:
    """The size of a page; DomainError INVALID beyond the most."""
    if asked > MOST_ON_A_PAGE:
        text = (f"1 至 {MOST_ON_A_PAGE}", f"1 to {MOST_ON_A_PAGE}")
        raise DomainError(
            Trouble.INVALID, "PAGE_TOO_LARGE", "分页过大", "the page is too large", [FieldTrouble("page_size", *text)]
        )
    return asked or USUAL_ON_A_PAGE


def before_sequence(token: str) -> int:
    """The sequence a page of the history ends before; DomainError INVALID for a token that is not one of ours."""
    if not token:
        return NEWEST
    if not token.isascii() or not token.isdigit() or len(token) > MOST_DIGITS:
        raise bad_token()
    return int(token)


def bad_token() -> DomainError:
    return DomainError(
        Trouble.INVALID,
        "PAGE_TOKEN_INVALID",
        "分页标记无效",
        "the page token is not one of ours",
        [FieldTrouble("page_token", "上一页返回的标记", "the token of the previous page")],
    )


def assignment_of(message: administration_pb2.Assignment) -> Assignment:
    return Assignment(
        "",
        message.subject_id,
        message.group,
        message.access_level,
        message.from_ms,
        message.to_ms,
        message.reason,
        "",
    )


def assignment_message(assignment: Assignment) -> administration_pb2.Assignment:
    return administration_pb2.Assignment(
        assignment_id=assignment.assignment_id,
        subject_id=assignment.subject_id,
        group=assignment.group,
        access_level=assignment.access_level,
        from_ms=assignment.from_ms,
        to_ms=0 if assignment.to_ms == FOREVER_MS else assignment.to_ms,
        reason=assignment.reason,
        grantor=assignment.grantor,
    )


def fault_message(fault: LineFault) -> administration_pb2.DocumentFault:
    return administration_pb2.DocumentFault(
        path=fault.path, line=fault.line, expected_zh=fault.expected_zh, expected_en=fault.expected_en
    )


def finding_message(finding: LineFinding) -> administration_pb2.PolicyFinding:
    return administration_pb2.PolicyFinding(
        severity=_SEVERITIES[finding.severity],
        code=finding.code,
        path=finding.path,
        line=finding.line,
        sentence_zh=finding.text.zh,
        sentence_en=finding.text.en,
        standing=finding.standing,
    )


def supply_of(message: administration_pb2.ValidatePolicyRequest) -> Supply | None:
    """The facts the caller states; None where nothing is stated."""
    if not message.fact_sources and not message.measured_facts:
        return None
    sources = tuple((source.source, frozenset(source.facts)) for source in message.fact_sources)
    return Supply(sources, frozenset(message.measured_facts))


def hold_message(hold: RaisedHold) -> administration_pb2.Hold:
    return administration_pb2.Hold(
        hold_id=hold.hold_id,
        origin=hold.origin,
        area=hold.area,
        access_point=hold.access_point,
        reason=hold.reason,
        raised_at_ms=hold.raised_at_ms,
    )


def projection_message(standing: Standing) -> administration_pb2.GetProjectionResponse:
    return administration_pb2.GetProjectionResponse(
        subjects=standing.subjects,
        plan_version=standing.plan_version,
        ready=standing.is_ready,
        rebuilt=standing.rebuilt,
        recorder_lag=standing.recorder_lag,
        feed_positions=dict(standing.feed_positions),
    )
