"""Two people become one decision, against a real Redis: both are judged, and nobody takes the last place twice."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from menshen.access.v1 import decision_pb2
from menshen_access.domain.asking import Asked, Decided
from menshen_access.domain.events import EventKind
from menshen_access.rpc.convert import MalformedError, asked_of
from menshen_rulebook.types import CredentialState, Identifier, IdentifierType, Outcome
from menshen_servicekit.verifiers import VerifierCost, make_verifier

SITE = "north"
GRANT, DENY = int(Outcome.GRANT), int(Outcome.DENY)


def vault_plan(gate: Any, limit: int = 9, **point: Any) -> Any:
    """A vault for two at a time, with a way out."""
    common = {"access_point_class": "PEDESTRIAN", "door": "l-door", "person_rule": "TWO_PERSON", **point}
    return gate.plan(
        2,
        areas=[{"id": "outside"}, {"id": "campus"}, {"id": "vault", "parent": "campus", "limit": limit}],
        access_points=[
            {"id": "v-in", "from_area": "campus", "to_area": "vault", "direction": "INNER", **common},
            {"id": "v-out", "from_area": "vault", "to_area": "campus", "direction": "EXIT", **common},
        ],
        access_levels=[{"id": "all", "entries": [{"access_point": "v-in"}, {"access_point": "v-out"}]}],
    )


def together(gate: Any, card: str, *awaiting: str, pin: str = "") -> Asked:
    """What a lane asks when somebody presents while others wait there."""
    asked: Asked = gate.asked(card, "v-in", pin=pin)
    others = tuple(Identifier(IdentifierType.CARD, other) for other in awaiting)
    shown = replace(asked.presentation, identifiers=(*asked.presentation.identifiers, *others))
    return replace(asked, presentation=shown, keys=(*asked.keys, *(other.key for other in others)), own=1)


def codes(decided: Decided) -> list[str]:
    return [reason[0] for reason in decided.event.core["reasons"]]


async def occupancy(gate: Any) -> tuple[int, int]:
    found = await gate.projection.occupancy(SITE, ["vault"], gate.clock.now_ms())
    present, reserved = found["vault"]
    return int(present), int(reserved)


async def test_the_first_of_two_waits_and_holds_no_place(gate: Any) -> None:
    await gate.put_plan(vault_plan(gate, second_within_ms=9_000))
    await gate.put(gate.staff("c:1", "AA"))

    first = await gate.present("AA", "v-in")

    core = first.event.core
    assert (core["outcome"], codes(first)) == (DENY, ["SECOND_PERSON_AWAITED"])
    assert core["awaits_second_until_ms"] == core["decided_at_ms"] + 9_000
    assert await occupancy(gate) == (0, 0)


async def test_two_people_are_one_decision_that_shows_both_and_counts_both(gate: Any) -> None:
    await gate.put_plan(vault_plan(gate))
    await gate.put(gate.staff("c:1", "AA"), gate.staff("c:2", "BB"))
    await gate.present("AA", "v-in")

    both = await gate.answer(together(gate, "BB", "AA"))
    reserved = await occupancy(gate)
    passed = gate.report(both.event.event_id, EventKind.TAKEN, access_point="v-in")
    await gate.events.receive(SITE, "north-1", passed)

    assert both.event.core["outcome"] == GRANT
    assert both.event.identity["subject_ids"] == ["c:2", "c:1"]
    assert reserved == (0, 2)
    assert await occupancy(gate) == (2, 0)


async def test_places_nobody_took_are_free_for_both(gate: Any) -> None:
    await gate.put_plan(vault_plan(gate))
    await gate.put(gate.staff("c:1", "AA"), gate.staff("c:2", "BB"))
    both = await gate.answer(together(gate, "BB", "AA"))

    gone = gate.report(both.event.event_id, EventKind.NOT_TAKEN, access_point="v-in")
    await gate.events.receive(SITE, "north-1", gone)

    assert await occupancy(gate) == (0, 0)


async def test_one_person_with_the_card_twice_still_waits(gate: Any) -> None:
    await gate.put_plan(vault_plan(gate))
    await gate.put(gate.staff("c:1", "AA"))

    again = await gate.answer(together(gate, "AA", "AA"))

    assert codes(again) == ["SECOND_PERSON_AWAITED"]


async def test_whoever_waits_is_judged_as_they_are_when_the_second_comes(gate: Any) -> None:
    await gate.put_plan(vault_plan(gate))
    await gate.put(gate.staff("c:1", "AA"), gate.staff("c:2", "BB"))
    await gate.present("AA", "v-in")
    await gate.put(gate.staff("c:1", "AA", 2, state=CredentialState.LOST))

    both = await gate.answer(together(gate, "BB", "AA"))

    assert (both.event.core["outcome"], codes(both)) == (DENY, ["CREDENTIAL_LOST"])
    assert "awaits_second_until_ms" not in both.event.core


async def test_a_pin_belongs_to_the_card_read_with_it_and_not_to_whoever_waits(gate: Any) -> None:
    await gate.put_plan(vault_plan(gate, requires="CARD_AND_PIN"))
    cost = VerifierCost(log2_n=4)
    verifier = make_verifier("2468", gate.pepper, b"0123456789abcdef", cost)
    await gate.put(gate.staff("c:1", "AA", has_pin=True), pin_verifier=verifier)
    await gate.put(gate.staff("c:2", "BB"))

    borrowed = await gate.answer(together(gate, "BB", "AA", pin="2468"))
    own = await gate.answer(together(gate, "AA", "BB", pin="2468"))

    assert borrowed.event.core["outcome"] != GRANT
    assert own.event.core["outcome"] == GRANT


async def test_nobody_waits_at_a_way_out(gate: Any) -> None:
    await gate.put_plan(vault_plan(gate))
    await gate.put(gate.staff("c:1", "AA"))

    leaving = await gate.present("AA", "v-out")

    assert leaving.event.core["outcome"] == int(Outcome.GRANT_WITH_REMINDER)
    assert "awaits_second_until_ms" not in leaving.event.core


async def test_the_reason_to_wait_counts_who_is_in_the_area_and_in_those_inside_it(gate: Any) -> None:
    common = {"access_point_class": "PEDESTRIAN", "door": "l-door", "direction": "INNER"}
    plan = gate.plan(
        2,
        areas=[{"id": "campus"}, {"id": "hall", "limit": 2}, {"id": "stage", "parent": "hall", "limit": 9}],
        access_points=[
            {"id": "h-in", "from_area": "campus", "to_area": "hall", **common},
            {"id": "s-in", "from_area": "campus", "to_area": "stage", **common},
        ],
        access_levels=[{"id": "all", "entries": [{"access_point": "h-in"}, {"access_point": "s-in"}]}],
    )
    await gate.put_plan(plan)
    await gate.put(*(gate.staff(f"c:{number}", f"A{number}") for number in range(3)))

    entered = [await gate.present("A0", "h-in"), await gate.present("A1", "s-in")]
    full = await gate.present("A2", "s-in")

    assert [decided.event.core["outcome"] for decided in entered] == [GRANT, GRANT]
    assert full.event.core["outcome"] == DENY
    assert full.event.identity["arguments"] == [{"area": "hall", "count": "2", "limit": "2"}]


async def test_ten_pairs_at_once_never_get_the_last_two_places_twice(gate: Any) -> None:
    await gate.put_plan(vault_plan(gate, limit=3))
    people = [gate.staff(f"c:{number}", f"A{number}") for number in range(20)]
    await gate.put(*people)

    answers = await asyncio.gather(
        *(gate.answer(together(gate, f"A{number}", f"A{number + 10}")) for number in range(10))
    )

    outcomes = [answer.event.core["outcome"] for answer in answers]
    assert (outcomes.count(GRANT), outcomes.count(DENY)) == (1, 9)
    assert all(codes(answer)[0] == "AREA_FULL" for answer in answers if answer.event.core["outcome"] == DENY)
    assert await occupancy(gate) == (0, 2)


def test_the_wire_tells_who_waits_from_who_was_read_and_names_too_many() -> None:
    card = {"type": decision_pb2.IDENTIFIER_TYPE_CARD}
    message = decision_pb2.Presentation(
        event_id="019a0000-0000-7000-8000-000000000001",
        access_point="v-in",
        identifiers=[{**card, "value": "BB"}],
        awaiting=[{**card, "value": "AA"}, {**card, "value": "BB"}],
    )

    asked = asked_of(SITE, "north-1", message)
    message.awaiting.extend([decision_pb2.Identifier(value="CC", **card)] * 8)

    assert (asked.keys, asked.own_keys) == (("card:BB", "card:AA"), ("card:BB",))
    with pytest.raises(MalformedError, match="awaiting"):
        asked_of(SITE, "north-1", message)
