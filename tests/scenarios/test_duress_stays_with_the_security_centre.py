"""A duress PIN in the running suite: the centre hears within two seconds, and nobody at the lane or its post does."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
import pytest_asyncio
from google.protobuf.message import Message
from harness.patience import eventually
from harness.processes import KEEPER, RunningProcesses
from harness.terminal import run
from menshen.access.v1 import decision_pb2, events_pb2, own_records_pb2, review_pb2
from menshen.access.v1.events_pb2_grpc import EventServiceStub
from menshen.access.v1.own_records_pb2_grpc import OwnRecordsServiceStub
from menshen.identity.v1 import identity_pb2
from menshen.safety.v1 import safety_pb2
from menshen.safety.v1.safety_pb2_grpc import AlarmServiceStub
from menshen_cli.local.suite import Suite
from menshen_servicekit.identity import Role, spiffe_uri
from scenarios.agent_streams import AgentStream
from scenarios.campus import CALL_S, Campus, Person, code_of, plan_mapping

SITE, AGENT, POST = "silent", "silent-1", "silent-post"
RIGHT, FORCED = "2468", "8642"
OF_ITS_OWN = ("event_id", "at_ms", "decided_at_ms", "recorded_at_ms", "sequence", "grant_expires_at_ms", "spool")
"""What no two presentations share."""


@dataclass
class Yard:
    """A campus whose west gate wants a PIN, somebody with both, and everyone who might hear of it."""

    campus: Campus
    person: Person
    stream: AgentStream
    heard: dict[str, list[safety_pb2.Alarm]] = field(default_factory=lambda: {"operator": [], "guard": []})

    async def present(self, pin: str) -> decision_pb2.Decision:
        """The lane's answer to somebody who comes in, and goes out again."""
        answer = await self.stream.present("w-in", self.person.card_text, self.campus.new_id(), pin=pin)
        for point, event_id in (("w-in", answer.event_id), ("w-out", await self._leave())):
            await self.stream.report(event_id, decision_pb2.EVENT_KIND_TAKEN, point)
        await self.campus.recorded(answer.event_id, "CENTRE", "TAKEN")
        return answer

    async def _leave(self) -> str:
        return (await self.stream.present("w-out", self.person.card_text, self.campus.new_id())).event_id

    async def listen(self, who: str, stub: Any) -> None:
        watch = stub.WatchAlarms(safety_pb2.WatchAlarmsRequest(site=SITE))
        while isinstance(response := await watch.read(), safety_pb2.WatchAlarmsResponse):
            self.heard[who].append(response.alarm)

    def duress(self) -> list[safety_pb2.Alarm]:
        return [alarm for alarm in self.heard["operator"] if alarm.kind == safety_pb2.ALARM_KIND_DURESS]


def as_role(town: Suite, process: str, role: Role, name: str, *, site: str | None = SITE) -> grpc.aio.Channel:
    return town.channel(process, spiffe_uri(role, name, site))


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def yard(town: Suite) -> AsyncIterator[Yard]:
    campus = Campus(town, SITE)
    await campus.open()
    plan = plan_mapping()
    points = [
        {**point, "requires": "CARD_AND_PIN"} if point["id"] == "w-in" else point for point in plan["access_points"]
    ]
    await campus.put_plan({**plan, "access_points": points})
    person = await campus.enrol()
    pins = identity_pb2.SetPinRequest(site=SITE, cardholder_id=person.subject_id, pin=RIGHT, duress_pin=FORCED)
    await campus.identity.SetPin(pins, timeout=CALL_S)
    await eventually(lambda: opens(campus, person), 10)
    async with AgentStream(town, "access", AGENT, SITE, ["w-in", "w-out"]) as stream:
        made = Yard(campus, person, stream)
        stubs = {
            "operator": AlarmServiceStub(town.channel("safety")),
            "guard": AlarmServiceStub(as_role(town, "safety", Role.GUARD, POST)),
        }
        listening = [asyncio.create_task(made.listen(who, stub)) for who, stub in stubs.items()]
        yield made
        for task in listening:
            task.cancel()
        await asyncio.gather(*listening, return_exceptions=True)


async def opens(campus: Campus, person: Person) -> bool:
    decision = await campus.decide("w-in", person, pin=RIGHT)
    return decision.outcome in (decision_pb2.OUTCOME_GRANT, decision_pb2.OUTCOME_GRANT_WITH_REMINDER)


def shape(message: Message) -> Message:
    for name in OF_ITS_OWN:
        if name in message.DESCRIPTOR.fields_by_name:
            message.ClearField(name)
    return message


async def test_the_lane_and_the_post_get_what_the_right_pin_brings_and_the_centre_an_alarm_in_two_seconds(
    yard: Yard, town: Suite
) -> None:
    guard = AlarmServiceStub(as_role(town, "safety", Role.GUARD, POST))
    reviews = yard.campus.guard(POST)

    async def at_the_post() -> tuple[Message, Message, int]:
        alarms = await guard.ListAlarms(safety_pb2.ListAlarmsRequest(site=SITE), timeout=CALL_S)
        waiting = await reviews.ListReviews(review_pb2.ListReviewsRequest(site=SITE), timeout=CALL_S)
        return alarms, waiting, len(yard.heard["guard"])

    right = await yard.present(RIGHT)
    before = await at_the_post()
    forced = await yard.present(FORCED)
    [alarm] = await eventually(lambda: [one for one in yard.duress() if one.event_id == forced.event_id], 10)
    after = await at_the_post()

    event = (await yard.campus.recorded(forced.event_id, "CENTRE"))["CENTRE"]
    assert alarm.stored_at_ms - event.at_ms < 2_000
    assert (alarm.source, dict(alarm.detail)) == ("w-in", {"cause": "DURESS", "private": "true"})
    assert shape(forced) == shape(right)
    assert after == before
    assert not [one for one in yard.heard["guard"] if one.kind == safety_pb2.ALARM_KIND_DURESS]


async def test_only_the_centre_reads_why(yard: Yard, town: Suite) -> None:
    right, forced = await yard.present(RIGHT), await yard.present(FORCED)
    own = events_pb2.ExplainEventRequest(site=SITE, event_id=forced.event_id, purpose="mine")
    everything = events_pb2.WatchEventsRequest(site=SITE, purpose="alarms", until_now=True)
    safety = EventServiceStub(as_role(town, "access", Role.SERVICE, "safety", site=None))

    told = {
        event.event_id: event
        async for page in safety.WatchEvents(everything, timeout=CALL_S)
        for event in page.events
        if event.kind == decision_pb2.EVENT_KIND_CENTRE
    }
    refused = [
        await code_of(EventServiceStub(as_role(town, "access", role, name)).ExplainEvent(own, timeout=CALL_S))
        for role, name in ((Role.GUARD, POST), (Role.AGENT, AGENT))
    ]
    explained = await run("explain", forced.event_id, "--site", SITE, "--folder", str(town.folder))

    assert shape(told[forced.event_id]) == shape(told[right.event_id])
    assert refused == [grpc.StatusCode.PERMISSION_DENIED] * 2
    assert "DURESS" in explained.printed


async def test_somebody_reads_their_own_records_in_the_portal_and_duress_shows_as_the_right_pin_does(
    yard: Yard, town: Suite
) -> None:
    right, forced = await yard.present(RIGHT), await yard.present(FORCED)
    mine = own_records_pb2.ListOwnEventsRequest(site=SITE, subject_id=yard.person.subject_id)
    portal = OwnRecordsServiceStub(as_role(town, "access", Role.SERVICE, "portal", site=None))

    told = (await portal.ListOwnEvents(mine, timeout=CALL_S)).events
    nobody = own_records_pb2.ListOwnEventsRequest(site=SITE)
    refused = await code_of(portal.ListOwnEvents(nobody, timeout=CALL_S))

    by_id = {event.event_id: event for event in told}
    assert [event.at_ms for event in told] == sorted((event.at_ms for event in told), reverse=True)
    assert shape(by_id[forced.event_id]) == shape(by_id[right.event_id])
    assert refused is grpc.StatusCode.INVALID_ARGUMENT


async def test_neither_counters_nor_logs_have_a_word_for_it(yard: Yard, town: Suite, tmp_path: Path) -> None:
    processes = RunningProcesses(town, tmp_path)
    await yard.present(FORCED)

    # The gates of other modules come and go in this suite.
    services = [name for name in town.names if not name.startswith("agent")]
    counted = {name: set(await processes.metrics(name)) for name in services}
    told = [town.log_file(name).read_text(encoding="utf-8") for name in services]
    told += [str(sorted(samples)) for samples in counted.values()]

    assert all(told)
    assert [page for page in told if "duress" in page.lower()] == []


async def test_a_keeper_that_was_killed_delivers_the_alarm_when_it_is_back(yard: Yard, town: Suite) -> None:
    await town.kill(KEEPER)
    forced = await yard.stream.present("w-in", yard.person.card_text, yard.campus.new_id(), pin=FORCED)
    heard = list(yard.duress())

    await town.restart(KEEPER)
    [alarm] = await eventually(lambda: [one for one in yard.duress() if one.event_id == forced.event_id], 15)

    assert alarm not in heard
    assert (alarm.source, alarm.kind) == ("w-in", safety_pb2.ALARM_KIND_DURESS)
