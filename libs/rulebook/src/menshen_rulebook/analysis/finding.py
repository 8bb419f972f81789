"""One finding, and where findings are collected."""

from dataclasses import dataclass

from menshen_rulebook.analysis.sentences import SENTENCES, Severity
from menshen_rulebook.decision import Text


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding. `path` is that of the plan (`policies[0].closures[1]`), or of the policy when it was read alone.

    `code` is a key of `sentences.SENTENCES`; `text` is a whole sentence in both languages.
    """

    severity: Severity
    code: str
    path: str
    text: Text


class Findings:
    """Collects findings in the order they are made; the same one is kept once."""

    __slots__ = ("_found",)

    def __init__(self) -> None:
        self._found: dict[Finding, None] = {}

    def add(self, code: str, path: str, **arguments: object) -> None:
        """Note a finding; the arguments fill the placeholders of its sentence."""
        sentence = SENTENCES[code]
        text = Text(sentence.zh.format(**arguments), sentence.en.format(**arguments))
        self._found[Finding(sentence.severity, code, path, text)] = None

    def all(self) -> tuple[Finding, ...]:
        """Errors first, otherwise in the order they were made."""
        return tuple(sorted(self._found, key=lambda finding: -finding.severity))
