"""What credentials of one holder are to each other: successors, and loan cards for a day."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta, tzinfo
from enum import IntEnum

from menshen_identity.domain.credentials import LIVE, Credential, CredentialState
from menshen_identity.domain.words import Fault, present

_ACTIVE = CredentialState.ACTIVE


class Retirement(IntEnum):
    """What became of a credential that was succeeded; numbers equal the contract's."""

    UNSPECIFIED = 0
    DONE = 1
    BEFORE = 2
    STAYS_STOLEN = 3
    NOT_SUCCEEDED = 4


def retirement_of(credential_id: str, held: Sequence[Credential]) -> Retirement:
    """What a use of its successor makes of one credential of a holder. DONE: it is to become REPLACED."""
    credential = next((one for one in held if one.credential_id == credential_id), None)
    if credential is None or not any(other.replaces == credential_id for other in held):
        return Retirement.NOT_SUCCEEDED
    if credential.state is CredentialState.STOLEN:
        return Retirement.STAYS_STOLEN
    return Retirement.DONE if credential.state in LIVE else Retirement.BEFORE


def end_of_day_ms(now_ms: int, zone: tzinfo) -> int:
    """The midnight that ends the local day of an instant."""
    today = datetime.fromtimestamp(now_ms / 1000, zone).date()
    midnight = datetime.combine(today + timedelta(days=1), time(), zone)
    return round(midnight.astimezone(UTC).timestamp() * 1000)


def as_loan(loan: Credential, original: Credential, day_ends_ms: int) -> Credential:
    """A loan card as it is issued: until the end of the day unless it ends before, and no weaker than the original."""
    return replace(
        loan,
        valid_to_ms=loan.valid_to_ms or day_ends_ms,
        pin_required=loan.pin_required or original.pin_required,
    )


def loan_faults(loan: Credential, now_ms: int, day_ends_ms: int) -> tuple[Fault, ...]:
    """Every field that is wrong in a loan card to be issued now."""
    is_today = not loan.valid_to_ms or now_ms < loan.valid_to_ms <= day_ends_ms
    return present(
        (
            Fault("replaces", "空:临时卡不取代原卡", "nothing: a loan card succeeds no other")
            if loan.replaces
            else None,
            None if loan.state is _ACTIVE else Fault("state", "ACTIVE:临时卡即发即用", "ACTIVE: a loan begins at once"),
            None
            if loan.valid_from_ms <= now_ms
            else Fault("valid_from_ms", "0:临时卡即发即用", "0: a loan begins at once"),
            None
            if is_today
            else Fault("valid_to_ms", "今日结束以前的将来时间,或 0", "a time to come before the local day ends, or 0"),
        )
    )


def is_out(loan: Credential, now_ms: int) -> bool:
    """Whether a loan card is in somebody's hands and opens."""
    return bool(loan.stands_in_for) and loan.state is _ACTIVE and now_ms < loan.valid_to_ms


def as_decided_on(held: Iterable[Credential]) -> tuple[Credential, ...]:
    """The credentials as gates are told of them: what an active loan card stands in for opens when the loan has ended.

    It needs no word of the end: gates without a connection let the original in again at the same instant.
    """
    listed = tuple(held)
    lent_to_ms: dict[str, int] = {}
    for loan in listed:
        if loan.stands_in_for and loan.state is _ACTIVE:
            lent_to_ms[loan.stands_in_for] = max(loan.valid_to_ms, lent_to_ms.get(loan.stands_in_for, 0))
    if not lent_to_ms:
        return listed
    return tuple(
        replace(one, valid_from_ms=max(one.valid_from_ms, lent_to_ms.get(one.credential_id, 0))) for one in listed
    )
