"""What doors report about holds and orders, exactly as events say, and the alarm about those that are not secured."""

import random
from typing import Any

import pytest
from menshen_access.domain.commands import Command
from menshen_access.domain.door_reports import Said, SecuredState
from menshen_access.domain.events import EventKind

LI = "operator/li"
SECURED, NOT_SECURED, SILENT = SecuredState.SECURED, SecuredState.NOT_SECURED, SecuredState.SILENT


@pytest.mark.parametrize(
    ("area", "point", "doors"),
    [
        ("", "", ["lab-door", "m-1", "n-door", "x-door"]),
        ("campus", "", ["lab-door", "m-1", "n-door", "x-door"]),
        ("outside", "", []),
        ("lab", "", ["lab-door"]),
        ("", "n-in", ["n-door"]),
        ("", "x-out", ["x-door"]),
        ("", "open-in", []),
    ],
)
async def test_a_hold_lists_the_doors_of_entries_it_bars_and_of_ways_out_it_covers(
    desk: Any, area: str, point: str, doors: list[str]
) -> None:
    hold = await desk.holding.raise_hold(desk.site, area, point, "search", LI)

    assert list(await desk.states(hold.hold_id)) == doors


async def test_a_door_is_silent_once_its_time_is_over(desk: Any) -> None:
    hold = await desk.holding.raise_hold(desk.site, "", "n-in", "search", LI)

    desk.clock.advance_ms(1_999)
    early = await desk.states(hold.hold_id)
    desk.clock.advance_ms(1)
    late = await desk.states(hold.hold_id)
    await desk.tell(EventKind.DOOR_SECURED, hold=hold.hold_id)
    told = await desk.states(hold.hold_id)

    assert [one["n-door"].state for one in (early, late, told)] == [SecuredState.UNSPECIFIED, SILENT, SECURED]
    assert (late["n-door"].reported_at_ms, told["n-door"].reported_at_ms) == (0, desk.clock.now_ms())


async def test_the_last_word_counts_in_whatever_order_and_however_often_events_are_recorded(desk: Any) -> None:
    hold = await desk.holding.raise_hold(desk.site, "", "n-in", "search", LI)
    began = desk.clock.now_ms()
    desk.clock.advance_ms(10_000)
    kinds = [EventKind.DOOR_NOT_SECURED, EventKind.DOOR_SECURED, EventKind.DOOR_NOT_SECURED, EventKind.DOOR_SECURED]
    places = list(enumerate(kinds))
    random.Random(7).shuffle(places)

    told = [await desk.tell(kind, at_ms=began + 1 + place, hold=hold.hold_id) for place, kind in places]
    first = await desk.states(hold.hold_id)
    for event in reversed(told):
        await desk.record(event)

    assert (first["n-door"].state, first["n-door"].reported_at_ms) == (SECURED, began + 4)
    assert await desk.states(hold.hold_id) == first


@pytest.mark.parametrize("kind", [EventKind.DOOR_FORCED, EventKind.DOOR_HELD, EventKind.RELEASED])
async def test_a_door_that_is_forced_held_or_released_is_not_secured_until_it_says_so_again(
    desk: Any, kind: EventKind
) -> None:
    await desk.tell(kind)
    desk.clock.advance_ms(1)
    hold = await desk.holding.raise_hold(desk.site, "", "n-in", "search", LI)
    states = []

    for told, detail in (
        (EventKind.DOOR_SECURED, {"hold": hold.hold_id}),
        (kind, {"zone": "n"}),
        (EventKind.DOOR_SECURED, {}),
        (kind, {}),
        (EventKind.DOOR_SECURED, {"hold": hold.hold_id}),
        (EventKind.DOOR_NOT_SECURED, {"hold": hold.hold_id}),
        (EventKind.DOOR_SECURED, {}),
    ):
        desk.clock.advance_ms(1)
        await desk.tell(told, **detail)
        states.append((await desk.states(hold.hold_id))["n-door"].state)

    assert states == [SECURED, NOT_SECURED, SECURED, NOT_SECURED, SECURED, NOT_SECURED, NOT_SECURED]


async def test_of_one_instant_the_worse_word_counts(desk: Any) -> None:
    hold = await desk.holding.raise_hold(desk.site, "", "n-in", "search", LI)

    for kind in (EventKind.DOOR_NOT_SECURED, EventKind.DOOR_SECURED):
        await desk.tell(kind, hold=hold.hold_id)

    assert (await desk.states(hold.hold_id))["n-door"].state is NOT_SECURED


async def test_a_door_whose_clock_is_ahead_can_be_overtaken(desk: Any) -> None:
    hold = await desk.holding.raise_hold(desk.site, "", "n-in", "search", LI)

    await desk.tell(EventKind.DOOR_SECURED, at_ms=desk.in_ms(86_400_000), hold=hold.hold_id)
    desk.clock.advance_ms(1_000)
    await desk.tell(EventKind.DOOR_NOT_SECURED, hold=hold.hold_id)

    assert (await desk.states(hold.hold_id))["n-door"].state is NOT_SECURED


async def test_words_about_causes_nobody_gave_are_recorded_and_kept_nowhere_else(desk: Any, new_id: Any) -> None:
    foreign = new_id()

    for cause in (foreign, "", "hold-7", "0" * 300):
        await desk.tell(EventKind.DOOR_SECURED, hold=cause)
        await desk.tell(EventKind.OPERATED, order=cause)
    await desk.tell(EventKind.DOOR_SECURED, door="n-\x00door", hold=foreign)

    assert await desk.pool.fetchval("SELECT count(*) FROM door_report WHERE site = $1", desk.site) == 0
    assert await desk.pool.fetchval("SELECT count(*) FROM event WHERE site = $1", desk.site) == 9


async def test_a_hold_and_an_order_on_one_door_are_each_answered_for(desk: Any) -> None:
    hold = await desk.holding.raise_hold(desk.site, "", "n-in", "search", LI)
    order = (await desk.operate(Command.SECURE)).given

    await desk.tell(EventKind.DOOR_SECURED, hold=hold.hold_id, order=order.command_id)

    states = [(await desk.states(cause))["n-door"].state for cause in (hold.hold_id, order.command_id)]
    assert states == [SECURED, SECURED]
    assert {one.said for one in await desk.reports.said_of(desk.site, [order.command_id])} == {Said.SECURED}


async def test_the_control_room_is_alarmed_once_about_each_door_that_says_nothing(desk: Any) -> None:
    hold = await desk.holding.raise_hold(desk.site, "campus", "", "search", LI)
    for door in ("m-1", "x-door"):
        await desk.tell(EventKind.DOOR_SECURED, door, hold=hold.hold_id)
    await desk.tell(EventKind.DOOR_NOT_SECURED, "n-door", hold=hold.hold_id)

    desk.clock.advance_ms(2_999)
    early = await desk.watch.alarm()
    desk.clock.advance_ms(1)
    raised = [await desk.watch.alarm() for _ in range(2)]

    assert (early, raised) == (0, [1, 0])
    assert await desk.alarms() == [("lab-door", "DOOR_SILENT", hold.hold_id)]


async def test_a_door_that_an_order_secures_is_alarmed_about_too_and_none_once_it_is_over(desk: Any) -> None:
    order = (await desk.operate(Command.SECURE)).given
    hold = await desk.holding.raise_hold(desk.site, "", "lab-in", "search", LI)
    await desk.holding.release_hold(desk.site, hold.hold_id, "over", LI)
    await desk.operate(Command.HOLD_OPEN, "open-in")

    desk.clock.advance_ms(3_000)
    raised = await desk.watch.alarm()
    desk.clock.advance_ms(60_000)

    assert raised == 1
    assert await desk.alarms() == [("n-door", "DOOR_SILENT", order.command_id)]
    assert await desk.doors.silent(desk.site) == []


async def test_a_plan_is_read_once_for_each_of_its_versions(desk: Any) -> None:
    hold = await desk.holding.raise_hold(desk.site, "", "n-in", "search", LI)
    before = [list(await desk.states(hold.hold_id)) for _ in range(3)]
    read_before = desk.plans.read
    moved = desk.plan.replace("PEDESTRIAN, door: n-door", "PEDESTRIAN, door: x-door")
    await desk.planning.put_plan(desk.site, moved, 1, "because", LI)

    after = [list(await desk.states(hold.hold_id)) for _ in range(3)]

    assert (before, after) == ([["n-door"]] * 3, [["x-door"]] * 3)
    assert (read_before, desk.plans.read) == (1, 2)
