"""A door that a policy unlocks and a lockdown secures: what people meet there, and what the door says of itself."""

from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio
from harness.patience import eventually
from menshen.access.v1 import administration_pb2, events_pb2
from menshen_cli.local.suite import Suite
from scenarios.campus import CALL_S, Campus, kind_of, plan_mapping
from scenarios.gatehouse import DOOR, Gatehouse, gatehouse

SITE = "posture"
REPORTED_WITHIN_MS = 2_000
ALWAYS = ["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"]
UNLOCKED = {"unlocked": [{"access_points": ["n-in"], "schedule": "always"}]}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def site(town: Suite) -> Campus:
    """A campus whose policy lets the door of the north gate stand unlocked."""
    campus = Campus(town, SITE)
    await campus.put_plan({**plan_mapping(), "schedules": [{"id": "always", "intervals": [{"days": ALWAYS}]}]})
    await campus.activate(**UNLOCKED)
    await eventually(campus.is_ready, 30)
    return campus


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def house(site: Campus, town: Suite) -> AsyncIterator[Gatehouse]:
    async with gatehouse(town, town.folder / "posture-gate", "posture-1", SITE) as opened:
        yield opened


async def said(site: Campus, kind: str, **detail: str) -> events_pb2.AccessEvent:
    """The first event of a kind with these details, once it is recorded."""

    async def found() -> events_pb2.AccessEvent | None:
        history = [event for event in await site.history() if kind_of(event) == kind]
        return next((event for event in history if detail.items() <= dict(event.detail).items()), None)

    event = await eventually(found, 10)
    assert event is not None
    return event


async def stands_open(house: Gatehouse) -> bool:
    return [door.open for door in (await house.status()).doors] == [True]


async def raise_hold(site: Campus) -> administration_pb2.Hold:
    request = administration_pb2.RaiseHoldRequest(site=SITE, reason="drill")
    response: administration_pb2.RaiseHoldResponse = await site.administration.RaiseHold(request, timeout=CALL_S)
    return response.hold


async def release_hold(site: Campus, hold: Any) -> None:
    request = administration_pb2.ReleaseHoldRequest(site=SITE, hold_id=hold.hold_id, reason="over")
    await site.administration.ReleaseHold(request, timeout=CALL_S)


async def test_a_stranger_walks_through_an_unlocked_door_and_is_recorded_as_refused(
    site: Campus, house: Gatehouse
) -> None:
    await eventually(lambda: house.door.is_unlocked, 10)
    await said(site, "OPERATED", posture="UNLOCKED", cause="SCHEDULE")
    house.present("in", 0x0BAD_CA4D)

    walked = await house.door.walk()
    await eventually(house.is_settled, 10)

    assert walked == 1
    refused = await eventually(lambda: refusals(site), 10)
    assert [reason.code for reason in refused[0].reasons] == ["CREDENTIAL_UNKNOWN"]
    assert not {"DOOR_FORCED", "DOOR_HELD", "TAILGATED"} & {kind_of(event) for event in await site.history()}


async def refusals(site: Campus) -> list[events_pb2.AccessEvent]:
    return [event for event in await site.history() if event.access_point == "n-in" and event.reasons]


async def test_a_lockdown_locks_it_and_it_says_so_in_time(site: Campus, house: Gatehouse) -> None:
    hold = await raise_hold(site)

    secured = await said(site, "DOOR_SECURED", hold=hold.hold_id)

    assert (secured.door, house.door.is_unlocked) == (DOOR, False)
    assert secured.at_ms - hold.raised_at_ms <= REPORTED_WITHIN_MS
    await release_hold(site, hold)
    await eventually(lambda: house.door.is_unlocked, 10)


async def test_a_door_that_is_held_open_says_that_it_is_not_and_later_that_it_is(
    site: Campus, house: Gatehouse
) -> None:
    house.door.hold_open()
    await eventually(lambda: stands_open(house))
    hold = await raise_hold(site)

    not_secured = await said(site, "DOOR_NOT_SECURED", hold=hold.hold_id, cause="OPEN")
    house.door.let_close()
    secured = await said(site, "DOOR_SECURED", hold=hold.hold_id)
    await release_hold(site, hold)

    assert not_secured.at_ms - hold.raised_at_ms <= REPORTED_WITHIN_MS
    assert secured.at_ms >= not_secured.at_ms
