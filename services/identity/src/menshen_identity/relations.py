"""What a credential to be issued is to the others of its holder: a successor, or a loan card."""

from collections.abc import Sequence
from datetime import tzinfo

from menshen_identity.domain.credentials import LIVE, Credential
from menshen_identity.domain.succession import as_loan, end_of_day_ms, is_out, loan_faults
from menshen_identity.domain.words import Fault
from menshen_identity.troubles import already_succeeded, lent_already, refuse

_EXPECTED_ZH = "此持卡人名下仍在用的卡(不是临时卡或码)的凭证编号"
_EXPECTED_EN = "the id of a live credential of this cardholder that is no loan card and no code"


def related(given: Credential, held: Sequence[Credential], now_ms: int, zone: tzinfo) -> Credential:
    """The credential as it is issued beside what its holder has.

    DomainError INVALID for a relation that is none; EXISTS where a live successor, or a loan card that is out, has the
    place already.
    """
    if given.stands_in_for:
        day_ends_ms = end_of_day_ms(now_ms, zone)
        refuse(loan_faults(given, now_ms, day_ends_ms), "credential.")
        original = _own("stands_in_for", given.stands_in_for, held)
        if any(one.stands_in_for == given.stands_in_for and is_out(one, now_ms) for one in held):
            raise lent_already()
        return as_loan(given, original, day_ends_ms)
    if given.replaces:
        _own("replaces", given.replaces, held)
        if any(one.replaces == given.replaces and one.state in LIVE for one in held):
            raise already_succeeded()
    return given


def _own(field: str, credential_id: str, held: Sequence[Credential]) -> Credential:
    """The credential meant; unknown ones, those of others and those out of use are not told apart."""
    for one in held:
        if one.credential_id == credential_id and one.state in LIVE and not one.stands_in_for and not one.is_code:
            return one
    refuse((Fault(field, _EXPECTED_ZH, _EXPECTED_EN),), "credential.")
    raise AssertionError("a fault was refused")
