"""Sentences of the policy for the holder on the way."""

from typing import Final

from menshen_rulebook import facts
from menshen_rulebook.case import Case
from menshen_rulebook.rules.rule import Rule, Span
from menshen_rulebook.vocabulary import Outcome

_NAME: Final = "reminders"


def _evaluate(case: Case) -> None:
    for reminder in case.point.reminders:
        for subject in case.subjects:
            if case.concerns(reminder.where, subject) and facts.hold(reminder.only_if, subject, case):
                case.note(_NAME, Outcome.GRANT_WITH_REMINDER, reminder.code, (), reminder.texts)
                break


def _boundaries(span: Span) -> list[int]:
    return [
        at
        for reminder in span.point.reminders
        for condition in reminder.only_if
        for at in facts.boundaries(condition.test, span.subject)
    ]


RULE: Final = Rule(
    _NAME,
    frozenset(
        {
            "live.stale_sources",
            "live.threat_levels",
            "policy.reminders",
            "presentation.measured",
            "subject.category",
            "subject.facts",
            "subject.groups",
        }
    ),
    _evaluate,
    _boundaries,
)
