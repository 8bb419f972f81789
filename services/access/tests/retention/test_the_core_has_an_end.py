"""Days of the history that are over age go whole; what a hold keeps stays, and the chain verifies as before."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from time import monotonic
from typing import Any

import pytest
from harness.kept_history import LI, Archive
from hypothesis import given, settings
from hypothesis import strategies as st
from menshen_access.domain.archive import ArchiveHeader, ArchiveTally, header_line, link_line, trailer_line
from menshen_access.domain.archive_check import ArchiveCheck
from menshen_access.domain.events import EventKind
from menshen_access.domain.history import EventFilter, entry_of
from menshen_access.domain.rerunning import Verdict
from menshen_access.domain.retention import DAY_MS, DayEnd, ripe_days
from menshen_access.explaining import Explaining
from menshen_access.feeding import EventPlace, Feeding
from menshen_access.noticeboard import Noticeboard
from menshen_access.postgres.administration import Administration
from menshen_access.postgres.past_inputs import PastInputs
from menshen_access.querying import NEWEST, days_between
from menshen_access.settings import AccessSettings
from menshen_rulebook.types import FOREVER_MS
from menshen_servicekit.settings import SettingsError, read_settings
from menshen_servicekit.status import DomainError

CORE = 1096 * DAY_MS
WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'event'::regclass"
START_MS = 1_577_836_800_000


def day_at(at_ms: int) -> date:
    return datetime.fromtimestamp(at_ms / 1000, UTC).date()


async def has_day(archive: Archive, at_ms: int) -> bool:
    return day_at(at_ms) in await archive.whole_days.days()


async def test_a_day_that_is_over_age_goes_whole_and_the_chain_verifies(archive: Archive, dated: Any) -> None:
    began_ms = archive.clock.now_ms()
    await archive.record(dated(), dated(), dated(days=2))
    archive.clock.advance_ms(CORE + 2 * DAY_MS)
    kept = (await archive.retention.go_round(), await has_day(archive, began_ms), len(await archive.rows()))
    archive.clock.advance_ms(2 * DAY_MS)

    ran = await archive.retention.go_round()

    assert (kept[0][2].deleted, kept[1], kept[2]) == (2, False, 1)
    assert not await has_day(archive, began_ms + 2 * DAY_MS)
    assert [(run.retention_class.name, run.deleted) for run in ran][2] == ("CORE", 1)
    assert await archive.rows() == {}
    assert await archive.is_sound()


async def test_an_export_of_deleted_events_verifies_and_counts_them(archive: Archive, dated: Any) -> None:
    await archive.record(dated(), dated())
    archive.clock.advance_ms(CORE + 3 * DAY_MS)
    await archive.record(dated())
    await archive.retention.go_round()
    epoch, end = await archive.reader.end(archive.site)

    header = ArchiveHeader(archive.site, epoch, archive.clock.now_ms(), 0, end)
    tally, check = ArchiveTally(header), ArchiveCheck(header_line(header))
    links = await archive.reader.links(archive.site, 0, end, 500)
    for stored in links:
        tally.add(link_line(stored), stored.link)
        check.take(link_line(stored))
    check.take(trailer_line(tally.trailer()))
    found = check.finish()

    assert [stored.stored[0] is None for stored in links] == [True, True, False]
    assert [stored.salts for stored in links[:2]] == [(None, None, None)] * 2
    assert (found.rows, found.deleted_rows, found.deleted) == (3, 2, {"core": 2, "identity": 2, "health": 2})


async def test_a_deleted_event_is_explained_as_deleted_and_an_unknown_one_is_not(
    archive: Archive, dated: Any, event: Any, new_id: Any
) -> None:
    whole, partly = dated(), dated()
    locked = event(EventKind.ACTED, event_id=partly.event_id, site=archive.site, at_ms=archive.clock.now_ms(), obeyed=1)
    await archive.record(whole, partly)
    archive.clock.advance_ms(CORE + 4 * DAY_MS)
    await archive.retention.go_round()
    await archive.record(locked)
    shelf = Administration(archive.pool, archive.sites)
    explaining = Explaining(archive.querying, PastInputs(archive.pool), shelf, archive.clock)

    told = [await explaining.explain(archive.question(), one.event_id) for one in (whole, partly)]

    assert [len(one.events) for one in told] == [0, 1]
    assert [one.rerun.verdict for one in told if one.rerun] == [Verdict.DATA_DELETED] * 2
    with pytest.raises(DomainError):
        await explaining.explain(archive.question(), new_id())


async def test_the_feed_goes_on_behind_deleted_events_at_once(archive: Archive, dated: Any) -> None:
    began_ms = archive.clock.now_ms()
    await archive.record(*(dated() for _ in range(450)))
    archive.clock.advance_ms(CORE + 4 * DAY_MS)
    before_ms, now_ms = archive.clock.now_ms() - CORE, archive.clock.now_ms()
    assert await archive.whole_days.drop(day_at(began_ms), before_ms, now_ms) is DayEnd.GONE
    last = dated()
    await archive.record(last)
    feed = Feeding(archive.reader, Noticeboard()).watch(archive.site, None, until_now=True)

    began = monotonic()
    pages = [page async for page in feed]

    assert [one.event.event_id for page in pages for one in page.events] == [last.event_id]
    epoch, end = await archive.reader.end(archive.site)
    assert pages[-1].place == EventPlace(epoch, end)
    assert monotonic() - began < 0.9


async def test_what_a_hold_covers_stays_and_the_rest_of_its_day_goes(archive: Archive, dated: Any, event: Any) -> None:
    held, other = dated("c:held"), dated("c:other")
    passed = event(EventKind.TAKEN, event_id=held.event_id, site=archive.site, at_ms=archive.clock.now_ms())
    await archive.record(held, other, passed)
    hold = await archive.desk.place(archive.site, "c:held", 0, 0, "a court asks", LI)
    archive.clock.advance_ms(CORE + 3 * DAY_MS)
    before = await archive.rows()

    run = (await archive.retention.go_round())[2]
    while_held = await archive.rows()
    await archive.desk.end(archive.site, hold.hold_id, "ruled", LI)
    released = (await archive.retention.go_round())[2]

    names = {f"{held.event_id}/1", f"{held.event_id}/4"}
    assert while_held == {name: row for name, row in before.items() if name in names}
    assert (run.deleted, run.kept_by_holds) == (1, 2)
    assert (released.deleted, await archive.rows(), await archive.is_sound()) == (2, {}, True)


async def test_what_used_up_a_code_stays_whole_while_the_use_counts(archive: Archive, dated: Any) -> None:
    used = dated()
    await archive.record(used)
    await archive.pool.execute(
        "INSERT INTO used_once VALUES ($1, 'v:1', $2, 0)", archive.site, used.event_id
    )  # fmt: skip
    archive.clock.advance_ms(CORE + 4 * DAY_MS)

    counting = await archive.retention.go_round()
    await archive.presence.forget_uses(archive.site, ["v:1"])
    forgotten = await archive.retention.go_round()

    assert (counting[2].deleted, counting[2].kept_in_use) == (0, 1)
    assert forgotten[2].deleted == 1


async def test_a_day_of_another_site_s_events_stays_for_that_site(archive: Archive, dated: Any) -> None:
    began_ms = archive.clock.now_ms()
    await archive.record(dated())
    other = dated(site=f"{archive.site}-other")
    await archive.ledger.append(other.site, [entry_of(other, late=False)], began_ms)
    archive.clock.advance_ms(CORE + 3 * DAY_MS)

    run = (await archive.retention.go_round())[2]

    assert (run.deleted, await archive.rows(), await has_day(archive, began_ms)) == (1, {}, True)
    assert await archive.pool.fetchval("SELECT count(*) FROM event WHERE site = $1", other.site) == 1
    await archive.pool.execute("DELETE FROM event WHERE site = $1", other.site)
    assert await archive.retention.drop_days() == 1
    assert not await has_day(archive, began_ms)


async def test_recording_goes_on_while_a_reader_keeps_a_day_from_going(archive: Archive, dated: Any) -> None:
    began_ms = archive.clock.now_ms()
    await archive.record(dated())
    archive.clock.advance_ms(CORE + 2 * DAY_MS)
    late, longest_s = dated(), 0.0
    await archive.record(late)
    async with archive.pool.acquire() as reading, reading.transaction():
        await reading.fetch("SELECT FROM event WHERE site = $1 AND day = $2", archive.site, day_at(began_ms))
        async with asyncio.timeout(10):
            dropping = asyncio.create_task(archive.retention.drop_days())
            while not dropping.done():
                began = monotonic()
                await archive.record(dated())
                longest_s = max(longest_s, monotonic() - began)
    waited, there = dropping.result(), await has_day(archive, began_ms)

    assert (waited, there, longest_s < 1) == (0, True, True)
    assert await archive.retention.drop_days() == 1
    assert not await has_day(archive, began_ms)


async def test_a_run_that_was_killed_between_days_goes_on_and_counts_on(archive: Archive, dated: Any) -> None:
    began_ms = archive.clock.now_ms()
    await archive.record(*(dated(days=days) for days in range(3)))
    archive.clock.advance_ms(CORE + 6 * DAY_MS)
    before_ms = archive.clock.now_ms() - CORE
    assert await archive.whole_days.drop(day_at(began_ms), before_ms, archive.clock.now_ms()) is DayEnd.GONE
    async with archive.pool.acquire() as reading, reading.transaction():
        await reading.fetch("SELECT FROM event WHERE day = $1", day_at(began_ms + DAY_MS))
        killed = asyncio.create_task(archive.whole_days.drop(day_at(began_ms + DAY_MS), before_ms, before_ms))
        async with asyncio.timeout(5):
            while not await archive.pool.fetchval(WAITING):
                assert not killed.done()
        killed.cancel()
        with pytest.raises(asyncio.CancelledError):
            await killed
    assert await has_day(archive, began_ms + DAY_MS)

    run = (await archive.retention.go_round())[2]

    assert (run.deleted, await archive.rows(), await archive.is_sound()) == (3, {}, True)


async def test_what_is_uploaded_for_a_day_that_went_is_kept_for_its_own_time(archive: Archive, dated: Any) -> None:
    began_ms, sooner, later = archive.clock.now_ms(), dated(), dated()
    await archive.record(sooner)
    archive.clock.advance_ms(CORE + 4 * DAY_MS)
    gone = (await archive.retention.go_round())[2].deleted, await has_day(archive, began_ms)

    await archive.record(sooner, later)
    back = await archive.rows()
    archive.clock.advance_ms(CORE)
    await archive.retention.go_round()

    assert gone == (1, False)
    assert list(back) == [f"{later.event_id}/1"]
    assert (await archive.rows(), await has_day(archive, began_ms)) == ({}, False)
    assert (await archive.reader.end(archive.site))[1] == 2


async def test_where_somebody_is_outlives_the_events_that_led_there(archive: Archive, dated: Any, event: Any) -> None:
    inside = dated()
    entered = {"subject_ids": ["c:1"], "effects": [["M", "c:1", ["campus"], "n-in", inside.core["at_ms"]]]}
    same = {"event_id": inside.event_id, "site": archive.site, "at_ms": inside.core["at_ms"]}
    await archive.record(event(identity=entered, **same))
    before = await archive.presence.places(archive.site, "", 10)
    archive.clock.advance_ms(CORE + 4 * DAY_MS)
    await archive.retention.go_round()

    await archive.record(event(EventKind.ACTED, **same, obeyed=1))

    assert [one.subject_id for one in before] == ["c:1"]
    assert await archive.presence.places(archive.site, "", 10) == before


async def test_a_list_over_all_days_is_the_same_in_parts(
    archive: Archive, dated: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    await archive.record(*(dated(days=days) for days in (5, 0, 9, 3)), dated("c:2", days=1))
    wanted = EventFilter(NEWEST, "", "", days_between(0, FOREVER_MS), 0, FOREVER_MS, 0, 0, "")
    of_one = EventFilter(NEWEST, "c:2", "", days_between(0, FOREVER_MS), 0, FOREVER_MS, 0, 0, "")
    monkeypatch.setattr("menshen_access.postgres.reading.DAYS_AT_ONCE", 2)

    listed = [one.sequence for one in await archive.reader.listed(archive.site, wanted, 4)]
    theirs = [one.sequence for one in await archive.reader.listed(archive.site, of_one, 4)]

    assert (listed, theirs) == ([5, 4, 3, 2], [5])


@settings(max_examples=60)
@given(st.integers(0, 4_000 * DAY_MS), st.integers(0, 3_000 * DAY_MS), st.integers(0, DAY_MS))
def test_of_a_ripe_day_all_that_was_recorded_within_a_day_is_over_age(shown: int, age: int, delay: int) -> None:
    now_ms = START_MS + 4_000 * DAY_MS
    at_ms, before_ms = START_MS + shown, now_ms - age

    ripe = ripe_days([day_at(at_ms)], before_ms, now_ms)

    assert not ripe or at_ms + delay <= before_ms
    assert bool(ripe) or at_ms + 3 * DAY_MS > before_ms


def test_days_that_only_a_wrong_clock_shows_are_looked_at_too() -> None:
    today = date(2026, 1, 1)
    now_ms = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp() * 1000)

    assert ripe_days([today + timedelta(days=n) for n in (0, 7, 8)], now_ms - CORE, now_ms) == [date(2026, 1, 9)]


def test_cores_are_kept_no_shorter_than_their_parts() -> None:
    needed = {
        "MENSHEN_SITES": "north", "MENSHEN_DATABASE_URL": "postgresql://a@b/c", "MENSHEN_REDIS_URL": "redis://a:1/0",
        **{f"MENSHEN_{name}_FILE": "/x" for name in ("CERTIFICATE", "KEY", "TRUST", "SNAPSHOT_KEY")},
        **{f"MENSHEN_{name}_TARGET": "a:1" for name in ("IDENTITY", "VEHICLES", "SAFETY")},
    }  # fmt: skip
    assert read_settings(AccessSettings, needed | {"MENSHEN_CORE_DAYS": "0"}).core_days == 0
    assert read_settings(AccessSettings, needed).core_days == 1096
    for days in ("29", "179"):
        with pytest.raises(SettingsError):
            read_settings(AccessSettings, needed | {"MENSHEN_CORE_DAYS": days})
