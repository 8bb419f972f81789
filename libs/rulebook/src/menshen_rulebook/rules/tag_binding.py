"""A tag answers with the chip it was bound to. Same EPC with another TID is a clone; a TID not read proves nothing."""

from typing import Final

from menshen_rulebook.case import Case
from menshen_rulebook.decision import RaiseAlarm
from menshen_rulebook.rules.rule import Rule
from menshen_rulebook.vocabulary import AlarmKind, IdentifierType, Outcome

_NAME: Final = "tag_binding"


def _evaluate(case: Case) -> None:
    tid = case.presentation.tid
    if not tid:
        return
    for subject, credentials in case.matched:
        for credential in credentials:
            is_tag = any(identifier[0] is IdentifierType.EPC for identifier in credential.identifiers)
            if is_tag and credential.tid and credential.tid != tid:
                case.note(_NAME, Outcome.DENY, "TAG_CLONED")
                case.effects.append(RaiseAlarm(AlarmKind.TAG_CLONED, private=False, subject_id=subject.subject_id))


RULE: Final = Rule(_NAME, frozenset({"presentation.identifiers", "presentation.tid", "subject.credentials"}), _evaluate)
