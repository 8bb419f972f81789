"""Credentials: their identifiers, and the life cycle as a table."""

import re
from dataclasses import dataclass
from enum import IntEnum
from typing import Final, NamedTuple

from menshen_identity.domain.words import Fault, line_fault, present, window_fault

MAX_IDENTIFIERS = 8


class IdentifierType(IntEnum):
    """Numbers equal the contract's."""

    UNSPECIFIED = 0
    CARD = 1
    QR = 2
    EPC = 3
    PLATE = 4


class CredentialState(IntEnum):
    """Numbers equal the contract's."""

    UNSPECIFIED = 0
    INACTIVE = 1
    ACTIVE = 2
    SUSPENDED = 3
    LOST = 4
    STOLEN = 5
    REPLACED = 6
    RETURNED = 7
    DESTROYED = 8


_S = CredentialState

LIFE_CYCLE: Final[dict[CredentialState, frozenset[CredentialState]]] = {
    _S.UNSPECIFIED: frozenset(),
    _S.INACTIVE: frozenset({_S.ACTIVE, _S.SUSPENDED, _S.LOST, _S.STOLEN, _S.REPLACED, _S.RETURNED, _S.DESTROYED}),
    _S.ACTIVE: frozenset({_S.SUSPENDED, _S.LOST, _S.STOLEN, _S.REPLACED, _S.RETURNED, _S.DESTROYED}),
    _S.SUSPENDED: frozenset({_S.ACTIVE, _S.LOST, _S.STOLEN, _S.REPLACED, _S.RETURNED, _S.DESTROYED}),
    _S.LOST: frozenset({_S.ACTIVE, _S.STOLEN, _S.REPLACED, _S.RETURNED, _S.DESTROYED}),
    _S.STOLEN: frozenset({_S.REPLACED, _S.RETURNED, _S.DESTROYED}),
    _S.REPLACED: frozenset({_S.RETURNED, _S.DESTROYED}),
    _S.RETURNED: frozenset({_S.DESTROYED}),
    _S.DESTROYED: frozenset(),
}
"""Which state may follow which. A lost credential that is found may be activated; a stolen one never again."""

ISSUABLE: Final = frozenset({_S.INACTIVE, _S.ACTIVE})
LIVE: Final = frozenset({_S.INACTIVE, _S.ACTIVE, _S.SUSPENDED, _S.LOST, _S.STOLEN})
"""States in which a credential keeps its identifiers from every other. No way leads back into them."""
REVOKED: Final = frozenset(CredentialState) - {_S.UNSPECIFIED, _S.INACTIVE, _S.ACTIVE}
"""States whose news travels on the revocation lane."""


class Identifier(NamedTuple):
    """A value by which a reader finds a credential, normalised."""

    type: IdentifierType
    value: str


@dataclass(frozen=True, slots=True)
class Credential:
    """One thing to present, with all its identifiers. Works in [valid_from_ms, valid_to_ms), zero for an open end.

    `replaces` and `stands_in_for` name credentials of the same holder: the first use retires the one, a loan card
    stands in for the other for a day. A code was made for a window and is forgotten some time after it. With
    `only_site` no other site is told of it.
    """

    credential_id: str
    cardholder_id: str
    identifiers: tuple[Identifier, ...]
    state: CredentialState
    valid_from_ms: int = 0
    valid_to_ms: int = 0
    external_ref: str = ""
    changed_at_ms: int = 0
    replaces: str = ""
    stands_in_for: str = ""
    single_use: bool = False
    pin_required: bool = False
    is_code: bool = False
    only_site: str = ""


def may_follow(now: CredentialState, then: CredentialState) -> bool:
    """True when the table has the step; staying where it is is no step."""
    return then in LIFE_CYCLE[now]


_SEPARATORS = re.compile(r"[\s:.-]+")
_CARD = re.compile(r"[0-9A-F]{2,32}\Z")
_EPC = re.compile(r"(?:[0-9A-F]{4}){2,31}\Z")
_QR = re.compile(r"[!-~]{8,128}\Z")


def normal_card(text: str) -> str | None:
    """A card number as upper-case hexadecimal without separators; leading zeros count. None when it is none."""
    digits = _SEPARATORS.sub("", text).upper()
    return digits if _CARD.match(digits) else None


def normal_identifier(identifier: Identifier) -> Identifier | None:
    """The identifier as readers and enrolment write it; None when it is not valid or not one a person holds."""
    if identifier.type is IdentifierType.CARD:
        value = normal_card(identifier.value)
    elif identifier.type is IdentifierType.EPC:
        digits = _SEPARATORS.sub("", identifier.value).upper()
        value = digits if _EPC.match(digits) else None
    elif identifier.type is IdentifierType.QR:
        value = identifier.value if _QR.match(identifier.value) else None
    else:
        value = None
    return Identifier(identifier.type, value) if value is not None else None


def identifier_fault(field: str, identifier: Identifier) -> Fault | None:
    """What was expected of an identifier that has no normal form."""
    if normal_identifier(identifier) is not None:
        return None
    return Fault(field, *_EXPECTED.get(identifier.type, _EXPECTED_TYPE))


_EXPECTED_TYPE = ("类型 CARD、QR 或 EPC(车牌属于车辆)", "type CARD, QR or EPC (plates belong to vehicles)")
_EXPECTED = {
    IdentifierType.CARD: ("2 至 32 位十六进制卡号", "a card number of 2 to 32 hexadecimal digits"),
    IdentifierType.QR: ("8 至 128 个可见 ASCII 字符", "8 to 128 visible ASCII characters"),
    IdentifierType.EPC: (
        "十六进制 EPC,8 至 124 位且为 4 的倍数",
        "a hexadecimal EPC of 8 to 124 digits, a multiple of 4",
    ),
}


def issue_faults(credential: Credential) -> tuple[Fault, ...]:
    """Every field that is wrong in a credential to be issued."""
    count = len(credential.identifiers)
    is_counted = 1 <= count <= MAX_IDENTIFIERS and len(set(credential.identifiers)) == count
    return present(
        (
            None
            if is_counted
            else Fault(
                "identifiers", f"1 至 {MAX_IDENTIFIERS} 个不同的标识", f"1 to {MAX_IDENTIFIERS} different identifiers"
            ),
            *(identifier_fault("identifiers", identifier) for identifier in credential.identifiers[:MAX_IDENTIFIERS]),
            None if credential.state in ISSUABLE else Fault("state", "INACTIVE 或 ACTIVE", "INACTIVE or ACTIVE"),
            window_fault("valid_to_ms", credential.valid_from_ms, credential.valid_to_ms),
            line_fault("external_ref", credential.external_ref, 200),
        )
    )
