"""Commands on a real PostgreSQL: who may give which, what is kept of them, and when one counts as obeyed."""

import asyncio
import json
from typing import Any

import pytest
from harness.patience import eventually
from menshen_access.command_relay import CommandRelay
from menshen_access.domain.commands import LONGEST_MS, Command
from menshen_access.domain.events import EventKind
from menshen_access.noticeboard import Noticeboard
from menshen_access.operating import NotActed
from menshen_rulebook.types import OrderKind
from menshen_servicekit.status import DomainError, Trouble
from menshen_servicekit.supervision import Tasks

LI, WANG, POST = "operator/li", "operator/wang", "guard/north-post"
PULSE, HOLD_OPEN, SECURE, RESTORE = Command.PULSE, Command.HOLD_OPEN, Command.SECURE, Command.RESTORE


async def refusal(asked: Any) -> DomainError:
    with pytest.raises(DomainError) as refused:
        await asked
    return refused.value


@pytest.mark.parametrize(
    ("command", "wanted", "code", "field"),
    [
        (PULSE, {"point": "moon-gate"}, "ACCESS_POINT_UNKNOWN", "access_point"),
        (Command.UNSPECIFIED, {}, "COMMAND_INVALID", "command"),
        (PULSE, {"reason": " "}, "REASON_INVALID", "reason"),
        (PULSE, {"reason": "x" * 201}, "REASON_INVALID", "reason"),
        (PULSE, {"reason": "a\x00b"}, "REASON_INVALID", "reason"),
        (PULSE, {"request_id": "x" * 65}, "REQUEST_ID_INVALID", "request_id"),
        (PULSE, {"until_ms": 1}, "UNTIL_UNEXPECTED", "until_ms"),
        (RESTORE, {"until_ms": 1}, "UNTIL_UNEXPECTED", "until_ms"),
        (HOLD_OPEN, {"until_ms": 0}, "UNTIL_MISSING", "until_ms"),
        (SECURE, {"until_ms": 0}, "UNTIL_MISSING", "until_ms"),
        (HOLD_OPEN, {"until_ms": 1}, "UNTIL_PAST", "until_ms"),
    ],
)
async def test_a_command_that_is_not_valid_names_its_field(
    desk: Any, command: Command, wanted: dict[str, Any], code: str, field: str
) -> None:
    refused = await refusal(desk.operate(command, **wanted))

    assert (refused.trouble, refused.code, [one.path for one in refused.fields]) == (Trouble.INVALID, code, [field])


@pytest.mark.parametrize("command", [HOLD_OPEN, SECURE])
async def test_an_order_lasts_no_longer_than_its_bound(desk: Any, command: Command) -> None:
    refused = await refusal(desk.operate(command, until_ms=desk.in_ms(LONGEST_MS[command] + 1)))
    given = (await desk.operate(command, until_ms=desk.in_ms(LONGEST_MS[command]))).given

    hours = str(LONGEST_MS[command] // 3_600_000)
    assert (refused.code, hours in refused.fields[0].message_en, hours in refused.fields[0].message_zh) == (
        "UNTIL_TOO_FAR",
        True,
        True,
    )
    assert [order.order_id for order in await desk.operating.orders(desk.site)] == [given.command_id]


async def test_a_door_of_an_interlock_is_secured_and_pulsed_and_not_held_open(desk: Any) -> None:
    refused = await refusal(desk.operate(HOLD_OPEN, "m-in"))
    for command in (PULSE, SECURE):
        await desk.operate(command, "m-in")

    assert (refused.trouble, refused.code) == (Trouble.CONFLICT, "DOOR_INTERLOCKED")


@pytest.mark.parametrize("command", [HOLD_OPEN, SECURE, RESTORE])
async def test_a_guard_gives_no_orders(desk: Any, command: Command) -> None:
    refused = await refusal(desk.operate(command, who=POST))

    assert (refused.trouble, refused.code) == (Trouble.FORBIDDEN, "GUARD_PULSES_ONLY")
    assert await desk.operating.orders(desk.site) == []


async def test_a_guard_opens_no_entry_that_was_secured_and_every_exit(desk: Any) -> None:
    before = await desk.operate(PULSE, who=POST)
    order = await desk.operate(SECURE)
    under_an_order = await refusal(desk.operate(PULSE, who=POST))
    desk.clock.advance_ms(60_000)
    after = await desk.operate(PULSE, who=POST)
    await desk.holding.raise_hold(desk.site, "campus", "", "search", LI)
    under_a_hold = [await refusal(desk.operate(PULSE, point, who=POST)) for point in ("n-in", "lab-in")]
    by_operator = await desk.operate(PULSE)
    out = await desk.operate(PULSE, "n-out", who=POST)

    assert {one.code for one in (under_an_order, *under_a_hold)} == {"ENTRY_SECURED"}
    assert all(one.given.command_id for one in (before, order, after, by_operator, out))


async def test_a_guard_opens_no_entry_of_a_door_that_was_secured_at_its_way_out(desk: Any) -> None:
    await desk.operate(SECURE, "n-out")
    under_an_order = await refusal(desk.operate(PULSE, who=POST))
    await desk.operate(RESTORE, "n-out")
    between = await desk.operate(PULSE, who=POST)
    await desk.holding.raise_hold(desk.site, "", "n-out", "search", LI)
    under_a_hold = await refusal(desk.operate(PULSE, who=POST))
    elsewhere, out = [await desk.operate(PULSE, point, who=POST) for point in ("open-in", "n-out")]

    assert [one.code for one in (under_an_order, under_a_hold)] == ["ENTRY_SECURED"] * 2
    assert all(one.given.command_id for one in (between, elsewhere, out))


async def test_every_command_is_audited_and_recorded_with_who_and_why(desk: Any) -> None:
    pulse = await desk.operate(PULSE, who=POST, reason="a courier")
    order = await desk.operate(HOLD_OPEN, reason="the furniture")
    restored = await desk.operate(RESTORE, who=WANG, reason="it is in")

    audit = await desk.pool.fetch(
        "SELECT caller, action, target, reason FROM audit WHERE site = $1 AND action <> 'PUT_PLAN' ORDER BY number",
        desk.site,
    )
    assert [tuple(row.values()) for row in audit] == [
        (POST, "PULSE_ACCESS_POINT", pulse.given.command_id, "a courier"),
        (LI, "HOLD_OPEN_ACCESS_POINT", order.given.command_id, "the furniture"),
        (WANG, "RESTORE_ACCESS_POINT", restored.given.command_id, "it is in"),
    ]
    events = await desk.pool.fetch("SELECT kind, core FROM event WHERE site = $1 ORDER BY sequence", desk.site)
    assert {row["kind"] for row in events} == {int(EventKind.COMMANDED)}
    cores = [json.loads(row["core"]) for row in events]
    assert [(core["event_id"], core["access_point"], core["detail"]) for core in cores] == [
        (pulse.given.command_id, "n-in", {"command": "PULSE", "operator": POST, "reason": "a courier"}),
        (
            order.given.command_id,
            "n-in",
            {
                "command": "HOLD_OPEN",
                "operator": LI,
                "reason": "the furniture",
                "until_ms": str(order.given.until_ms),
            },
        ),
        (
            restored.given.command_id,
            "n-in",
            {"command": "RESTORE", "operator": WANG, "reason": "it is in", "order": order.given.command_id},
        ),
    ]


async def test_the_next_order_takes_the_place_of_the_last_and_restore_ends_it(desk: Any) -> None:
    await desk.operate(HOLD_OPEN)
    held_open = await desk.store.current_holds(desk.site)
    second = await desk.operate(SECURE)
    secured = await desk.store.current_holds(desk.site)
    restored = await desk.operate(RESTORE)
    nothing = await refusal(desk.operate(RESTORE))

    assert [order.kind for order in held_open.orders] == [OrderKind.HOLD_OPEN]
    assert [order.order_id for order in secured.orders] == [second.given.command_id]
    assert (await desk.store.current_holds(desk.site)).orders == ()
    assert restored.given.ended_id == second.given.command_id
    assert (nothing.trouble, nothing.code) == (Trouble.NOT_FOUND, "ORDER_UNKNOWN")
    assert held_open.version < secured.version < (await desk.store.current_holds(desk.site)).version


async def test_an_order_ends_by_itself_and_leaves_what_is_sent(desk: Any, tasks: Tasks) -> None:
    await desk.operate(HOLD_OPEN)
    before = await desk.store.current_holds(desk.site)
    tasks.keep("expiry", desk.expiry.follow)

    desk.clock.advance_ms(59_999)
    still = await desk.operating.orders(desk.site)
    desk.clock.advance_ms(1)
    over = await desk.operating.orders(desk.site)

    assert (len(still), over) == (1, [])
    refused = await refusal(desk.operate(RESTORE))
    assert refused.code == "ORDER_UNKNOWN"

    async def is_gone() -> bool:
        held = await desk.store.current_holds(desk.site)
        return held.orders == () and held.version > before.version

    await eventually(is_gone)


async def test_a_request_sent_again_is_one_command(desk: Any) -> None:
    first, second = [await desk.operate(PULSE, request_id="r-1") for _ in range(2)]
    other = await desk.operate(PULSE, who=WANG, request_id="r-1")
    taken = await refusal(desk.operate(HOLD_OPEN, request_id="r-1"))

    assert first.given == second.given
    assert other.given.command_id != first.given.command_id
    assert (taken.trouble, taken.code) == (Trouble.CONFLICT, "REQUEST_ID_TAKEN")
    rows = await desk.pool.fetchval("SELECT count(*) FROM event WHERE site = $1", desk.site)
    assert rows == 2


@pytest.mark.parametrize("late_by_ms", [0, 60_000])
async def test_an_order_sent_again_is_the_same_order_even_when_its_time_is_over(desk: Any, late_by_ms: int) -> None:
    until_ms = desk.in_ms(60_000)
    first = await desk.operate(HOLD_OPEN, until_ms=until_ms, request_id="r-1")

    desk.clock.advance_ms(late_by_ms)
    again = await desk.operate(HOLD_OPEN, until_ms=until_ms, request_id="r-1")

    assert again.given == first.given


@pytest.mark.parametrize("changed", [{"point": "x-out"}, {"command": SECURE}, {"later_ms": 1}])
async def test_a_request_id_names_no_other_command(desk: Any, changed: dict[str, Any]) -> None:
    until_ms = desk.in_ms(60_000)
    given = (await desk.operate(HOLD_OPEN, until_ms=until_ms, request_id="r-1")).given
    command, point = changed.get("command", HOLD_OPEN), changed.get("point", "n-in")

    taken = await refusal(
        desk.operate(command, point, until_ms=until_ms + changed.get("later_ms", 0), request_id="r-1")
    )

    assert (taken.trouble, taken.code) == (Trouble.CONFLICT, "REQUEST_ID_TAKEN")
    assert [order.order_id for order in await desk.operating.orders(desk.site)] == [given.command_id]


async def test_of_ten_requests_sent_at_once_one_is_given(desk: Any) -> None:
    until_ms = desk.in_ms(60_000)

    given = await asyncio.gather(
        *(desk.operate(HOLD_OPEN, until_ms=until_ms, request_id="r-1") for _ in range(10)),
    )

    assert len({one.given for one in given}) == 1


async def test_of_ten_orders_at_once_one_is_in_force(desk: Any) -> None:
    given = await asyncio.gather(*(desk.operate(HOLD_OPEN, who=f"operator/{n}") for n in range(10)))

    [order] = await desk.operating.orders(desk.site)
    assert order.order_id in {one.given.command_id for one in given}


async def test_a_pulse_counts_when_the_agent_says_so_under_its_id(desk: Any) -> None:
    asked = asyncio.ensure_future(desk.patient.operate(desk.site, desk.wanted(PULSE), LI, by_guard=False))

    [pulse] = await eventually(lambda: desk.commands.since(desk.site, 0))
    await desk.tell(EventKind.OPERATED, event_id=pulse.command_id, operator=LI)
    operated = await asked

    assert operated.given.command_id == pulse.command_id
    assert 0 <= operated.acted_after_ms < 2_000
    assert operated.not_acted is NotActed.UNSPECIFIED


@pytest.mark.parametrize(
    ("command", "kind", "detail", "acted"),
    [
        (HOLD_OPEN, EventKind.OPERATED, {"posture": "UNLOCKED"}, True),
        (HOLD_OPEN, EventKind.OPERATED, {}, True),
        (HOLD_OPEN, EventKind.OPERATED, {"posture": "LOCKED"}, False),
        (HOLD_OPEN, EventKind.DOOR_SECURED, {}, False),
        (SECURE, EventKind.DOOR_SECURED, {}, True),
        (SECURE, EventKind.DOOR_NOT_SECURED, {}, True),
        (SECURE, EventKind.OPERATED, {"posture": "LOCKED"}, False),
    ],
)
async def test_an_order_counts_when_the_agent_reports_it(
    desk: Any, command: Command, kind: EventKind, detail: dict[str, str], *, acted: bool
) -> None:
    given = (await desk.operate(command, request_id="r-1")).given

    await desk.tell(kind, order=given.command_id, **detail)
    operated = await desk.operate(command, request_id="r-1")

    assert (operated.acted_after_ms is not None) == acted


async def test_a_restore_counts_when_its_door_says_what_it_does_now(desk: Any) -> None:
    order = (await desk.operate(HOLD_OPEN)).given
    await desk.tell(EventKind.OPERATED, order=order.command_id, posture="UNLOCKED")
    await desk.operate(RESTORE, request_id="r-1")
    await desk.tell(EventKind.OPERATED, operator=LI)
    await desk.tell(EventKind.OPERATED, door="x-door", posture="LOCKED")
    unconfirmed = await desk.operate(RESTORE, request_id="r-1")

    await desk.tell(EventKind.OPERATED, posture="LOCKED", cause="NOTHING")
    confirmed = await desk.operate(RESTORE, request_id="r-1")

    assert unconfirmed.acted_after_ms is None
    assert confirmed.acted_after_ms is not None


async def test_a_pulse_that_the_agent_refused_is_answered_at_once(desk: Any) -> None:
    asked = asyncio.ensure_future(desk.patient.operate(desk.site, desk.wanted(PULSE), LI, by_guard=False))

    [pulse] = await eventually(lambda: desk.commands.since(desk.site, 0))
    await desk.tell(EventKind.NOT_TAKEN, event_id=pulse.command_id, cause="BOARD_SILENT")
    operated = await asked

    assert (operated.acted_after_ms, operated.not_acted) == (None, NotActed.REFUSED)


async def test_a_command_nobody_confirmed_says_whether_the_agent_was_there(desk: Any, tasks: Tasks) -> None:
    tasks.keep("relay", lambda: desk.relay.follow(desk.site))
    away = await desk.operate(PULSE)
    desk.relay.watch(desk.site, frozenset({"n-in"}), lambda _: None)
    silent = asyncio.ensure_future(desk.patient.operate(desk.site, desk.wanted(PULSE), LI, by_guard=False))

    assert (away.acted_after_ms, away.not_acted) == (None, NotActed.AGENT_AWAY)
    operated = await silent
    assert (operated.acted_after_ms, operated.not_acted) == (None, NotActed.NO_CONFIRMATION)


@pytest.mark.parametrize(("held", "not_acted"), [(True, NotActed.OVERRULED), (False, NotActed.NO_CONFIRMATION)])
async def test_an_order_to_hold_open_under_a_lockdown_says_what_prevails(
    desk: Any, tasks: Tasks, *, held: bool, not_acted: NotActed
) -> None:
    tasks.keep("relay", lambda: desk.relay.follow(desk.site))
    desk.relay.watch(desk.site, frozenset({"n-in"}), lambda _: None)
    if held:
        await desk.holding.raise_hold(desk.site, "", "n-out", "search", LI)
    given = (await desk.operate(HOLD_OPEN, request_id="r-1")).given
    await eventually(lambda: desk.commands.has_reached(desk.site, given.command_id))

    answered = await desk.operate(HOLD_OPEN, request_id="r-1")

    assert answered.not_acted is not_acted


async def test_a_stream_hears_each_pulse_of_its_access_points_once_and_none_too_late(desk: Any, tasks: Tasks) -> None:
    tasks.keep("relay", lambda: desk.relay.follow(desk.site))
    late = (await desk.operate(PULSE)).given
    desk.clock.advance_ms(2_000)
    heard: list[str] = []
    desk.relay.watch(desk.site, frozenset({"n-in"}), lambda given: heard.append(given.command_id))
    elsewhere: list[str] = []
    desk.relay.watch(desk.site, frozenset({"x-out"}), lambda given: elsewhere.append(given.command_id))

    pulses = [(await desk.operate(PULSE)).given.command_id for _ in range(3)]
    order = (await desk.operate(HOLD_OPEN)).given.command_id
    await eventually(lambda: len(heard) == 3)
    back: list[str] = []
    desk.relay.watch(desk.site, frozenset({"n-in"}), lambda given: back.append(given.command_id))
    await eventually(lambda: len(back) == 3)

    assert heard == back == pulses
    assert {late.command_id, order}.isdisjoint(heard)
    assert elsewhere == []


async def test_a_pulse_reaches_a_process_that_no_notice_reached_before_it_is_too_late(desk: Any, tasks: Tasks) -> None:
    deaf = CommandRelay(desk.commands, Noticeboard(), desk.clock)
    heard = asyncio.Event()
    deaf.watch(desk.site, frozenset({"n-in"}), lambda _: heard.set())
    tasks.keep("relay", lambda: deaf.follow(desk.site))

    await desk.operate(PULSE)

    await asyncio.wait_for(heard.wait(), 2)


async def test_a_door_that_speaks_before_the_restore_is_recorded_confirms_it(desk: Any) -> None:
    order = (await desk.operate(HOLD_OPEN)).given
    desk.told_first = [desk.event(EventKind.OPERATED, posture="UNLOCKED", order=order.command_id)]
    unconfirmed = await desk.operate(RESTORE)
    await desk.operate(HOLD_OPEN)
    desk.told_first = [desk.event(EventKind.OPERATED, posture="LOCKED", cause="NOTHING")]

    confirmed = await desk.operate(RESTORE)

    assert unconfirmed.acted_after_ms is None
    assert confirmed.acted_after_ms is not None
