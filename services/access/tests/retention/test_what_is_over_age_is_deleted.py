"""Retention on a real PostgreSQL: what is over age goes, whole and alone; what is held or counts still stays."""

import asyncio
import json
from collections.abc import Sequence
from typing import Any

import asyncpg
import pytest
from harness.kept_history import LI, Archive
from hypothesis import given, settings
from hypothesis import strategies as st
from menshen.access.v1 import retention_pb2 as pb
from menshen_access.domain.disclosure import Reader
from menshen_access.domain.events import EventKind
from menshen_access.domain.history import EventFilter, entry_of
from menshen_access.domain.retention import (
    DAY_MS,
    LegalHold,
    RetainedEvent,
    RetentionClass,
    RetentionRun,
    sort_out,
)
from menshen_access.postgres.epochs import begin_epoch
from menshen_access.querying import NEWEST, days_between
from menshen_access.rpc.convert_admin import ServedSites
from menshen_access.rpc.rendering import DATA_DELETED, event_message
from menshen_access.rpc.retention import RetentionServicer
from menshen_rulebook.types import FOREVER_MS
from menshen_servicekit.identity import Role, spiffe_uri
from menshen_servicekit.postgres import Pool
from menshen_servicekit.status import DomainError, Trouble


class Caller:
    """A call of an operator of all sites."""

    def auth_context(self) -> dict[str, list[bytes]]:
        return {"peer_spiffe_id": [spiffe_uri(Role.OPERATOR, "li").encode()]}


def without(row: dict[str, Any], *, identity: bool = False, health: bool = False) -> dict[str, Any]:
    gone = {"identity": None, "identity_salt": None, "subject_ids": []} if identity else {}
    return row | gone | ({"health": None, "health_salt": None} if health else {})


async def test_exactly_what_is_over_age_goes_and_nothing_else_changes(archive: Archive, passage: Any) -> None:
    old, ripe, young = passage(), passage(), passage()
    await archive.record(old)
    archive.clock.advance_ms(1)
    await archive.record(ripe)
    archive.clock.advance_ms((180 - 14) * DAY_MS - 1)
    await archive.record(young)
    archive.clock.advance_ms(14 * DAY_MS)
    before = await archive.rows()

    health, identity = await archive.run()

    names = [f"{one.event_id}/1" for one in (old, ripe, young)]
    assert await archive.rows() == {
        names[0]: without(before[names[0]], identity=True, health=True),
        names[1]: without(before[names[1]], health=True),
        names[2]: without(before[names[2]], health=True),
    }
    assert (health.deleted, health.oldest_left_ms) == (3, 0)
    assert (identity.deleted, identity.oldest_left_ms) == (1, before[names[1]]["recorded_at_ms"])
    assert await archive.is_sound()


async def test_a_review_forgets_its_subject_with_what_was_told_and_noted_of_them(archive: Archive, event: Any) -> None:
    identity = {"subject_ids": ["v:1"], "arguments": [{"driver": "c:7", "owner": "c:8"}]}
    asked = event(
        identity=identity,
        site=archive.site,
        at_ms=archive.clock.now_ms(),
        outcome=3,
        reasons=[["DRIVER_NOT_KNOWN", "driver", 3]],
    )
    await archive.record(asked)
    await archive.pool.execute(
        "UPDATE review SET state = 3, note = 'her brother', telephone_record = 'call 7' WHERE site = $1", archive.site
    )
    archive.clock.advance_ms(180 * DAY_MS)

    await archive.run()

    (kept,) = await archive.pool.fetch("SELECT * FROM review WHERE site = $1", archive.site)
    assert (kept["subject_ids"], kept["note"], kept["telephone_record"], kept["state"]) == ([], "", "", 3)
    told = json.loads(kept["reasons"])
    assert (told["reasons"], told["arguments"]) == ([["DRIVER_NOT_KNOWN", "driver", 3]], [])


async def test_a_millisecond_before_its_age_nothing_goes(archive: Archive, passage: Any) -> None:
    await archive.record(passage())
    archive.clock.advance_ms(14 * DAY_MS - 1)
    before = await archive.rows()

    runs = await archive.run()

    assert [run.deleted for run in runs] == [0, 0]
    assert await archive.rows() == before


async def test_a_hold_keeps_all_of_a_presentation_until_it_ends(archive: Archive, passage: Any, event: Any) -> None:
    held, other = passage("c:held"), passage("c:other")
    lock = event(EventKind.ACTED, event_id=held.event_id, site=archive.site, health={"mask": "worn"}, obeyed=1)
    await archive.record(held, other, lock)
    hold = await archive.desk.place(archive.site, "c:held", 0, 0, "a court asks", LI)
    archive.clock.advance_ms(180 * DAY_MS)
    before = await archive.rows()

    kept = await archive.run()
    while_held = await archive.rows()
    await archive.desk.end(archive.site, hold.hold_id, "the court has ruled", LI)
    after = await archive.run()

    gone = f"{other.event_id}/1"
    assert while_held == before | {gone: without(before[gone], identity=True, health=True)}
    assert [(run.deleted, run.kept_by_holds) for run in kept] == [(1, 2), (1, 1)]
    assert [(run.deleted, run.kept_by_holds) for run in after] == [(2, 0), (1, 0)]
    assert all(row["identity"] is row["health"] is None for row in (await archive.rows()).values())


@pytest.mark.parametrize(("shift_ms", "kept"), [(0, 1), (1, 0)])
async def test_a_hold_of_the_site_covers_its_time_and_no_more(
    archive: Archive, passage: Any, shift_ms: int, kept: int
) -> None:
    at_ms = archive.clock.now_ms()
    await archive.record(passage())
    await archive.desk.place(archive.site, "", at_ms + shift_ms, at_ms + 10, "an inquiry", LI)
    archive.clock.advance_ms(180 * DAY_MS)

    runs = await archive.run()

    assert [(run.deleted, run.kept_by_holds) for run in runs] == [(1 - kept, kept)] * 2


async def test_a_presentation_that_a_hold_covers_in_part_is_kept_whole(
    archive: Archive, passage: Any, event: Any
) -> None:
    at_ms = archive.clock.now_ms()
    decided = passage("c:held")
    taken = event(EventKind.TAKEN, event_id=decided.event_id, site=archive.site, at_ms=at_ms + 5_000)
    await archive.record(decided, taken)
    await archive.desk.place(archive.site, "c:held", at_ms + 1, at_ms + 6_000, "a court asks", LI)
    archive.clock.advance_ms(1_100 * DAY_MS)
    before = await archive.rows()

    runs = await archive.retention.go_round()

    assert await archive.rows() == before
    assert [run.kept_by_holds for run in runs[:3]] == [1, 1, 2]


async def test_a_run_that_was_cut_short_is_gone_on_with_and_ends_alike(archive: Archive, passage: Any) -> None:
    await archive.record(*(passage() for _ in range(5)))
    archive.clock.advance_ms(180 * DAY_MS)
    now_ms, identity = archive.clock.now_ms(), RetentionClass.IDENTITY
    started_at_ms, after = await archive.store.begin(archive.site, identity, now_ms)
    cut = RetentionRun(identity, started_at_ms)
    await archive.store.delete_page(archive.site, cut, after, now_ms - 180 * DAY_MS, 2, advance=True)
    archive.clock.advance_ms(60_000)

    run = await archive.retention.run(identity)
    again = await archive.retention.run(identity)

    assert (run.started_at_ms, run.ended_at_ms, run.deleted) == (now_ms, now_ms + 60_000, 5)
    assert again.deleted == 0
    assert await archive.desk.runs(archive.site) == [again, run]
    assert await archive.is_sound()


async def test_an_event_without_its_subject_is_still_told(archive: Archive, passage: Any) -> None:
    told = passage()
    await archive.record(told)
    archive.clock.advance_ms(180 * DAY_MS)
    await archive.run()

    wanted = EventFilter(NEWEST, "", "", days_between(0, FOREVER_MS), 0, FOREVER_MS, 0, 0, "")
    listed, _ = await archive.querying.listed(archive.question(), wanted, 10)
    explained = await archive.querying.explained(archive.question(), told.event_id)
    _, fed = await archive.reader.after(archive.site, 0, 10)

    assert [one.event.core for one in (*listed, *explained, *fed)] == [told.core] * 3
    message = event_message(explained[0], Reader.CENTRE)
    assert not message.subject_ids
    assert [reason.code for reason in message.reasons] == [DATA_DELETED]


async def test_where_people_are_outlives_what_was_deleted(archive: Archive, passage: Any, event: Any) -> None:
    inside = passage()
    await archive.record(inside)
    archive.clock.advance_ms(180 * DAY_MS)
    before = await archive.presence.places(archive.site, "", 10)
    await archive.run()

    await archive.record(event(EventKind.ACTED, event_id=inside.event_id, site=archive.site, obeyed=1))

    assert await archive.presence.places(archive.site, "", 10) == before
    assert [one.subject_id for one in before] == ["c:1"]


async def test_of_old_passages_the_last_of_each_subject_stays(archive: Archive, passage: Any) -> None:
    for area in ("campus", "hall"):
        archive.clock.advance_ms(1)
        await archive.record(passage("c:1", area), passage("c:2", area))
    archive.clock.advance_ms(181 * DAY_MS)

    before = await archive.presence.places(archive.site, "", 10)
    await archive.retention.prune()

    assert await archive.presence.places(archive.site, "", 10) == before
    assert await archive.pool.fetchval("SELECT count(*) FROM transition WHERE site = $1", archive.site) == 2


async def test_what_used_up_a_code_is_kept_while_the_use_counts(archive: Archive, passage: Any) -> None:
    await archive.record(passage(used="v:1"))
    archive.clock.advance_ms(180 * DAY_MS)

    counting = await archive.retention.run(RetentionClass.IDENTITY)
    await archive.presence.forget_uses(archive.site, ["v:1"])
    forgotten = await archive.retention.run(RetentionClass.IDENTITY)

    assert (counting.deleted, counting.kept_in_use) == (0, 1)
    assert (forgotten.deleted, forgotten.kept_in_use) == (1, 0)


async def test_presence_is_derived_before_anything_is_deleted(archive: Archive, passage: Any) -> None:
    entries = [entry_of(passage(), late=False)]
    await archive.ledger.append(archive.site, entries, archive.clock.now_ms())
    archive.clock.advance_ms(180 * DAY_MS)

    assert [run.deleted for run in await archive.run()] == [0, 0]


async def test_a_run_and_the_recorder_do_not_wait_for_each_other(archive: Archive, passage: Any) -> None:
    await archive.record(passage())
    archive.clock.advance_ms(180 * DAY_MS)

    async with archive.pool.acquire() as recorder, recorder.transaction():
        await recorder.execute("SELECT FROM head WHERE site = $1 FOR UPDATE", archive.site)
        async with asyncio.timeout(5):
            deleting = await archive.run()
    async with archive.pool.acquire() as deletion, deletion.transaction():
        await deletion.execute("UPDATE event SET health = NULL WHERE site = $1", archive.site)
        async with asyncio.timeout(5):
            await archive.ledger.append(archive.site, [entry_of(passage(), late=False)], archive.clock.now_ms())

    assert [run.deleted for run in deleting] == [1, 1]


async def test_holds_are_audited_and_reading_them_is_written_down(archive: Archive, passage: Any) -> None:
    await archive.record(passage())
    hold = await archive.desk.place(archive.site, "c:1", 5, 9, "a court asks", LI)
    ended = await archive.desk.end(archive.site, hold.hold_id, "ruled", "operator/wang")

    assert (ended.ended_by, ended.ended_at_ms) == ("operator/wang", archive.clock.now_ms())
    assert await archive.desk.holds(archive.question(), ended_too=False) == []
    assert await archive.desk.holds(archive.question(), ended_too=True) == [ended]
    audit = await archive.pool.fetch("SELECT action, reason FROM audit WHERE site = $1 ORDER BY number", archive.site)
    read = await archive.pool.fetch("SELECT purpose FROM query_log WHERE site = $1", archive.site)
    assert [tuple(row) for row in audit] == [("PLACE_LEGAL_HOLD", "a court asks"), ("END_LEGAL_HOLD", "ruled")]
    assert [row["purpose"] for row in read] == ["an inquiry"] * 2


async def test_commands_and_queries_go_at_their_own_ages(archive: Archive, new_id: Any) -> None:
    ended, standing, recent = new_id(), new_id(), new_id()
    now_ms = archive.clock.now_ms()
    for command_id, ended_at_ms in ((ended, now_ms), (standing, None), (recent, now_ms + 1)):
        await archive.pool.execute(
            "INSERT INTO operator_command VALUES ($1, $2, 'n-in', 3, 'operator/li', 'why', $3, $3, '', '', $4)",
            archive.site,
            command_id,
            now_ms,
            ended_at_ms,
        )
        for table in ("door_report", "unsecured_alarm"):
            columns = "'n-door', 1, 0" if table == "door_report" else "'n-door', 0"
            await archive.pool.execute(f"INSERT INTO {table} VALUES ($1, $2, {columns})", archive.site, command_id)
    await archive.querying.write_down(archive.question(), {})
    archive.clock.advance_ms(180 * DAY_MS)

    pruned = await archive.retention.prune()
    left = {
        table: {str(one) for one in await archive.pool.fetchval(
            f"SELECT array_agg({column}) FROM {table} WHERE site = $1", archive.site)}
        for table, column in (
            ("operator_command", "command_id"), ("door_report", "cause_id"), ("unsecured_alarm", "cause_id"))
    }  # fmt: skip
    archive.clock.advance_ms((1096 - 180) * DAY_MS - 1)
    hold = await archive.desk.place(archive.site, "", 0, 0, "a court asks", LI)
    archive.clock.advance_ms(1)
    held = await archive.retention.prune()
    await archive.desk.end(archive.site, hold.hold_id, "ruled", LI)

    assert pruned == 1
    assert all(ids == {standing, recent} for ids in left.values())
    assert (held, await archive.retention.prune()) == (0, 2)
    assert await archive.pool.fetchval("SELECT count(*) FROM query_log WHERE site = $1", archive.site) == 0


async def test_operators_ask_over_the_wire(archive: Archive, passage: Any) -> None:
    await archive.record(passage())
    servicer = RetentionServicer(ServedSites((archive.site,)), archive.desk)
    context = Caller()

    asked = pb.PlaceLegalHoldRequest(site=archive.site, subject_id="c:1", reason="a court asks")
    placed = (await servicer.PlaceLegalHold(asked, context)).hold
    listing = pb.ListLegalHoldsRequest(site=archive.site, purpose="review")
    listed = (await servicer.ListLegalHolds(listing, context)).holds
    ending = pb.EndLegalHoldRequest(site=archive.site, hold_id=placed.hold_id, reason="ruled")
    ended = (await servicer.EndLegalHold(ending, context)).hold
    await archive.run()
    runs = (await servicer.ListRetentionRuns(pb.ListRetentionRunsRequest(site=archive.site), context)).runs

    assert (placed.origin, placed.to_ms, list(listed)) == (LI, FOREVER_MS, [placed])
    assert ended.ended_by == LI
    assert {run.retention_class for run in runs} == {pb.RETENTION_CLASS_IDENTITY, pb.RETENTION_CLASS_HEALTH}
    with pytest.raises(DomainError):
        await servicer.ListLegalHolds(pb.ListLegalHoldsRequest(site=archive.site), context)


async def test_a_hold_on_somebody_the_site_never_knew_is_refused_and_keeps_nothing(archive: Archive) -> None:
    with pytest.raises(DomainError) as refused:
        await archive.desk.place(archive.site, "c:tpyo", 0, 0, "a court asks", LI)

    assert (refused.value.code, refused.value.fields[0].path) == ("SUBJECT_UNKNOWN", "subject_id")
    assert await archive.desk.holds(archive.question(), ended_too=True) == []


async def test_what_is_wrong_with_a_hold_is_named(archive: Archive, new_id: Any) -> None:
    with pytest.raises(DomainError) as refused:
        await archive.desk.place(archive.site, "", 9, 9, " ", LI)
    for hold_id in ("nonsense", new_id()):
        with pytest.raises(DomainError) as unknown:
            await archive.desk.end(archive.site, hold_id, "why", LI)
        assert (unknown.value.trouble, unknown.value.code) == (Trouble.NOT_FOUND, "LEGAL_HOLD_UNKNOWN")

    assert [field.path for field in refused.value.fields] == ["reason", "to_ms"]


async def test_a_salt_without_its_bytes_is_taken_along(archive: Archive, passage: Any) -> None:
    await archive.record(passage())
    await archive.pool.execute("UPDATE event SET identity = NULL, health = NULL WHERE site = $1", archive.site)
    archive.clock.advance_ms(180 * DAY_MS)

    await archive.run()

    (row,) = (await archive.rows()).values()
    assert [row["identity_salt"], row["health_salt"], row["subject_ids"]] == [None, None, []]


EVENTS = st.lists(
    st.tuples(st.integers(0, 4), st.integers(0, 4), st.sampled_from(["a", "b"]), st.booleans(), st.booleans()),
    max_size=6,
).map(
    lambda rows: [
        RetainedEvent(place + 1, ("", 1), recorded, at, at, (who,), has, used)
        for place, (recorded, at, who, has, used) in enumerate(sorted(rows, key=lambda row: row[0]))
    ]
)
HOLDS = st.lists(
    st.builds(LegalHold, st.just(""), st.sampled_from(["", "a"]), st.integers(0, 2), st.integers(3, 5),
              st.just("why"), st.just(LI), st.just(0), st.integers(0, 1)), max_size=2,
)  # fmt: skip


@settings(max_examples=80)
@given(EVENTS, HOLDS, st.integers(0, 4))
def test_each_event_with_bytes_is_deleted_or_kept_for_one_reason(
    events: Sequence[RetainedEvent], holds: Sequence[LegalHold], before_ms: int
) -> None:
    found = sort_out(events, 0, before_ms, holds)

    old = [one for one in events if one.recorded_at_ms <= before_ms and one.has_bytes]
    assert found.deleted == tuple(
        one for one in old if not one.is_in_use and not any(hold.covers(one) for hold in holds)
    )
    assert len(found.deleted) + found.kept_by_holds + found.kept_in_use == len(old)
    assert all(one in found.deleted for one in old if one.sequence <= found.done)


async def test_no_page_deletes_under_a_hold_being_placed(archive: Archive, passage: Any) -> None:
    await archive.record(passage())
    archive.clock.advance_ms(180 * DAY_MS)
    async with archive.pool.acquire() as placing, placing.transaction():
        await placing.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended('menshen.access.duty.retention:' || $1, 0))", archive.site
        )
        with pytest.raises(asyncpg.LockNotAvailableError):
            await archive.retention.run(RetentionClass.HEALTH)

    assert (await archive.retention.run(RetentionClass.HEALTH)).deleted == 1


async def test_after_a_restore_nothing_is_deleted_for_a_day_in_which_legal_holds_are_placed_again(
    archive: Archive, pool: Pool
) -> None:
    assert await archive.retention.spared_ms() == 0

    async with pool.acquire() as connection:
        await begin_epoch(connection, archive.site, archive.clock.now_ms())

    assert await archive.retention.spared_ms() == DAY_MS
    archive.clock.advance_ms(DAY_MS)
    assert await archive.retention.spared_ms() == 0
