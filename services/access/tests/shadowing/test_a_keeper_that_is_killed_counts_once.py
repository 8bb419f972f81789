"""A keeper cut short at any point, by its end or that of its connection: every decision counts exactly once."""

import asyncio
import os
import random
import signal
from collections.abc import AsyncIterator
from concurrent.futures.process import BrokenProcessPool
from typing import Any

import pytest
import pytest_asyncio
from harness.patience import eventually
from menshen_access.domain.shadows import Count, CountKey, ShadowState, Stride, Totals
from menshen_access.postgres.shadow_pages import ShadowPages
from menshen_cli.local.provision import Database
from menshen_rulebook.types import Outcome
from menshen_servicekit.postgres import Pool, close_pool, open_pool

HOUR_MS = 3_600_000
KEY = CountKey("n-in", 1, 4)
OFFICE_HOURS = ", hours: [{access_point: n-in, schedule: office}]"
END = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'shadow-victim'"
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'shadow-victim' AND wait_event_type = 'Lock'"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def victim(database: Database, pool: Pool) -> AsyncIterator[Pool]:
    """Connections of the keeper alone."""
    login = database.logins["access"]
    opened = await open_pool(
        login.url, login.password_file, schema="access", application="shadow-victim", statement_timeout_s=20, max_size=3
    )
    yield opened
    await close_pool(opened)


async def evening(campus: Any, number: int) -> list[Any]:
    """Recorded decisions at a time when the draft closes the gate."""
    events = [campus.decided(("c:1", "c:2")[place % 2]) for place in range(number)]
    await campus.record(*events)
    return events


async def holds_once(campus: Any, shadow_id: str, events: list[Any]) -> None:
    await campus.caught_up()
    found = await campus.shadow(shadow_id)
    granted = [event.event_id for event in events if event.core["outcome"] == Outcome.GRANT]
    shown = [one.difference for one in await campus.differences(shadow_id, size=len(events))]
    assert (found.totals.decided, found.totals.unjudged) == (len(events), 0)
    assert found.totals.differing == found.kept == len(shown)
    assert [one.event_id for one in shown if one.outcome == Outcome.GRANT] == granted


@pytest.mark.parametrize("kill", ["the keeper", "its connection"])
async def test_cut_short_between_its_place_and_its_counts_it_has_done_nothing(
    campus: Any, victim: Pool, kill: str
) -> None:
    shadow = await campus.start(await campus.draft(2, OFFICE_HOURS))
    campus.clock.advance_ms(11 * HOUR_MS)
    events = await evening(campus, 20)
    keeper = campus.keeper_of(ShadowPages(victim))
    async with campus.pool.acquire() as other:
        held = other.transaction()
        await held.start()
        await other.execute(
            "INSERT INTO shadow_count VALUES ($1, $2, 'n-in', 1, 4, 0, 0)", campus.site, shadow.shadow_id
        )
        step = asyncio.create_task(keeper.step(campus.worker))
        await eventually(lambda: campus.pool.fetchval(WAITING))

        if kill == "the keeper":
            step.cancel()
        else:
            await campus.pool.execute(END)
        (ended,) = await asyncio.wait_for(asyncio.gather(step, return_exceptions=True), 10)
        await held.rollback()

    assert isinstance(ended, BaseException)
    nothing = await campus.shadow(shadow.shadow_id)
    assert (nothing.totals, nothing.kept, nothing.through_sequence) == (Totals(), 0, 0)
    await holds_once(campus, shadow.shadow_id, events)


async def test_when_the_process_apart_is_killed_the_next_one_goes_on_from_the_same_place(campus: Any) -> None:
    shadow = await campus.start(await campus.draft(2, OFFICE_HOURS))
    campus.clock.advance_ms(11 * HOUR_MS)
    events = await evening(campus, 20)
    pid = await campus.worker.run(os.getpid)

    os.kill(pid, signal.SIGKILL)

    with pytest.raises(BrokenProcessPool):
        await asyncio.wait_for(campus.keeper.step(campus.worker), 10)
    campus.worker.end()
    assert (await campus.shadow(shadow.shadow_id)).totals == Totals()
    await holds_once(campus, shadow.shadow_id, events)


async def test_two_keepers_at_once_count_once(campus: Any) -> None:
    shadow = await campus.start(await campus.draft(2, OFFICE_HOURS))
    campus.clock.advance_ms(11 * HOUR_MS)
    events = await evening(campus, 40)
    keepers = [campus.keeper_of(campus.pages, 7) for _ in range(2)]

    for _ in range(8):
        await asyncio.wait_for(asyncio.gather(*(keeper.step(campus.worker) for keeper in keepers)), 20)

    await holds_once(campus, shadow.shadow_id, events)


async def test_after_a_restore_it_goes_on_and_drops_what_was_read_before(campus: Any) -> None:
    shadow = await campus.start(await campus.draft(2, OFFICE_HOURS))
    campus.clock.advance_ms(11 * HOUR_MS)
    events = await evening(campus, 4)
    (before,) = await campus.pages.running(campus.site)
    await campus.pool.execute("UPDATE site SET epoch = epoch + 1 WHERE site = $1", campus.site)

    counted = await campus.pages.advance(campus.site, before, Stride(4, counts={KEY: Count(4, 4)}), 0)

    assert not counted
    assert (await campus.shadow(shadow.shadow_id)).totals == Totals()
    events += await evening(campus, 4)
    await holds_once(campus, shadow.shadow_id, events)
    assert (await campus.shadow(shadow.shadow_id)).state is ShadowState.RUNNING


@pytest.mark.full
async def test_a_keeper_killed_at_random_again_and_again_counts_once(campus: Any, victim: Pool) -> None:
    chance = random.Random(7)
    shadow = await campus.start(await campus.draft(2, OFFICE_HOURS))
    campus.clock.advance_ms(11 * HOUR_MS)
    events = await evening(campus, 200)

    for _ in range(25):
        keeper = campus.keeper_of(ShadowPages(victim), 20)
        led = asyncio.create_task(keeper.follow())
        await asyncio.wait([led], timeout=chance.uniform(0.0, 1.5))
        events += await evening(campus, 40)
        if chance.random() < 0.5:
            await campus.pool.execute(END)
            await asyncio.wait([led], timeout=chance.uniform(0.0, 0.3))
        led.cancel()
        await asyncio.wait_for(asyncio.gather(led, return_exceptions=True), 10)

    assert (await campus.shadow(shadow.shadow_id)).through_sequence > 200
    await holds_once(campus, shadow.shadow_id, events)
