"""Whoever waits for a second person is decided on with the next presentation there, and with no other."""

import pytest
from menshen_device_agent.events import Answer, Asked, EventKind
from menshen_device_agent.waiting import MOST_IDENTIFIERS, Waiting
from menshen_rulebook.types import Identifier, IdentifierType, Outcome

WITHIN_MS = 10_000


class ASecondHand:
    """A clock that stands until it is told to go on."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def card(number: int) -> Identifier:
    return Identifier(IdentifierType.CARD, f"0400{number:04}")


def asked(*cards: int, at: str = "v-in", awaiting: tuple[Identifier, ...] = ()) -> Asked:
    return Asked("e", at, 0, 0, tuple(card(number) for number in cards), "reader", awaiting=awaiting)


def answer(awaits_ms: int = WITHIN_MS) -> Answer:
    return Answer("e", EventKind.EDGE, Outcome.DENY, (), 0, awaits_second_ms=awaits_ms)


def test_the_next_presentation_there_takes_along_whoever_waits_and_only_the_next() -> None:
    waiting = Waiting(ASecondHand())
    waiting.learn(asked(1), answer())

    first, second = waiting.joining("v-in", (card(2),)), waiting.joining("v-in", (card(3),))

    assert (first, second) == ((card(1),), ())


def test_nobody_waits_at_another_access_point() -> None:
    waiting = Waiting(ASecondHand())
    waiting.learn(asked(1), answer())

    assert waiting.joining("lab-in", (card(2),)) == ()


@pytest.mark.parametrize(("after_s", "expected"), [(9.9, (card(1),)), (10.0, ())])
def test_whoever_waits_is_forgotten_when_the_time_is_over(after_s: float, expected: tuple[Identifier, ...]) -> None:
    clock = ASecondHand()
    waiting = Waiting(clock)
    waiting.learn(asked(1), answer())

    clock.now_s += after_s

    assert waiting.joining("v-in", (card(2),)) == expected


def test_the_same_card_again_is_not_its_own_companion_and_goes_on_waiting() -> None:
    waiting = Waiting(ASecondHand())
    waiting.learn(asked(1), answer())

    again = waiting.joining("v-in", (card(1),))
    waiting.learn(asked(1, awaiting=again), answer())

    assert again == ()
    assert waiting.joining("v-in", (card(2),)) == (card(1),)


def test_an_answer_that_awaits_nobody_leaves_nobody_waiting() -> None:
    waiting = Waiting(ASecondHand())

    waiting.learn(asked(1), answer(0))

    assert waiting.joining("v-in", (card(2),)) == ()


def test_two_who_presented_before_either_was_answered_both_wait() -> None:
    waiting = Waiting(ASecondHand())

    waiting.learn(asked(1), answer())
    waiting.learn(asked(2), answer())

    assert set(waiting.joining("v-in", (card(1),))) == {card(2)}


def test_a_crowd_that_never_completes_does_not_grow_without_bound() -> None:
    waiting = Waiting(ASecondHand())

    largest = 0
    for number in range(3 * MOST_IDENTIFIERS):
        joined = waiting.joining("v-in", (card(number),))
        largest = max(largest, len(joined))
        waiting.learn(asked(number, awaiting=joined), answer())

    assert largest == MOST_IDENTIFIERS
