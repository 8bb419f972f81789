"""A duress PIN against a real Redis: told to the alarms at once, and to nobody else at all."""

from collections.abc import Callable
from typing import Any

import pytest
from google.protobuf.message import Message
from menshen_access.domain.asking import Cause, Decided, Undecided
from menshen_access.domain.consequences import review_of
from menshen_access.domain.disclosure import Reader
from menshen_access.domain.history import RecordedEvent, entry_of
from menshen_access.redis.commit import RedisStore
from menshen_access.rpc.convert import lane_decision, told_decision
from menshen_access.rpc.rendering import event_message, review_message
from menshen_rulebook.types import CredentialState
from menshen_servicekit.verifiers import VerifierCost, make_verifier

SITE, RIGHT, FORCED = "north", "1234", "5678"
CHEAP = VerifierCost(log2_n=4)
OF_ITS_OWN = ("event_id", "decided_at_ms", "grant_expires_at_ms", "at_ms", "review_id", "opened_at_ms", "expires_at_ms")
"""What no two presentations share."""


@pytest.fixture
async def threatened(gate: Any) -> Any:
    """The gate and somebody with both PINs."""
    verifiers = {
        "pin_verifier": make_verifier(RIGHT, gate.pepper, b"s" * 16, CHEAP),
        "duress_verifier": make_verifier(FORCED, gate.pepper, b"t" * 16, CHEAP),
    }
    await gate.put(gate.staff("c:1", "AA", has_pin=True), **verifiers)
    return gate


async def both(gate: Any, point: str) -> tuple[Decided, Decided]:
    """The right PIN and the duress PIN, each of somebody who stands outside."""
    decided = []
    for pin in (RIGHT, FORCED):
        decided.append(await gate.present("AA", point, pin=pin))
        await gate.projection.forgive(SITE, gate.generation, gate.clock.now_ms(), gate.new_id(), frozenset())
        gate.caches[SITE].clear()
    return decided[0], decided[1]


def recorded(decided: Decided) -> RecordedEvent:
    return RecordedEvent(SITE, 1, 1, late=False, event=decided.event, identity_gone=False)


def a_review(decided: Decided) -> Message:
    review = review_of(entry_of(decided.event, late=False), 0)
    return review_message(review, "photo") if review is not None else event_message(recorded(decided), Reader.POST)


ANSWERS: dict[str, Callable[[Decided], Message]] = {
    "lane": lane_decision,
    "told": told_decision,
    "review": a_review,
    "post": lambda decided: event_message(recorded(decided), Reader.POST),
    "own records": lambda decided: event_message(recorded(decided), Reader.SUBJECT),
}


def shape(message: Message) -> bytes:
    for name in OF_ITS_OWN:
        if name in message.DESCRIPTOR.fields_by_name:
            message.ClearField(name)
    return message.SerializeToString(deterministic=True)


@pytest.mark.parametrize("point", ["p-in", "n-in", "n-out", "l-in"])
@pytest.mark.parametrize("exit_denial", ["GRANT_WITH_REMINDER", "MANUAL_REVIEW"])
async def test_no_answer_differs_by_a_byte_from_that_to_the_right_pin(
    threatened: Any, point: str, exit_denial: str
) -> None:
    policy = {"version": 1, "language": 1, "site": SITE, "from": "2020-01-01T00:00:00+08:00"}
    closed = {"closures": [{"access_point": "n-out", "from": "2020-01-01T00:00:00+08:00"}]}
    reviews = {"reviews": {"exit_denial": exit_denial}}
    await threatened.put_plan(threatened.plan(2, policies=[policy | reviews | closed]))

    right, forced = await both(threatened, point)

    for name, answer in ANSWERS.items():
        assert shape(answer(right)) == shape(answer(forced)), name
    told = event_message(recorded(forced), Reader.CENTRE)
    assert told.reasons[-1].code == "DURESS"
    assert told.reasons[-1].record.zh


async def test_the_alarm_is_told_at_once_and_names_the_presentation(threatened: Any) -> None:
    right, forced = await both(threatened, "p-in")

    assert right.event.event_id != forced.event.event_id
    assert threatened.alarms.duresses == [(SITE, "p-in", forced.event.event_id, forced.event.core["at_ms"])]


async def test_it_is_told_even_when_the_decision_cannot_be_kept(threatened: Any) -> None:
    full = RedisStore({SITE: threatened.client}, threatened.generations, 0)
    threatened.deciding = threatened.deciding_with(full)

    answer = await threatened.answer(threatened.asked("AA", "p-in", pin=FORCED))

    assert isinstance(answer, Undecided)
    assert answer.cause is Cause.BACKPRESSURE
    assert [event_id for _, _, event_id, _ in threatened.alarms.duresses] == [answer.event_id]
    assert "DURESS" not in repr(answer)


async def test_a_denial_for_another_reason_is_the_same_denial_and_alarms(threatened: Any) -> None:
    barred = threatened.staff("c:1", "AA", version=2, has_pin=True, state=CredentialState.LOST)
    await threatened.put(
        barred,
        pin_verifier=make_verifier(RIGHT, threatened.pepper, b"s" * 16, CHEAP),
        duress_verifier=make_verifier(FORCED, threatened.pepper, b"t" * 16, CHEAP),
    )

    right, forced = await both(threatened, "p-in")

    assert [row[0] for row in right.event.core["reasons"]] == ["CREDENTIAL_LOST"]
    assert shape(lane_decision(right)) == shape(lane_decision(forced))
    assert len(threatened.alarms.duresses) == 1
