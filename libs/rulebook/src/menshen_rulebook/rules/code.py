"""Card and code: where the access point or the threat level wants both, everybody shows a card and a code of their own.

The code is a credential like any other, single-use or not. Whichever comes first awaits the other one for a time.
"""

from typing import Final

from menshen_rulebook.case import Case
from menshen_rulebook.rules.rule import Rule
from menshen_rulebook.subject import Credential
from menshen_rulebook.vocabulary import CredentialRequirement, IdentifierType, Outcome, SubjectKind

_NAME: Final = "code"
_BOTH: Final = frozenset({IdentifierType.CARD, IdentifierType.QR})


def _evaluate(case: Case) -> None:
    if not case.asks_for(CredentialRequirement.CARD_AND_CODE):
        return
    people = [held for subject, held in case.matched if subject.kind is SubjectKind.CARDHOLDER]
    if all(_shows_both(case, credentials) for credentials in people):
        return
    if case.waits_for_more():
        case.note(_NAME, Outcome.DENY, "CODE_AWAITED", case.waiting_time())
    else:
        case.note(_NAME, Outcome.DENY, "CODE_MISSING")


def _shows_both(case: Case, credentials: tuple[Credential, ...]) -> bool:
    shown = case.presentation.identifiers
    kinds = {i.type for credential in credentials for i in credential.identifiers if i in shown}
    return kinds >= _BOTH


RULE: Final = Rule(
    _NAME,
    frozenset(
        {
            "live.threat_levels",
            "plan.access_points",
            "policy.threats",
            "presentation.identifiers",
            "subject.credentials",
            "subject.kind",
        }
    ),
    _evaluate,
)
