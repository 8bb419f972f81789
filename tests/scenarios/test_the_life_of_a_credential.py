"""A credential from the office's counter to the gate and back: every state, through the running services.

The gate with hardware decides alone, for it waits no moment for the centre: what it says is the edge's word.
"""

import asyncio
import itertools
from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio
from harness.patience import eventually
from harness.terminal import Ended, run
from menshen.access.v1 import decision_pb2
from menshen.identity.v1 import identity_pb2
from menshen.safety.v1 import safety_pb2
from menshen.safety.v1.safety_pb2_grpc import AlarmServiceStub
from menshen_cli.local.provision import administration
from menshen_cli.local.suite import Suite
from menshen_rulebook.records import unpack
from menshen_rulebook.types import CredentialState
from scenarios.campus import CALL_S, CLOCK, Campus, Person, codes, outcome, plan_mapping
from scenarios.gatehouse import Gatehouse, gatehouse

SITE = "credentials"
WITHIN_S = 1.0
_CARDS = itertools.count(0x0A10_0001)


class Counter:
    """The office's counter at a site of its own, with a gate that decides alone."""

    def __init__(self, campus: Campus, gate: Gatehouse) -> None:
        self.campus = campus
        self.gate = gate

    async def issue(self, holder: Person, **more: Any) -> Person:
        """One more card of a holder; returns once the site's decisions know it."""
        card = Person(holder.subject_id, next(_CARDS))
        credential = identity_pb2.Credential(
            cardholder_id=holder.subject_id,
            identifiers=[identity_pb2.Identifier(type=identity_pb2.IDENTIFIER_TYPE_CARD, value=card.card_text)],
            **{"state": identity_pb2.CREDENTIAL_STATE_ACTIVE, **more},
        )
        request = identity_pb2.IssueCredentialRequest(site=SITE, credential=credential)
        card.credential_id = (
            await self.campus.identity.IssueCredential(request, timeout=CALL_S)
        ).credential.credential_id
        await self.known(lambda: self.campus.decide("nowhere", card))
        return card

    async def code(self, holder: Person, **order: Any) -> str:
        """A code of a holder; returns once the site's decisions know it."""
        request = identity_pb2.IssueCodeRequest(site=SITE, cardholder_id=holder.subject_id, **order)
        issued = (await self.campus.identity.IssueCode(request, timeout=CALL_S)).credential
        [identifier] = issued.identifiers
        await self.known(lambda: self.show("nowhere", identifier.value))
        return str(identifier.value)

    async def known(self, ask: Any) -> None:
        async def is_known() -> bool:
            return bool((await ask()).subject_ids)

        await eventually(is_known, 10)

    async def show(
        self, access_point: str, code: str, *cards: Person, awaiting: Person | None = None
    ) -> decision_pb2.Decision:
        """A code, alone, with cards, or after the card of somebody who awaits it."""
        shown = self.campus.presentation(access_point, [card.card_text for card in cards])
        if awaiting is not None:
            shown.awaiting.add(type=decision_pb2.IDENTIFIER_TYPE_CARD, value=awaiting.card_text)
        shown.identifiers.add(type=decision_pb2.IDENTIFIER_TYPE_QR, value=code)
        return await self.campus.ask(shown)

    async def answered(self, access_point: str, card: Person, *wanted: str) -> decision_pb2.Decision:
        """The first answer with exactly these reasons."""

        async def decision() -> decision_pb2.Decision | None:
            answer = await self.campus.decide(access_point, card)
            return answer if codes(answer) == list(wanted) else None

        return await eventually(decision, 10)

    async def state(self, card: Person) -> str:
        """The card's state in identity."""
        request = identity_pb2.GetCardholderRequest(site=SITE, cardholder_id=card.subject_id)
        held = (await self.campus.identity.GetCardholder(request, timeout=CALL_S)).credentials
        [state] = [one.state for one in held if one.credential_id == card.credential_id]
        return identity_pb2.CredentialState.Name(state).removeprefix("CREDENTIAL_STATE_")

    async def edge_is_current(self) -> bool:
        """The gate holds the very records the centre projects."""
        async with administration(self.campus.suite.postgres, "menshen") as connection:
            digest = await connection.fetchval("SELECT digest FROM access.projection WHERE site = $1", SITE)
        return bool((await self.gate.status()).edge_digest == digest)

    async def edge_holds(self, card: Person, state: CredentialState) -> bool:
        async with administration(self.campus.suite.postgres, "menshen") as connection:
            record = await connection.fetchval(
                "SELECT record FROM access.subject WHERE site = $1 AND subject_id = $2", SITE, card.subject_id
            )
        held = {one.credential_id: one.state for one in unpack(record).credentials}
        return held[card.credential_id] is state and await self.edge_is_current()

    async def decided_alone(self, holder: Person, times: int) -> list[list[str]]:
        """The reasons of the edge's decisions about a holder, once so many are uploaded."""

        async def found() -> list[list[str]] | None:
            told = [
                [reason.code for reason in event.reasons]
                for event in await self.campus.history()
                if event.kind == decision_pb2.EVENT_KIND_EDGE and holder.subject_id in event.subject_ids
            ]
            return told if len(told) >= times else None

        return await eventually(found, 10)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def counter(town: Suite) -> AsyncIterator[Counter]:
    campus = Campus(town, SITE)
    plan = plan_mapping()
    archive = next(point for point in plan["access_points"] if point["id"] == "w-in")
    plan["access_points"].append(
        {**archive, "id": "archive-in", "requires": "CARD_AND_CODE", "second_within_ms": 9_000}
    )
    plan["access_levels"][0]["entries"].append({"access_point": "archive-in"})
    await campus.put_plan(plan)
    await campus.activate()
    await eventually(campus.is_ready, 30)
    alone = {"MENSHEN_DECISION_DEADLINE_MS": "0"}
    async with gatehouse(town, town.folder / "counter", "cr-1", SITE, alone) as gate:
        yield Counter(campus, gate)


async def test_a_lost_cards_successor_takes_over_with_its_first_use_at_the_gate_and_its_edge(counter: Counter) -> None:
    old = await counter.campus.enrol()
    assert outcome(await counter.campus.decide("w-in", old)) == "GRANT"
    await counter.campus.change_card(old, identity_pb2.CREDENTIAL_STATE_LOST)
    await counter.answered("w-in", old, "CREDENTIAL_LOST")
    new = await counter.issue(old, replaces=old.credential_id)
    loop = asyncio.get_running_loop()

    used = await counter.campus.decide("w-in", new)
    began = loop.time()
    await counter.answered("w-in", old, "CREDENTIAL_REPLACED")
    at_the_gate_s = loop.time() - began
    await eventually(lambda: counter.edge_holds(old, CredentialState.REPLACED), 10)
    at_the_edge_s = loop.time() - began

    assert outcome(used) == "GRANT"
    assert await counter.state(old) == "REPLACED"
    assert at_the_gate_s < WITHIN_S
    assert at_the_edge_s < WITHIN_S
    print(f"replaced at the gate after {at_the_gate_s * 1000:.0f} ms, at the edge after {at_the_edge_s * 1000:.0f} ms")


async def test_old_and_new_card_both_open_until_a_gate_alone_sees_the_new_one(counter: Counter) -> None:
    old = await counter.campus.enrol()
    new = await counter.issue(old, replaces=old.credential_id)
    await eventually(counter.edge_is_current, 10)

    assert await counter.gate.walk("in", old.card) == 1
    assert await counter.gate.walk("in", new.card) == 1
    assert await counter.gate.walk("in", old.card, patience_s=1.0) == 0

    *_, last = await counter.decided_alone(old, times=3)
    assert last == ["CREDENTIAL_REPLACED"]

    async def is_replaced() -> bool:
        return await counter.state(old) == "REPLACED"

    await eventually(is_replaced, 10)


async def test_while_identity_is_away_the_old_card_opens_no_more_and_identity_hears_of_it_later(
    counter: Counter, town: Suite
) -> None:
    old = await counter.campus.enrol()
    new = await counter.issue(old, replaces=old.credential_id)
    await town.kill("identity")

    used = await counter.campus.decide("w-in", new)
    refused = await counter.campus.decide("w-in", old)
    await town.restart("identity")

    async def is_replaced() -> bool:
        return await counter.state(old) == "REPLACED"

    await eventually(is_replaced, 20)
    assert outcome(used) == "GRANT"
    assert codes(refused) == ["CREDENTIAL_REPLACED"]


async def test_a_loan_card_opens_for_the_day_instead_of_the_original_and_retires_nothing(counter: Counter) -> None:
    original = await counter.campus.enrol()

    loan = await counter.issue(original, stands_in_for=original.credential_id)
    lent = await counter.campus.decide("w-in", loan)
    at_home = await counter.answered("w-in", original, "CREDENTIAL_NOT_YET_VALID")
    await counter.campus.change_card(loan, identity_pb2.CREDENTIAL_STATE_RETURNED)
    await counter.answered("w-in", loan, "CREDENTIAL_RETURNED")
    again = await counter.campus.decide("s-in", original)

    assert outcome(lent) == "GRANT"
    assert "00:00" in dict(at_home.reasons[0].parameters)["opens_at"]
    assert outcome(again).startswith("GRANT")
    assert await counter.state(original) == "ACTIVE"


async def test_a_stolen_card_raises_its_alarm_even_after_its_successor_is_used(counter: Counter, town: Suite) -> None:
    stolen = await counter.campus.enrol()
    new = await counter.issue(stolen, replaces=stolen.credential_id)
    await counter.campus.change_card(stolen, identity_pb2.CREDENTIAL_STATE_STOLEN)
    await counter.answered("w-in", stolen, "CREDENTIAL_STOLEN")
    assert outcome(await counter.campus.decide("w-in", new)) == "GRANT"

    shown = await counter.campus.decide("w-in", stolen)

    assert codes(shown) == ["CREDENTIAL_STOLEN"]
    assert await eventually(lambda: _alarm_about(town, shown.event_id), 10)
    assert await counter.state(stolen) == "STOLEN"


async def _alarm_about(town: Suite, event_id: str) -> safety_pb2.Alarm | None:
    request = safety_pb2.ListAlarmsRequest(site=SITE, kind=safety_pb2.ALARM_KIND_SECURITY)
    listed = await AlarmServiceStub(town.channel("safety")).ListAlarms(request, timeout=CALL_S)
    return next((alarm for alarm in listed.alarms if alarm.event_id == event_id), None)


async def test_every_state_answers_its_reason_and_keeps_nobody_in(counter: Counter) -> None:
    card, now_ms = await counter.campus.enrol(), CLOCK.now_ms()
    said = {
        "NOBODY": await counter.campus.decide("s-out", Person("", next(_CARDS))),
        "INACTIVE": await _out(counter, card, state=identity_pb2.CREDENTIAL_STATE_INACTIVE),
        "NOT_YET_VALID": await _out(counter, card, valid_from_ms=now_ms + 3_600_000),
        "EXPIRED": await _out(counter, card, valid_from_ms=now_ms - 2, valid_to_ms=now_ms - 1),
    }
    for step in ("SUSPENDED", "ACTIVE", "RETURNED", "DESTROYED"):
        await counter.campus.change_card(card, identity_pb2.CredentialState.Value(f"CREDENTIAL_STATE_{step}"))
        wanted = [] if step == "ACTIVE" else [f"CREDENTIAL_{step}"]
        said[step] = await counter.answered("s-out", card, *wanted)

    assert outcome(said.pop("ACTIVE")) == "GRANT"
    assert {outcome(answer) for answer in said.values()} == {"GRANT_WITH_REMINDER"}
    assert codes(said.pop("NOBODY")) == ["CREDENTIAL_UNKNOWN"]
    assert {name: codes(answer) for name, answer in said.items()} == {name: [f"CREDENTIAL_{name}"] for name in said}


async def _out(counter: Counter, holder: Person, **more: Any) -> decision_pb2.Decision:
    """What somebody who leaves by one more card of theirs is answered."""
    return await counter.campus.decide("s-out", await counter.issue(holder, **more))


async def test_a_card_that_asks_for_the_pin_opens_with_it_alone(counter: Counter) -> None:
    holder = await counter.campus.enrol()
    card = await counter.issue(holder, pin_required=True)

    unset = await counter.campus.decide("w-in", card)
    request = identity_pb2.SetPinRequest(site=SITE, cardholder_id=holder.subject_id, pin="4711")
    await counter.campus.identity.SetPin(request, timeout=CALL_S)
    await counter.answered("w-in", card, "PIN_REQUIRED")
    wrong = await counter.campus.decide("w-in", card, pin="4712")
    right = await counter.campus.decide("w-in", card, pin="4711")

    assert (codes(unset), codes(wrong)) == (["PIN_NOT_SET"], ["PIN_WRONG"])
    assert outcome(right) == "GRANT"


async def test_a_one_time_code_opens_once_however_many_show_it_at_once(counter: Counter) -> None:
    holder = await counter.campus.enrol()
    code = await counter.code(holder)

    answers = await asyncio.gather(*(counter.show(f"{gate}-in", code) for gate in ("w", "e", "w", "e", "w")))
    leaving = await counter.show("w-out", code)

    granted = [answer for answer in answers if outcome(answer).startswith("GRANT")]
    assert len(granted) == 1
    assert {codes(answer)[0] for answer in answers if answer not in granted} == {"CREDENTIAL_USED"}
    assert outcome(leaving).startswith("GRANT")


async def test_a_code_for_a_window_opens_as_often_as_it_is_shown_and_not_after_it(counter: Counter) -> None:
    holder = await counter.campus.enrol()
    ends_ms = CLOCK.now_ms() + 1_500
    code = await counter.code(holder, reusable=True, valid_to_ms=ends_ms)
    in_time = [await counter.show("w-in", code) for _ in range(2)]

    async def too_late() -> decision_pb2.Decision | None:
        answer = await counter.show("w-in", code)
        return answer if outcome(answer) == "DENY" else None

    refused = await eventually(too_late, 10)

    assert all(outcome(answer).startswith("GRANT") for answer in in_time if answer.decided_at_ms < ends_ms)
    assert in_time[0].decided_at_ms < ends_ms <= refused.decided_at_ms
    assert codes(refused) == ["CREDENTIAL_EXPIRED"]


async def test_card_and_one_time_code_of_one_holder_open_together_once_one_after_the_other_too(
    counter: Counter,
) -> None:
    holder, other = await counter.campus.enrol(), await counter.campus.enrol()
    code, later = await counter.code(holder), await counter.code(holder)

    first_step = await counter.campus.decide("archive-in", holder)
    second_step = await counter.show("archive-in", later, awaiting=holder)
    of_another = await counter.show("archive-in", code, other)
    both = await counter.show("archive-in", code, holder)
    again = await counter.show("archive-in", code, holder)

    assert codes(first_step) == codes(of_another) == ["CODE_AWAITED"]
    assert first_step.awaits_second_until_ms > first_step.decided_at_ms
    assert all(outcome(opened).startswith("GRANT") for opened in (second_step, both))
    assert codes(again)[0] == "CREDENTIAL_USED"


async def test_the_counter_replaces_a_card_from_a_terminal_and_hears_why_a_card_is_not_free(
    counter: Counter, town: Suite
) -> None:
    old = await counter.campus.enrol()
    new = Person(old.subject_id, next(_CARDS))

    async def credential(command: str, *arguments: str) -> Ended:
        return await run("credential", command, SITE, *arguments, "--as", "li", "--folder", str(town.folder))

    replaced = await credential("replace", old.card_text, new.card_text)
    taken = await credential("issue", old.subject_id, new.card_text.lower())

    assert (replaced.status, taken.status) == (0, 1), (replaced.printed, taken.printed)
    assert f"replaces {old.credential_id}" in " ".join(replaced.printed.split())
    assert "another live credential" in taken.printed
    await counter.known(lambda: counter.campus.decide("nowhere", new))
