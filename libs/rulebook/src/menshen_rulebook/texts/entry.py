"""The shape of a table row, and the sentences several rows share."""

from typing import Final

Pair = tuple[str, str]
"""A sentence in Chinese and in English."""

Entry = tuple[str, Pair, Pair, Pair]
"""A code with the sentences for holder, guard and record."""

SEE_GUARD: Final[Pair] = ("请联系门岗。", "Please see the guard.")
WELCOME: Final[Pair] = ("请通行。", "Please pass.")
OFFICE: Final[Pair] = (
    "此卡不能使用，请到保卫处窗口办理。",
    "This card cannot be used. Please go to the security office.",
)
