"""Files of cardholders: good, bad, dry, huge, overtaken, interrupted."""

import asyncio
from typing import Any

import grpc
import pytest
from harness.patience import eventually
from menshen.identity.v1 import identity_pb2 as pb
from menshen_servicekit.imports import MAX_CHUNK_BYTES
from menshen_servicekit.status import Trouble, domain_error_of

HEADER = "external_ref,category,name"


def card_of(change: pb.SubjectChange) -> list[tuple[str, int]]:
    return [(credential.identifiers[0].value, credential.state) for credential in change.credentials]


async def id_of(pool: Any, external_ref: str) -> str:
    found: str = await pool.fetchval("SELECT cardholder_id FROM cardholders WHERE external_ref = $1", external_ref)
    return found


async def test_a_good_file_is_published_with_cards_windows_groups_and_facts(clients: Any, pool: Any) -> None:
    csv = (
        "\ufeffexternal_ref,site,sites,category,groups,name,card,card_state,valid_to,facts\r\n"
        'G1,north,east,student,"class-1;dorm-2","李, 雷",0a-01,,2030-06-30,leave.state=overdue;work_proof=yes\r\n'
        "\r\n"
        "G2,,,staff,,韩梅梅,0A02,LOST,,\r\n"
    )
    answer = await clients.load(csv, chunk=7)
    first = (await clients.snapshot("east"))[await id_of(pool, "G1")]
    second = (await clients.snapshot("north"))[await id_of(pool, "G2")]
    assert (answer.rows, answer.created, answer.changed, len(answer.faults)) == (2, 2, 0, 0)
    assert (first.home_site, list(first.groups), first.category) == ("north", ["class-1", "dorm-2"], "student")
    assert {fact.type: fact.value for fact in first.facts} == {"leave.state": "overdue", "work_proof": "yes"}
    assert card_of(first) == [("0A01", pb.CREDENTIAL_STATE_ACTIVE)]
    assert first.credentials[0].valid_to_ms == 1_909_065_600_000
    assert card_of(second) == [("0A02", pb.CREDENTIAL_STATE_LOST)]


async def test_the_same_file_again_changes_nothing(clients: Any, pool: Any) -> None:
    csv = f"{HEADER},card\nA1,staff,甲,0B01\nA2,staff,乙,0B02"
    await clients.load(csv)
    before = (await clients.snapshot())[await id_of(pool, "A1")]
    again = await clients.load(csv)
    assert (again.created, again.changed) == (0, 0)
    assert (await clients.snapshot())[await id_of(pool, "A1")] == before


async def test_a_column_the_file_lacks_leaves_what_is_stored(clients: Any, pool: Any) -> None:
    await clients.load(f"{HEADER},groups,sites,card,card_state\nB1,staff,丙,lab,lake,0B03,SUSPENDED")
    answer = await clients.load(f"{HEADER},card\nB1,teacher,丙,0B03")
    change = (await clients.snapshot("lake"))[await id_of(pool, "B1")]
    assert answer.changed == 1
    assert (change.category, list(change.groups)) == ("teacher", ["lab"])
    assert card_of(change) == [("0B03", pb.CREDENTIAL_STATE_SUSPENDED)]


async def test_another_card_from_the_same_source_replaces_the_first_and_is_a_revocation(
    clients: Any, pool: Any
) -> None:
    await clients.load(f"{HEADER},card\nC1,staff,丁,0C01")
    await clients.load(f"{HEADER},card\nC1,staff,丁,0C02")
    change = (await clients.snapshot(lane=pb.FEED_LANE_REVOCATIONS))[await id_of(pool, "C1")]
    assert sorted(card_of(change)) == [("0C01", pb.CREDENTIAL_STATE_REPLACED), ("0C02", pb.CREDENTIAL_STATE_ACTIVE)]


async def test_a_site_that_is_left_learns_of_it_at_once(clients: Any, pool: Any) -> None:
    await clients.load(f"{HEADER},sites\nD1,staff,戊,east;lake")
    await clients.load(f"{HEADER},sites\nD1,staff,戊,lake")
    left = (
        await clients.stub("spiffe://menshen/service/access")
        .WatchSubjects(
            pb.WatchSubjectsRequest(
                site="east", lane=pb.FEED_LANE_REVOCATIONS, cursor=pb.FeedCursor(epoch=await _epoch(pool), position=1)
            ),
            timeout=10,
        )
        .read()
    )
    removed = [change.subject_id for change in left.changes if change.removed]
    assert await id_of(pool, "D1") in removed
    assert await id_of(pool, "D1") not in await clients.snapshot("east")


async def _epoch(pool: Any) -> int:
    epoch: int = await pool.fetchval("SELECT epoch FROM feed_head")
    return epoch


async def test_every_fault_is_named_by_line_and_nothing_is_published(clients: Any, pool: Any) -> None:
    csv = (
        f"{HEADER},card\n"
        "E1,staff,己,0E01\n"
        "E2,not a word,庚,zz\n"
        "E3,staff\n"
        'E4,staff,"辛,0E04\n'
        "E1,staff,壬,0E05\n"
        "E6,staff,癸,0E01\n"
    )
    answer = await clients.load(csv)
    found = [(fault.line, fault.field) for fault in answer.faults]
    assert found == [(3, "category"), (3, "card"), (4, ""), (5, ""), (6, "external_ref"), (7, "card")]
    assert all(fault.expected_zh and fault.expected_en for fault in answer.faults)
    assert (answer.rows, answer.created, answer.changed) == (4, 0, 0)
    assert await id_of(pool, "E1") is None
    assert await pool.fetchval("SELECT count(*) FROM staged_rows") == 0


@pytest.mark.parametrize(
    ("content", "line", "field"),
    [
        (b"", 1, ""),
        (b"external_ref,name\n", 1, "category"),
        (b"external_ref,category,name,shoe_size\n", 1, "shoe_size"),
        (b"external_ref,category,name,name\n", 1, ""),
        (HEADER.encode() + b"\nF1,staff,\xff\xfe", 2, ""),
        (HEADER.encode() + b"\nF1,staff,a\x00b", 2, ""),
        (HEADER.encode() + b"\nF1,staff," + b"x" * 20_000, 2, ""),
    ],
)
async def test_what_is_no_such_file_is_told_where(clients: Any, content: bytes, line: int, field: str) -> None:
    answer = await clients.load(content, chunk=1000)
    assert [(fault.line, fault.field) for fault in answer.faults] == [(line, field)]


async def test_faults_against_what_is_stored_are_named_too(clients: Any) -> None:
    holder = await clients.cardholder(external_ref="H0", site="east")
    await clients.card(holder, "0F01")
    card = await clients.card(holder, "0F02")
    await clients.move("east", card.credential_id, pb.CREDENTIAL_STATE_STOLEN)
    csv = (
        f"{HEADER},card,card_state,organisation,cardholder_id\n"
        "H1,staff,子,0F01,,,\n"
        "H2,staff,丑,,,no-such-unit,\n"
        f"H3,staff,寅,,,,{holder.cardholder_id}\n"
        "H0,staff,卯,0F02,ACTIVE,,\n"
    )
    answer = await clients.load(csv, uri="spiffe://menshen/operator/control-room")
    assert [(fault.line, fault.field) for fault in answer.faults] == [
        (2, "card"),
        (3, "organisation"),
        (4, "cardholder_id"),
        (5, "card_state"),
    ]


async def test_no_more_than_a_hundred_faults_are_told(clients: Any) -> None:
    csv = HEADER + "".join(f"\nI{number},BAD WORD,x" for number in range(500))
    answer = await clients.load(csv)
    assert len(answer.faults) == 100


async def test_a_dry_run_validates_and_publishes_nothing(clients: Any, pool: Any) -> None:
    answer = await clients.load(f"{HEADER}\nJ1,staff,辰", dry_run=True)
    assert (answer.rows, answer.created, len(answer.faults)) == (1, 0, 0)
    assert await id_of(pool, "J1") is None


async def test_an_operator_of_a_site_cannot_change_people_at_home_elsewhere(clients: Any) -> None:
    await clients.cardholder(site="east", external_ref="K1")
    csv = f"{HEADER},site\nK1,staff,巳,north\nK2,staff,午,east"

    async def messages() -> Any:
        yield pb.ImportCardholdersRequest(site="north", chunk=csv.encode())

    desk = clients.stub("spiffe://menshen/site/north/operator/desk")
    answer = await desk.ImportCardholders(messages(), timeout=20)
    assert [(fault.line, fault.field) for fault in answer.faults] == [(2, "external_ref"), (3, "site")]


async def test_a_chunk_over_a_mebibyte_is_refused(clients: Any) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await clients.load(b"x" * (MAX_CHUNK_BYTES + 1), chunk=MAX_CHUNK_BYTES + 1)
    error = domain_error_of(raised.value)
    assert (error.trouble, error.code) == (Trouble.INVALID, "CHUNK_TOO_LARGE")


async def test_a_client_that_goes_away_leaves_nothing_staged(clients: Any, pool: Any) -> None:
    sent = asyncio.Event()

    async def messages() -> Any:
        rows = "".join(f"\nL{number},staff,x" for number in range(5000))
        yield pb.ImportCardholdersRequest(site="north", chunk=(HEADER + rows).encode())
        sent.set()
        await asyncio.Event().wait()

    call = clients.stub().ImportCardholders(messages(), timeout=30)
    await asyncio.wait_for(sent.wait(), 10)
    await eventually(lambda: pool.fetchval("SELECT count(*) FROM staged_rows"))
    call.cancel()
    assert await eventually(lambda: _nothing_staged(pool))


async def _nothing_staged(pool: Any) -> bool:
    staged = await pool.fetchval("SELECT count(*) FROM staged_rows")
    receiving = await pool.fetchval("SELECT count(*) FROM imports WHERE state = 'RECEIVING'")
    return not staged and not receiving


async def test_an_import_that_lost_its_process_is_finished(clients: Any, pool: Any) -> None:
    await clients.load(f"{HEADER},card\nM0,staff,未,0D00", dry_run=True)
    await pool.execute(
        """
        INSERT INTO imports (import_id, site, actor, state, at_ms, rows, moved_at)
        VALUES ('orphan', 'north', 'a test', 'PUBLISHING', 1, 1, now() - interval '1 minute')
        """
    )
    await pool.execute(
        """
        INSERT INTO staged_rows (import_id, line, given_id, new_id, new_credential_id, site, category, name,
            external_ref, card, fact_types, fact_values, at_ms)
        VALUES ('orphan', 2, '', 'c:00000000-0000-7000-8000-00000000aaaa', 'k-orphan', 'north', 'staff', 'x',
            'M1', '0D01', '{}', '{}', 1)
        """
    )
    subject_id = await eventually(lambda: id_of(pool, "M1"), 20)
    assert card_of((await clients.snapshot())[subject_id]) == [("0D01", pb.CREDENTIAL_STATE_ACTIVE)]
    assert await eventually(lambda: pool.fetchval("SELECT state = 'DONE' FROM imports WHERE import_id = 'orphan'"))


async def test_what_was_taken_between_check_and_publication_stops_the_import_with_its_line(
    clients: Any, pool: Any
) -> None:
    """The race itself is not waited for: its result is put in place, and the import resumed on it."""
    holder = await clients.cardholder()
    await clients.card(holder, "0D99")
    await pool.execute(
        """
        INSERT INTO imports (import_id, site, actor, state, at_ms, rows, moved_at)
        VALUES ('overtaken', 'north', 'a test', 'PUBLISHING', 1, 1, now() - interval '1 minute')
        """
    )
    await pool.execute(
        """
        INSERT INTO staged_rows (import_id, line, given_id, new_id, new_credential_id, site, category, name,
            external_ref, card, fact_types, fact_values, at_ms)
        VALUES ('overtaken', 2, '', 'c:00000000-0000-7000-8000-00000000bbbb', 'k-overtaken', 'north', 'staff', 'x',
            'N1', '0D99', '{}', '{}', 1)
        """
    )
    assert await eventually(
        lambda: pool.fetchval("SELECT state = 'FAILED' FROM imports WHERE import_id = 'overtaken'"), 20
    )
    assert await id_of(pool, "N1") is None


async def test_a_file_that_knows_the_old_card_alone_neither_revives_it_nor_ends_its_successor(
    clients: Any, pool: Any
) -> None:
    csv = f"{HEADER},card,card_state\nS1,staff,丁,0B71,"
    await clients.load(csv)
    cardholder_id = await id_of(pool, "S1")
    [old] = (await clients.snapshot())[cardholder_id].credentials
    person = pb.Cardholder(cardholder_id=cardholder_id, site="north")
    await clients.card(person, "0B72", replaces=old.credential_id)
    retired = pb.RetireCredentialRequest(
        site="north", cardholder_id=cardholder_id, credential_id=old.credential_id, event_id="an event"
    )
    await clients.stub("spiffe://menshen/service/access").RetireCredential(retired, timeout=10)

    again = await clients.load(csv)
    revived = await clients.load(csv + "ACTIVE")

    assert (again.changed, list(again.faults)) == (0, [])
    assert [(fault.line, fault.field) for fault in revived.faults] == [(2, "card")]
    held = card_of((await clients.snapshot())[cardholder_id])
    assert sorted(held) == [("0B71", pb.CREDENTIAL_STATE_REPLACED), ("0B72", pb.CREDENTIAL_STATE_ACTIVE)]
