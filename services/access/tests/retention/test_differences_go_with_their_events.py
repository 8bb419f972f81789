"""What a shadow differed in is listed for as long as the events are there."""

from typing import Any

from harness.kept_history import DAYS, LI, Archive
from menshen_access.domain.history import day_of
from menshen_access.domain.retention import DAY_MS, RetentionClass

CORE = DAYS[RetentionClass.CORE] * DAY_MS


async def test_differences_of_shadows_go_with_the_events_they_name(archive: Archive, dated: Any) -> None:
    whole, held, other = dated(), dated("c:held", days=2), dated("c:other", days=2)
    await archive.record(whole, held, other)
    await put_shadow(archive, whole, held, other)
    hold = await archive.desk.place(archive.site, "c:held", 0, 0, "a court asks", LI)
    archive.clock.advance_ms(CORE + 2 * DAY_MS)

    await archive.retention.go_round()
    without_the_day = await differences(archive)
    archive.clock.advance_ms(3 * DAY_MS)
    await archive.retention.go_round()
    without_the_rest = await differences(archive)
    await archive.desk.end(archive.site, hold.hold_id, "ruled", LI)
    await archive.retention.go_round()

    assert without_the_day == (2, {held.event_id, other.event_id})
    assert without_the_rest == (1, {held.event_id})
    assert await differences(archive) == (0, set())


async def put_shadow(archive: Archive, *events: Any) -> None:
    """A shadow that differs in these."""
    site, pool = archive.site, archive.pool
    await pool.execute(
        "INSERT INTO policy (site, policy_id, from_ms, to_ms, title, language, document, plan_version, author, reason)"
        " VALUES ($1, 'p', 0, 0, '', 1, '', 0, '', '')",
        site,
    )
    await pool.execute("INSERT INTO shadow VALUES ($1, 's', 'p', '', 3, 0, 0, $2, 0, 0, '', '')", site, len(events))
    for place, one in enumerate(events):
        await pool.execute(
            "INSERT INTO shadow_difference VALUES ($1, 's', $2, $3, $4, 1, 'n-in', 0, 1, '', 4, '')",
            *(site, place, day_of(one.event_id), one.event_id),
        )


async def differences(archive: Archive) -> tuple[int, set[str]]:
    """How many the shadow says that it keeps, and the events of those that it has."""
    kept = await archive.pool.fetchval("SELECT kept FROM shadow WHERE site = $1", archive.site)
    rows = await archive.pool.fetch("SELECT event_id FROM shadow_difference WHERE site = $1", archive.site)
    return kept, {str(row["event_id"]) for row in rows}
