"""What a grant uses up beside a place: a single-use credential, and the credential that a successor takes over from."""

from typing import Final

from menshen_rulebook.decision import Retire, UseOnce
from menshen_rulebook.subject import Credential, Subject
from menshen_rulebook.vocabulary import CredentialState

_RETIRABLE: Final = frozenset(
    {CredentialState.INACTIVE, CredentialState.ACTIVE, CredentialState.SUSPENDED, CredentialState.LOST}
)
"""A stolen credential stays stolen: showing it goes on raising the alarm."""


def retired_id(credential_id: str) -> str:
    """The used id that says a successor of this credential has been used."""
    return f"retired:{credential_id}"


def retired_by(subject: Subject, credential: Credential, now_ms: int) -> tuple[Credential, ...]:
    """The credentials that a grant to `credential` retires: the one it succeeds, and those that one was to succeed.

    None where it is not good itself.
    """
    is_good = credential.state is CredentialState.ACTIVE and credential.valid_from_ms <= now_ms < credential.valid_to_ms
    wanted, retired = credential.replaces if is_good else None, []
    by_id = {other.credential_id: other for other in subject.credentials if other is not credential} if wanted else {}
    while wanted and (other := by_id.pop(wanted, None)) is not None:
        if other.state in _RETIRABLE:
            retired.append(other)
        wanted = other.replaces
    return tuple(retired)


def has_successor(subject: Subject, credential: Credential) -> bool:
    """Whether another credential of the subject was issued to take this one's place."""
    return any(other.replaces == credential.credential_id for other in subject.credentials)


def effects_of_use(
    subject: Subject, credential: Credential, now_ms: int, *, leads_out: bool
) -> tuple[UseOnce | Retire, ...]:
    """What a grant to a presented credential brings about. A single-use one is used by entering only."""
    effects: list[UseOnce | Retire] = []
    if credential.single_use and not leads_out:
        effects.append(UseOnce(credential.credential_id))
    for retired in retired_by(subject, credential, now_ms):
        effects += (Retire(subject.subject_id, retired.credential_id), UseOnce(retired_id(retired.credential_id)))
    return tuple(effects)


def used_up(subject: Subject, credential: Credential, now_ms: int, *, leads_out: bool) -> tuple[str, ...]:
    """The used ids that a grant to a presented credential leaves behind."""
    effects = effects_of_use(subject, credential, now_ms, leads_out=leads_out)
    return tuple(effect.used_id for effect in effects if isinstance(effect, UseOnce))
