"""How plates are compared, and how a camera says that it saw none.

A camera writes plates with separators and in full width, and may read the letters I and O, which hardly a serial has
(GA 36-2018), for the digits 1 and 0. These are taken for one another. A few forms have both, as those of civil aviation
and of bicycles: of plates that are alike in all else the vehicles service registers one only. Digits and letters that
only look similar (8 and B, 2 and Z) do both occur: they stay apart, and the guard sees both readings.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from menshen_rulebook.presentation import Presentation
from menshen_rulebook.subject import Identifier
from menshen_rulebook.vocabulary import IdentifierType

_SEPARATORS: Final = re.compile(r"[\s·•‧・.\-‐‑‒–—_]+")
_LOOK_ALIKES: Final = str.maketrans("IO", "10")
_UNPLATED: Final = frozenset({"无牌", "无牌车", "未悬挂号牌", "N0PLATE", "UNPLATED"})


@lru_cache(maxsize=4096)
def compared(plate: str) -> str:
    """A plate as it is compared: half-width, upper case, without separators, O as 0 and I as 1."""
    return _SEPARATORS.sub("", unicodedata.normalize("NFKC", plate).upper()).translate(_LOOK_ALIKES)


def known_as(identifier: Identifier) -> Identifier:
    """The identifier as it is looked up: a plate as it is compared, anything else as it is."""
    if identifier[0] is not IdentifierType.PLATE:
        return identifier
    return Identifier(IdentifierType.PLATE, compared(identifier[1]))


def seen(presentation: Presentation) -> Iterator[str]:
    """Every plate that was read, the camera's first, as it was read."""
    for name, value in presentation.measured:
        if name == "plate" and value:
            yield str(value)
    for kind, text in presentation.identifiers:
        if kind is IdentifierType.PLATE and text:
            yield text


def is_none(plate: str) -> bool:
    """Whether a reading says that the vehicle bears no plate."""
    return compared(plate) in _UNPLATED


def is_unplated(presentation: Presentation) -> bool:
    """Whether all that was read is that there is no plate."""
    has_other = any(kind is not IdentifierType.PLATE for kind, _ in presentation.identifiers)
    plates = list(seen(presentation))
    return bool(plates) and not has_other and all(map(is_none, plates))
