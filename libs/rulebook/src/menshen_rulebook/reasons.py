"""What every reason says: to the holder at the lane, to the guard at the post, in the record; in Chinese and English.

Holder texts are neutral where the matter is confidential: lists, duress, health. Placeholders in braces are filled
from the reason's arguments; a redirect and an opening time that are known follow as sentences of their own.
"""

import re
from types import MappingProxyType
from typing import Final

from menshen_rulebook.decision import Reason, ReasonTexts, Text
from menshen_rulebook.texts import ENTRIES
from menshen_rulebook.vocabulary import Audience, Language

TEXTS: Final = MappingProxyType(
    {code: ReasonTexts(Text(*holder), Text(*guard), Text(*record)) for code, holder, guard, record in ENTRIES}
)
"""Code to texts, for every code that the rules themselves give, or a gate in their place."""

_TAILS: Final = (
    ("redirect", Text("请走{redirect_zh}。", "Please use {redirect_en}.")),
    ("opens_at", Text("开放时间：{opens_at}。", "Opens at {opens_at}.")),
)
_PLACEHOLDER: Final = re.compile(r"\{(\w+)\}", re.ASCII)
_UNKNOWN: Final = Text("请联系门岗。", "Please see the guard.")


def render(reason: Reason, language: Language, audience: Audience) -> str:
    """The sentence of a reason for one reader.

    A policy's own texts come before the table; a code that neither knows sends the holder to the guard and gives the
    guard and the record the code. A placeholder nobody filled stands as a dash. An UNSPECIFIED audience gets the
    holder's text.
    """
    template = _pick(_text(reason, audience), language)
    arguments = dict(reason.arguments)
    parts = [template]
    parts += [_pick(tail, language) for name, tail in _TAILS if name in arguments and f"{{{name}" not in template]
    joint = "" if language is Language.ZH else " "
    return _PLACEHOLDER.sub(lambda match: arguments.get(match[1], "—"), joint.join(parts))


def _text(reason: Reason, audience: Audience) -> Text:
    texts = reason.texts or TEXTS.get(reason.code)
    if texts is None:
        return Text(reason.code, reason.code) if audience in (Audience.GUARD, Audience.RECORD) else _UNKNOWN
    if audience is Audience.GUARD:
        return texts.guard
    return texts.record if audience is Audience.RECORD else texts.holder


def _pick(text: Text, language: Language) -> str:
    return text.en if language is Language.EN else text.zh
