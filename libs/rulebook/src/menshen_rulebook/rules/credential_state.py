"""A credential opens only while it is ACTIVE and inside [valid_from_ms, valid_to_ms); a single-use one enters once.

One that was succeeded opens no more once its successor has been used, even before the office's word of it arrives.
"""

from typing import Final

from menshen_rulebook.case import Case
from menshen_rulebook.decision import NotUsed, RaiseAlarm
from menshen_rulebook.rules.rule import Rule, Span
from menshen_rulebook.schedule import local_text
from menshen_rulebook.subject import Credential, Subject
from menshen_rulebook.uses import effects_of_use, has_successor, retired_id
from menshen_rulebook.vocabulary import AlarmKind, CredentialState, Outcome

_NAME: Final = "credential_state"
_ACTIVE: Final = CredentialState.ACTIVE
_CODES: Final = {
    CredentialState.UNSPECIFIED: "CREDENTIAL_INACTIVE",
    CredentialState.INACTIVE: "CREDENTIAL_INACTIVE",
    CredentialState.SUSPENDED: "CREDENTIAL_SUSPENDED",
    CredentialState.LOST: "CREDENTIAL_LOST",
    CredentialState.STOLEN: "CREDENTIAL_STOLEN",
    CredentialState.REPLACED: "CREDENTIAL_REPLACED",
    CredentialState.RETURNED: "CREDENTIAL_RETURNED",
    CredentialState.DESTROYED: "CREDENTIAL_DESTROYED",
    CredentialState.EXPIRED: "CREDENTIAL_EXPIRED",
}


def _evaluate(case: Case) -> None:
    for subject, credentials in case.matched:
        for credential in credentials:
            if credential.state is not _ACTIVE:
                case.note(_NAME, Outcome.DENY, _CODES[credential.state])
                if credential.state is CredentialState.STOLEN:
                    case.effects.append(
                        RaiseAlarm(AlarmKind.CREDENTIAL_STOLEN, private=False, subject_id=subject.subject_id)
                    )
            _check_validity(case, credential)
            if credential.single_use or len(subject.credentials) > 1:
                _use(case, subject, credential)


def _check_validity(case: Case, credential: Credential) -> None:
    if case.now_ms < credential.valid_from_ms:
        at = local_text(credential.valid_from_ms, case.point.utc_offset_minutes)
        case.note(_NAME, Outcome.DENY, "CREDENTIAL_NOT_YET_VALID", (("opens_at", at),))
    elif case.now_ms >= credential.valid_to_ms:
        at = local_text(credential.valid_to_ms, case.point.utc_offset_minutes)
        case.note(_NAME, Outcome.DENY, "CREDENTIAL_EXPIRED", (("ended_at", at),))


def _use(case: Case, subject: Subject, credential: Credential) -> None:
    leads_out = case.point.leads_out
    if credential.single_use and not leads_out:
        _require_unused(case, credential.credential_id, "CREDENTIAL_USED")
    if credential.state is _ACTIVE and has_successor(subject, credential):
        _require_unused(case, retired_id(credential.credential_id), "CREDENTIAL_REPLACED")
    case.on_grant += effects_of_use(subject, credential, case.now_ms, leads_out=leads_out)


def _require_unused(case: Case, used_id: str, code: str) -> None:
    case.guards.append(NotUsed(used_id))
    if used_id in case.live.used_ids:
        case.note(_NAME, Outcome.DENY, code)


def _boundaries(span: Span) -> list[int]:
    return [at for c in span.subject.credentials for at in (c.valid_from_ms, c.valid_to_ms)]


RULE: Final = Rule(
    _NAME, frozenset({"presentation.identifiers", "subject.credentials", "live.used_ids"}), _evaluate, _boundaries
)
