"""Which of the two languages the person at this terminal reads."""

import os

_LOCALE_VARIABLES = ("MENSHEN_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")


def reads_chinese() -> bool:
    """True when the first locale variable that is set names Chinese."""
    for variable in _LOCALE_VARIABLES:
        value = os.environ.get(variable, "")
        if value:
            return value.lower().startswith("zh")
    return False


def pick(en: str, zh: str) -> str:
    """The text in the reader's language."""
    return zh if reads_chinese() else en


class LocalError(Exception):
    """Something on this machine is not as the suite needs it; the text says what to do, in zh and en."""

    def __init__(self, en: str, zh: str) -> None:
        super().__init__(en)
        self.en = en
        self.zh = zh

    def __str__(self) -> str:
        return pick(self.en, self.zh)
