"""A report over a time of which something was deleted says how many decisions it cannot count on."""

from typing import Any

from harness.kept_history import Archive
from menshen_access.domain.reports import Span
from menshen_access.domain.retention import DAY_MS
from menshen_access.postgres.reports import Reports
from menshen_access.querying import days_between


async def told(archive: Archive, from_ms: int, to_ms: int) -> tuple[int, ...]:
    """What each report over a time says is deleted: passages, refusals, who did not pass, unused credentials."""
    reports, site = Reports(archive.pool), archive.site
    span, days = Span(from_ms, to_ms), days_between(from_ms, to_ms)
    return (
        (await reports.passages(site, span, days, 0)).deleted,
        (await reports.refusals(site, span, days)).deleted,
        (await reports.without_passage(site, span, days)).deleted,
        (await reports.unused(site, span, days)).deleted,
    )


async def test_decisions_without_their_identity_are_counted_and_so_are_those_deleted_whole(
    archive: Archive, dated: Any
) -> None:
    began_ms = archive.clock.now_ms()
    end_ms = began_ms + 3 * DAY_MS
    await archive.record(dated("c:1"), dated("c:held"), dated("c:1", days=2), dated("c:1", days=3))
    await archive.desk.place(archive.site, "c:held", 0, 0, "a court asks", "operator/li")
    whole = await told(archive, began_ms, end_ms)

    archive.clock.advance_ms(180 * DAY_MS)
    await archive.retention.go_round()
    bare = await told(archive, began_ms, end_ms)
    archive.clock.advance_ms((1096 - 180 + 4) * DAY_MS)
    await archive.retention.go_round()
    gone = await told(archive, began_ms, end_ms)
    edge = await told(archive, began_ms + 1, end_ms), await told(archive, began_ms, end_ms + 1)

    assert whole == (0, 0, 0, 0)
    assert bare == (2, 0, 2, 2)
    assert gone == (2, 2, 2, 2)
    assert edge == ((1, 1, 1, 1), (3, 3, 3, 3))


async def test_of_a_time_after_what_was_deleted_a_report_tells_everything(archive: Archive, dated: Any) -> None:
    await archive.record(dated())
    archive.clock.advance_ms(1100 * DAY_MS)
    await archive.retention.go_round()
    await archive.record(dated())
    now_ms = archive.clock.now_ms()

    assert await told(archive, now_ms - DAY_MS, now_ms + 1) == (0, 0, 0, 0)


async def test_a_run_tells_the_oldest_bytes_left_behind_events_that_never_had_any(
    archive: Archive, event: Any, dated: Any
) -> None:
    await archive.record(dated())
    archive.clock.advance_ms(15 * DAY_MS)
    await archive.record(*(event(site=archive.site, at_ms=archive.clock.now_ms()) for _ in range(5)))
    archive.clock.advance_ms(1)
    await archive.record(dated())
    left_ms = archive.clock.now_ms()
    archive.clock.advance_ms(DAY_MS)

    health, identity, core = (await archive.retention.go_round())[:3]

    assert (health.deleted, health.oldest_left_ms) == (1, left_ms)
    assert identity.oldest_left_ms == core.oldest_left_ms == left_ms - 1 - 15 * DAY_MS
