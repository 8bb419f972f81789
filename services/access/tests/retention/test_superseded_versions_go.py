"""Versions of subject records, plans and circumstances go once they are long superseded and nothing kept names them."""

from collections.abc import Sequence
from typing import Any

import asyncpg
import pytest
from harness.kept_history import LI, Archive
from hypothesis import given, settings
from hypothesis import strategies as st
from menshen_access.domain.citations import Cited, cited_by
from menshen_access.domain.events import EventKind, EventPayload
from menshen_access.domain.retention import DAY_MS, RetentionClass, RetentionRun
from menshen_access.postgres.versions import Versions
from menshen_access.superseding import Superseded

AGE = (180 + 30) * DAY_MS
KINDS = (RetentionClass.SUBJECT_VERSIONS, RetentionClass.PLAN_VERSIONS, RetentionClass.CIRCUMSTANCES_VERSIONS)


class Shelf:
    """Versions at the archive's site, stored at the archive's instant."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    async def add(self, version: int, *subject_ids: str) -> None:
        """One version of the plan, of the circumstances, and of each subject's record; the subjects' current one."""
        pool, site, now_ms = self._archive.pool, self._archive.site, self._archive.clock.now_ms()
        await self._archive.sites.ensure(site)
        await pool.execute("INSERT INTO plan_version VALUES ($1, $2, '', $3, '', '')", site, version, now_ms)
        await pool.execute("UPDATE plan_head SET plan_version = $2, holds_version = $2 WHERE site = $1", site, version)
        await pool.execute("INSERT INTO circumstances_version VALUES ($1, $2, '', $3)", site, version, now_ms)
        for subject_id in subject_ids:
            await pool.execute(
                "INSERT INTO subject_version VALUES ($1, $2, $3, '', $4)", site, subject_id, version, now_ms
            )

    async def subjects(self) -> list[tuple[str, int]]:
        return [tuple(row) for row in await self._rows("SELECT subject_id, version FROM subject_version")]

    async def plans(self) -> list[int]:
        return [row["version"] for row in await self._rows("SELECT version FROM plan_version")]

    async def circumstances(self) -> list[int]:
        return [row["version"] for row in await self._rows("SELECT version FROM circumstances_version")]

    async def _rows(self, statement: str) -> list[asyncpg.Record]:
        return await self._archive.pool.fetch(f"{statement} WHERE site = $1 ORDER BY 1, version", self._archive.site)


@pytest.fixture
def shelf(archive: Archive) -> Shelf:
    return Shelf(archive)


@pytest.fixture
def citing(event: Any, archive: Archive) -> Any:
    """A decision made on these versions of subjects, and on a plan and circumstances of one version."""

    def build(version: int, **subjects: int) -> EventPayload:
        identity = {"subject_ids": list(subjects), "subject_versions": list(subjects.values())}
        core = {"site": archive.site, "at_ms": archive.clock.now_ms()}
        built: EventPayload = event(identity=identity, plan_version=version, holds_version=version, **core)
        return built

    return build


async def removed(archive: Archive) -> dict[RetentionClass, tuple[int, int, int]]:
    runs: Sequence[RetentionRun] = await archive.retention.go_round()
    return {
        run.retention_class: (run.deleted, run.kept_by_holds, run.kept_in_use)
        for run in runs
        if run.retention_class in KINDS
    }


async def test_what_was_superseded_long_ago_goes_and_what_stands_stays(archive: Archive, shelf: Shelf) -> None:
    for version in (1, 2, 3):
        await shelf.add(version, "c1", "c2")
    await shelf.add(4, "c1")
    archive.clock.advance_ms(AGE - 1)
    early = await removed(archive)
    await shelf.add(5, "c2")
    archive.clock.advance_ms(1)

    found = await removed(archive)

    assert set(early.values()) == {(0, 0, 0)}
    assert found == {KINDS[0]: (5, 0, 0), KINDS[1]: (3, 0, 0), KINDS[2]: (3, 0, 0)}
    assert await shelf.subjects() == [("c1", 4), ("c2", 3), ("c2", 5)]
    assert (await shelf.plans(), await shelf.circumstances()) == ([4, 5], [4, 5])


async def test_what_a_held_event_cites_stays_until_the_hold_ends(archive: Archive, shelf: Shelf, citing: Any) -> None:
    await shelf.add(1, "c1", "c2", "c3")
    await archive.record(citing(1, c1=1, c2=1), citing(1, c3=1))
    await shelf.add(2, "c1", "c2", "c3")
    await shelf.add(3, "c1", "c2", "c3")
    hold = await archive.desk.place(archive.site, "c1", 0, 0, "a court asks", LI)
    archive.clock.advance_ms(AGE)

    held = await removed(archive)
    kept = await shelf.subjects()
    await archive.desk.end(archive.site, hold.hold_id, "ruled", LI)
    after = await removed(archive)

    assert kept == [("c1", 1), ("c1", 2), ("c1", 3), ("c2", 1), ("c2", 3), ("c3", 3)]
    assert held == {KINDS[0]: (3, 2, 1), KINDS[1]: (1, 0, 1), KINDS[2]: (1, 0, 1)}
    assert after == {KINDS[0]: (3, 0, 0), KINDS[1]: (1, 0, 0), KINDS[2]: (1, 0, 0)}
    assert (await shelf.plans(), await shelf.circumstances()) == ([3], [3])


async def test_a_hold_of_the_site_keeps_every_version(archive: Archive, shelf: Shelf) -> None:
    await shelf.add(1, "c1")
    await shelf.add(2, "c1")
    await archive.desk.place(archive.site, "", 0, 1, "an inquiry", LI)
    archive.clock.advance_ms(AGE)

    assert set((await removed(archive)).values()) == {(0, 1, 0)}


async def test_what_a_hold_of_the_site_left_uncited_outlives_its_end_by_a_run(
    archive: Archive, shelf: Shelf, citing: Any
) -> None:
    for version in (1, 2, 3):
        await shelf.add(version, "c1", "c2")
    await archive.record(citing(2, c1=2))
    of_one = await archive.desk.place(archive.site, "c1", 0, 0, "a court asks", LI)
    of_all = await archive.desk.place(archive.site, "", 0, 0, "an inquiry", LI)
    archive.clock.advance_ms(AGE)
    superseded = Superseded(archive.site, archive.store, Versions(archive.pool), 180, archive.clock, 2)

    identities = await archive.retention.run(RetentionClass.IDENTITY)
    written = await archive.pool.fetchval("SELECT count(*) FROM cited_version WHERE site = $1", archive.site)
    archive.clock.advance_ms(1)
    await archive.desk.end(archive.site, of_all.hold_id, "ruled", LI)
    same = [(run.deleted, run.kept_by_holds) for run in await superseded.run(identities)]
    archive.clock.advance_ms(60_001)
    following = await removed(archive)
    await archive.desk.end(archive.site, of_one.hold_id, "ruled", LI)

    assert (written, same) == (0, [(0, 4), (0, 2), (0, 2)])
    assert following == {KINDS[0]: (2, 2, 0), KINDS[1]: (1, 0, 1), KINDS[2]: (1, 0, 1)}
    assert set((await removed(archive)).values()) == {(2, 0, 0), (1, 0, 0)}


async def test_a_version_that_no_column_holds_is_cited_by_nobody(archive: Archive, shelf: Shelf, citing: Any) -> None:
    await shelf.add(1, "c1")
    await archive.record(citing(2**63, c1=2**64 - 1))
    await archive.desk.place(archive.site, "c1", 0, 0, "a court asks", LI)
    archive.clock.advance_ms(AGE)

    assert set((await removed(archive)).values()) == {(0, 0, 0)}


async def test_every_record_stays_of_whom_a_use_that_counts_let_in(archive: Archive, shelf: Shelf, citing: Any) -> None:
    await shelf.add(1, "c1", "c2")
    await shelf.add(2, "c1", "c2")
    used = citing(2, c1=2)
    await archive.record(used)
    await shelf.add(3, "c1", "c2")
    await archive.pool.execute("INSERT INTO used_once VALUES ($1, 'v:1', $2, 0)", archive.site, used.event_id)
    archive.clock.advance_ms(AGE)

    await removed(archive)
    counting = await shelf.subjects(), await shelf.plans()
    await archive.presence.forget_uses(archive.site, ["v:1"])
    await removed(archive)

    assert counting == ([("c1", 1), ("c1", 2), ("c1", 3), ("c2", 3)], [2, 3])
    assert await shelf.subjects() == [("c1", 3), ("c2", 3)]


async def test_what_an_event_of_the_last_months_cites_stays(archive: Archive, shelf: Shelf, citing: Any) -> None:
    await shelf.add(1, "c1")
    archive.clock.advance_ms(AGE - 180 * DAY_MS)
    await archive.record(citing(1, c1=1))
    await shelf.add(2, "c1")
    archive.clock.advance_ms(180 * DAY_MS - 1)

    assert set((await removed(archive)).values()) == {(0, 0, 0)}
    assert (await shelf.subjects(), await shelf.plans()) == ([("c1", 1), ("c1", 2)], [1, 2])


async def test_plans_that_policies_and_trips_name_stay(archive: Archive, shelf: Shelf) -> None:
    for version in range(1, 7):
        await shelf.add(version)
    await archive.pool.execute(
        "INSERT INTO policy (site, policy_id, from_ms, to_ms, title, language, document, plan_version, author, reason)"
        " VALUES ($1, 'p', 0, 0, '', 1, '', 2, '', '')",
        archive.site,
    )
    await archive.pool.execute(
        "INSERT INTO tripwire_trip VALUES ($1, 'plan:5', 0, 5, 4, '', 0, 0, 0, 0, 0, '')", archive.site
    )
    archive.clock.advance_ms(AGE)

    found = await removed(archive)

    assert (await shelf.plans(), await shelf.circumstances()) == ([2, 4, 5, 6], [6])
    assert (found[KINDS[1]], found[KINDS[2]]) == ((2, 0, 3), (5, 0, 0))


async def test_a_version_from_before_ages_were_kept_counts_from_then(archive: Archive, shelf: Shelf) -> None:
    await archive.sites.ensure(archive.site)
    for version in (1, 2):
        await archive.pool.execute("INSERT INTO subject_version VALUES ($1, 'c1', $2, '')", archive.site, version)
    stored_ms = await archive.pool.fetchval(
        "SELECT max(stored_at_ms) FROM subject_version WHERE site = $1", archive.site
    )
    archive.clock.set_ms(stored_ms + AGE - 1)
    early = await removed(archive)
    archive.clock.advance_ms(1)

    assert early[KINDS[0]] == (0, 0, 0)
    assert (await removed(archive))[KINDS[0]] == (1, 0, 0)


async def test_circumstances_still_change_for_nobody(archive: Archive, shelf: Shelf) -> None:
    await shelf.add(1)

    with pytest.raises(asyncpg.IntegrityConstraintViolationError):
        await archive.pool.execute("UPDATE circumstances_version SET encoded = 'x' WHERE site = $1", archive.site)


NAMES = st.lists(st.tuples(st.sampled_from(["c1", "c2", "v1"]), st.integers(1, 9)), max_size=3)


@settings(max_examples=40)
@given(NAMES, st.integers(0, 3), st.integers(0, 3), st.booleans())
def test_an_event_cites_whatever_making_it_again_reads(
    named: list[tuple[str, int]], plan: int, holds: int, is_used: bool
) -> None:
    ids, versions = [one for one, _ in named], [version for _, version in named]
    core = {"kind": int(EventKind.CENTRE), "plan_version": plan, "holds_version": holds}

    found = cited_by(EventPayload(core, {"subject_ids": ids, "subject_versions": versions}), is_used=is_used)

    wanted = {Cited(KINDS[0], one, version) for one, version in named}
    wanted |= {Cited(KINDS[0], one, 0) for one in ids if is_used}
    wanted |= {Cited(KINDS[1], "", plan)} if plan else set()
    assert found == wanted | ({Cited(KINDS[2], "", holds)} if holds else set())
