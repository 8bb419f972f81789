"""Number plates: how they are written, and which are possible for a class of vehicle.

Motor vehicles follow GA 36-2018: a province, an office letter and five characters; six with a class letter for new
energy; suffixes for special uses; embassy, military and armed police forms. Letters I and O do not occur in serials.
Bicycles and e-bikes carry plates of their city, for which there is no national form.
"""

import re
import unicodedata
from functools import lru_cache

_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_SERIAL = "A-HJ-NP-Z0-9"
_NEW_ENERGY = "A-HJK"
_SEPARATORS = re.compile(r"[\s·•‧・.\-‐‑‒–—_]+")

_MOTOR = re.compile(
    "(?:"
    + "|".join(
        (
            rf"[{_PROVINCES}][A-HJ-NP-Z][{_SERIAL}]{{5}}",
            rf"[{_PROVINCES}][A-HJ-NP-Z][{_NEW_ENERGY}][{_SERIAL}][0-9]{{4}}",
            rf"[{_PROVINCES}][A-HJ-NP-Z][0-9]{{5}}[{_NEW_ENERGY}]",
            rf"[{_PROVINCES}][A-HJ-NP-Z][{_SERIAL}]{{4}}[警学挂领试超]",
            rf"粤Z[{_SERIAL}]{{4}}[港澳]",
            rf"[{_PROVINCES}][A-HJ-NP-Z][0-9]{{4}}应急",
            rf"[{_PROVINCES}]X[{_SERIAL}]{{5}}应急",
            r"使[0-9]{6}",
            r"[0-9]{6}使",
            r"民航[A-Z0-9]{5}",
            r"[A-HJ-NP-Z][A-Z][0-9]{5}",
            rf"WJ[{_PROVINCES}]?[0-9A-Z]{{5,6}}",
        )
    )
    + r")\Z"
)
_LOCAL = re.compile(rf"[{_PROVINCES}]?[A-Z0-9一-鿿]{{2,12}}\Z")


@lru_cache(maxsize=4096)
def written(text: str) -> str:
    """A plate as it is compared: half-width, upper case, without spaces, dots and hyphens."""
    return _SEPARATORS.sub("", unicodedata.normalize("NFKC", text).upper())


def normal_plate(text: str, *, is_motor: bool) -> str | None:
    """The plate as it is compared; None when no vehicle of the kind has such a one."""
    plate = written(text)
    return plate if (_MOTOR if is_motor else _LOCAL).match(plate) else None
