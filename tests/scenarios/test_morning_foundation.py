"""The main job, on wire bytes: a card at a reader, a decision at the centre, a door, and the event in the history."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from harness.patience import eventually
from menshen.access.v1 import decision_pb2, events_pb2
from menshen.access.v1.events_pb2_grpc import EventServiceStub
from menshen_cli.demo.cast import CAST, E_BIKE, UNKNOWN_CARD, tag_of
from menshen_cli.demo.hardware import Hardware
from menshen_cli.demo.lanes import Shown
from menshen_cli.demo.loading import Loaded, Loading, Population, population_of
from menshen_cli.demo.university import LONE_GATE
from menshen_cli.local.suite import Suite
from menshen_servicekit.clock import SystemClock

AGENTS = ("lake-2", "north-1")
WALKER = CAST[-1]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def population() -> Population:
    return population_of(500, 100)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def loaded(suite: Suite, population: Population) -> Loaded:
    """The university in the running suite."""
    return await Loading(suite, SystemClock()).load(population, lambda _done, _total, _label: None)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hardware(suite: Suite, loaded: Loaded) -> AsyncIterator[Hardware]:
    """Two agents on simulated hardware, everything online."""
    async with Hardware(suite.folder / "demo", SystemClock(), AGENTS) as plugged:
        await plugged.start_agents(suite)
        await plugged.until_online(30.0)
        yield plugged


async def events_of(suite: Suite, site: str, event_id: str) -> dict[str, events_pb2.AccessEvent]:
    response = await EventServiceStub(suite.channel("access")).ListEvents(
        events_pb2.ListEventsRequest(site=site, purpose="scenario", page_size=1000), timeout=5
    )
    found = [event for event in response.events if event.event_id == event_id]
    return {decision_pb2.EventKind.Name(event.kind).removeprefix("EVENT_KIND_"): event for event in found}


async def until_recorded(suite: Suite, site: str, event_id: str, *kinds: str) -> dict[str, events_pb2.AccessEvent]:
    async def all_there() -> dict[str, events_pb2.AccessEvent]:
        found = await events_of(suite, site, event_id)
        return found if set(kinds) <= set(found) else {}

    return await eventually(all_there, 10.0)


async def test_every_campus_decides_on_everybody_it_knows(suite: Suite, loaded: Loaded, population: Population) -> None:
    loading = Loading(suite, SystemClock())

    held = {site: await loading.held(site) for site in ("north", "east", "lake")}

    assert held == {site: population.known_at(site) for site in held}


async def test_a_card_opens_the_door_and_the_event_is_recorded(suite: Suite, hardware: Hardware) -> None:
    entry = LONE_GATE.entries[0]

    passage = await hardware.lanes.walk(entry, WALKER.card)

    assert passage.shown is not None
    assert (passage.shown.outcome, passage.shown.edge, passage.passed) == ("GRANT", False, 1)
    events = await until_recorded(suite, "lake", passage.shown.event_id, "CENTRE", "ACTED", "TAKEN")
    assert events["CENTRE"].subject_ids == [WALKER.cardholder_id]
    assert events["CENTRE"].agent_id == LONE_GATE.agent_id
    assert events["TAKEN"].access_point == entry


async def test_an_unknown_card_is_refused_and_the_door_holds_against_a_push(suite: Suite, hardware: Hardware) -> None:
    passage = await hardware.lanes.walk(LONE_GATE.entries[1], UNKNOWN_CARD, insists_s=0.5)

    assert passage.shown is not None
    assert (passage.shown.outcome, passage.passed) == ("DENY", 0)
    assert passage.shown.text_zh
    assert passage.shown.text_en
    events = await until_recorded(suite, "lake", passage.shown.event_id, "CENTRE")
    assert events["CENTRE"].reasons[0].code == passage.shown.reason_code == "CREDENTIAL_UNKNOWN"


async def test_somebody_refused_passes_when_the_door_gives_way_to_the_push(hardware: Hardware) -> None:
    shown: list[Shown] = []
    hardware.lanes.listeners.append(shown.append)
    walking = asyncio.ensure_future(hardware.lanes.walk(LONE_GATE.entries[1], UNKNOWN_CARD, insists_s=10.0))
    await eventually(lambda: shown)

    hardware.installation.doors[LONE_GATE.lanes[1].lane_id].press_rex()

    passage = await walking
    hardware.lanes.listeners.remove(shown.append)
    assert [one.outcome for one in shown] == ["DENY"]
    assert passage.passed == 1


async def test_an_e_bike_passes_its_barrier_by_its_tag(suite: Suite, hardware: Hardware) -> None:
    passage = await hardware.lanes.drive("n2-e1-in", tag_of(E_BIKE))

    assert passage.shown is not None
    assert (passage.shown.outcome, passage.passed) == ("GRANT", 1)
    events = await until_recorded(suite, "north", passage.shown.event_id, "CENTRE", "TAKEN")
    assert events["CENTRE"].subject_ids == [E_BIKE.vehicle_id]


async def test_the_ledgers_say_what_was_presented_and_who_passed(hardware: Hardware) -> None:
    before = hardware.ledgers.by_device("PASSED")
    exit_point = "l6-p3-out"

    passage = await hardware.lanes.walk(exit_point, WALKER.card)

    presented = [entry for entry in hardware.ledgers.entries("PRESENTED") if entry.device == exit_point]
    assert [entry.facts["presentation"] for entry in presented] == [passage.presentation]
    assert (hardware.ledgers.by_device("PASSED") - before) == {"l6-p3": 1}
    assert Path(hardware.ledgers.path("l6")).stat().st_size > 0


async def test_everything_the_agents_spooled_is_acknowledged(hardware: Hardware) -> None:
    async def settled() -> bool:
        return all([(await hardware.status(agent)).spool_pending == 0 for agent in AGENTS])

    assert await eventually(settled, 10.0)
