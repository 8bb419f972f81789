"""A successor's first use and the card it succeeds, against a real Redis: at the centre, and told by an edge."""

import asyncio
from dataclasses import replace
from typing import Any

from menshen_access.domain.asking import Decided
from menshen_access.domain.events import EventKind, decode
from menshen_access.domain.reported import ReportedDecision
from menshen_rulebook.types import Credential, CredentialState, Identifier, IdentifierType, Outcome, Subject

SITE = "north"
OLD, NEW = "0409", "0410"
OPENS = {Outcome.GRANT, Outcome.GRANT_WITH_REMINDER}


def holder(gate: Any) -> Subject:
    """Somebody with an old card, and its successor that nobody has used."""
    person: Subject = gate.staff("c:1", OLD)
    successor = Credential(
        "successor", (Identifier(IdentifierType.CARD, NEW),), CredentialState.ACTIVE, replaces=f"credential-{OLD}"
    )
    return replace(person, credentials=(*person.credentials, successor))


def codes(decided: Decided) -> list[str]:
    return [code for code, _, _ in decided.event.core["reasons"]]


async def test_the_old_card_opens_until_the_new_one_has_and_never_after(gate: Any) -> None:
    await gate.put(holder(gate))

    before = await gate.present(OLD)
    used = await gate.present(NEW, "l-in")
    refused, leaving = await gate.present(OLD), await gate.present(OLD, "n-out")

    assert {one.event.core["outcome"] for one in (before, used)} <= OPENS
    assert ["T", "c:1", f"credential-{OLD}"] in used.event.identity["effects"]
    assert codes(refused)[0] == codes(leaving)[0] == "CREDENTIAL_REPLACED"
    assert [one.event.core["outcome"] for one in (refused, leaving)] == [Outcome.DENY, Outcome.GRANT_WITH_REMINDER]


async def test_what_a_gate_alone_granted_to_a_successor_retires_the_old_card(gate: Any) -> None:
    await gate.put(holder(gate))
    asked = gate.asked(NEW)
    told = ReportedDecision(int(Outcome.GRANT), decided_at_ms=gate.clock.now_ms(), subject_ids=("c:1",))
    report = gate.report(asked.presentation.event_id, EventKind.EDGE, presentation=asked, decision=told)

    prepared = await gate.events.prepare(SITE, "north-1", report)
    await gate.events.receive(SITE, "north-1", report)
    refused = await gate.present(OLD)

    assert ["T", "c:1", f"credential-{OLD}"] in prepared.event.identity["effects"]
    assert codes(refused) == ["CREDENTIAL_REPLACED"]


async def test_a_code_that_a_gate_alone_granted_is_used_whatever_has_changed_since(gate: Any) -> None:
    await gate.put(gate.staff("c:1", "0C0DE0", single_use=True))
    asked = gate.asked("0C0DE0")
    told = ReportedDecision(int(Outcome.GRANT), decided_at_ms=gate.clock.now_ms(), subject_ids=("c:1",))
    report = gate.report(asked.presentation.event_id, EventKind.EDGE, presentation=asked, decision=told)
    await gate.put_plan(gate.plan(2, group_assignments=[]))

    await gate.events.receive(SITE, "north-1", report)
    await gate.put_plan(gate.plan(3))
    refused = await gate.present("0C0DE0")

    assert codes(refused)[0] == "CREDENTIAL_USED"


async def test_of_old_and_new_shown_at_once_no_old_one_is_granted_after_the_new_one(gate: Any) -> None:
    await gate.put(holder(gate))
    await gate.present(OLD)

    answers = await asyncio.gather(*(gate.answer(gate.asked(card)) for card in (OLD, NEW, OLD)))

    stream = await gate.client.call("XRANGE", f"m:{{{SITE}}}:events", "-", "+")
    recorded = [decode(fields[1]) for _, fields in stream]
    shown = [(event.identity["identifiers"][0][1], event.core["outcome"] in OPENS) for event in recorded]
    assert len(shown) == 1 + sum(isinstance(answer, Decided) for answer in answers)
    assert (OLD, True) not in shown[shown.index((NEW, True)) :]
