"""What a subject who comes alone would be told at an access point, now or over a time."""

from collections.abc import Callable, Iterable, Iterator
from itertools import product
from typing import Final, NamedTuple, TypeVar

from menshen_rulebook.decide import decide, time_boundaries
from menshen_rulebook.foresight.rights import Right, rights_of
from menshen_rulebook.plan import SitePlan
from menshen_rulebook.presentation import LiveState, Presentation
from menshen_rulebook.subject import Credential, Identifier, Subject
from menshen_rulebook.vocabulary import IdentifierType, Outcome, PinVerdict

T = TypeVar("T")
_UNATTENDED: Final = frozenset({Outcome.GRANT, Outcome.GRANT_WITH_REMINDER})


class Answer(NamedTuple):
    """The outcome and the code of the first reason, empty where none is given."""

    outcome: Outcome
    code: str

    @property
    def passes(self) -> bool:
        """Whether the way opens without anybody's help."""
        return self.outcome in _UNATTENDED


class Stretch(NamedTuple):
    """One answer over [from_ms, to_ms)."""

    from_ms: int
    to_ms: int
    answer: Answer


class Way(NamedTuple):
    """One answer over [from_ms, to_ms), and the rights it rests on."""

    from_ms: int
    to_ms: int
    answer: Answer
    rights: tuple[Right, ...]


def may_pass(subject: Subject, access_point_id: str, plan: SitePlan, live: LiveState, at_ms: int) -> Answer:
    """The best answer to anything the subject can present: each credential, a card with a code, a vehicle's plate.

    A PIN counts as typed right where the subject has one. Nothing is measured at the lane, and nobody stands beside it.
    """
    return min(_answers(subject, access_point_id, plan, live, at_ms))


def times_of(
    subject: Subject, access_point_id: str, plan: SitePlan, live: LiveState, from_ms: int, to_ms: int
) -> tuple[Stretch, ...]:
    """The answers over [from_ms, to_ms) under fixed live values, ascending; neighbours differ."""
    said = _over(
        time_boundaries(subject, access_point_id, plan, live, from_ms, to_ms),
        lambda at_ms: may_pass(subject, access_point_id, plan, live, at_ms),
        from_ms,
        to_ms,
    )
    return tuple(Stretch(*one) for one in said)


def ways_of(
    subject: Subject, access_point_id: str, plan: SitePlan, live: LiveState, from_ms: int, to_ms: int
) -> tuple[Way, ...]:
    """The answers and the rights over [from_ms, to_ms), as `times_of` gives the answers."""
    said = _over(
        time_boundaries(subject, access_point_id, plan, live, from_ms, to_ms),
        lambda at_ms: (
            may_pass(subject, access_point_id, plan, live, at_ms),
            rights_of(subject, access_point_id, plan, live, at_ms),
        ),
        from_ms,
        to_ms,
    )
    return tuple(Way(start, end, *told) for start, end, told in said)


def _over(boundaries: Iterable[int], ask: Callable[[int], T], from_ms: int, to_ms: int) -> Iterator[tuple[int, int, T]]:
    """What is answered over [from_ms, to_ms), by spans whose neighbours differ."""
    if from_ms >= to_ms:
        return
    start_ms, told = from_ms, ask(from_ms)
    for at_ms in boundaries:
        answer = ask(at_ms)
        if answer != told:
            yield start_ms, at_ms, told
            start_ms, told = at_ms, answer
    yield start_ms, to_ms, told


def _answers(subject: Subject, access_point_id: str, plan: SitePlan, live: LiveState, at_ms: int) -> Iterator[Answer]:
    verdict = PinVerdict.OK if subject.has_pin else PinVerdict.NONE
    for identifiers in _presentable(subject):
        shown = Presentation("", plan.site, access_point_id, "", at_ms, identifiers, verdict)
        decision = decide(shown, (subject,), access_point_id, plan, live, at_ms)
        yield Answer(decision.outcome, decision.reasons[0].code if decision.reasons else "")


def _presentable(subject: Subject) -> list[tuple[Identifier, ...]]:
    found = [credential.identifiers for credential in subject.credentials]
    cards, codes = _of_type(subject, IdentifierType.CARD), _of_type(subject, IdentifierType.QR)
    found += [card.identifiers + code.identifiers for card, code in product(cards, codes) if card is not code]
    if subject.vehicle is not None and subject.vehicle.plate:
        found.append((Identifier(IdentifierType.PLATE, subject.vehicle.plate),))
    return found or [()]


def _of_type(subject: Subject, wanted: IdentifierType) -> list[Credential]:
    return [one for one in subject.credentials if any(identifier.type is wanted for identifier in one.identifiers)]
