"""Black and white lists: black bars, white waives the rules the policy names, black beats white."""

from typing import Final

from menshen_rulebook.case import Case
from menshen_rulebook.decision import RaiseAlarm
from menshen_rulebook.rules.rule import Rule, Span
from menshen_rulebook.subject import ListEntry, Subject
from menshen_rulebook.vocabulary import AlarmKind, ListKind, Outcome

_NAME: Final = "lists"


def _evaluate(case: Case) -> None:
    for subject in case.subjects:
        if subject.list_entries:
            _judge(case, subject)


def _judge(case: Case, subject: Subject) -> None:
    entries = [entry for entry in subject.list_entries if _holds(case, entry)]
    black = sorted({entry.reason_code for entry in entries if entry.kind is ListKind.BLACK})
    if black:
        _bar(case, subject, black)
    elif any(entry.kind is ListKind.WHITE for entry in entries):
        case.waived |= {subject.subject_id}


def _bar(case: Case, subject: Subject, reason_codes: list[str]) -> None:
    # A policy may soften a black entry to a review; it may not turn it into a grant.
    outcome = max(case.point.policy.lists.black, Outcome.MANUAL_REVIEW)
    for reason_code in reason_codes:
        case.note(_NAME, outcome, "BLACKLISTED", (("reason_code", reason_code),))
    case.effects.append(RaiseAlarm(AlarmKind.BLACKLISTED, private=False, subject_id=subject.subject_id))


def _holds(case: Case, entry: ListEntry) -> bool:
    point = case.point.access_point
    return (
        entry.from_ms <= case.now_ms < entry.to_ms
        and entry.site in ("", case.point.site)
        and entry.access_point_id in ("", point.access_point_id)
        and entry.access_point_class in (0, point.access_point_class)
    )


def _boundaries(span: Span) -> list[int]:
    return [at for entry in span.subject.list_entries for at in (entry.from_ms, entry.to_ms)]


RULE: Final = Rule(
    _NAME, frozenset({"plan.access_points", "policy.lists", "subject.list_entries"}), _evaluate, _boundaries
)
