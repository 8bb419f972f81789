"""Successors, loan cards and codes over gRPC: what is issued, what gates are told, and what is refused."""

import asyncio
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import grpc
import pytest
from hypothesis import given
from hypothesis import strategies as st
from menshen.identity.v1 import identity_pb2 as pb
from menshen_identity.code_issuing import CodeIssuing
from menshen_identity.domain.codes import FORGOTTEN_MS, KEPT_MS, MAX_CODES, USUAL_WINDOW_MS, CodeOrder
from menshen_identity.domain.credentials import Credential, CredentialState, Identifier, IdentifierType
from menshen_identity.domain.subjects import Lane
from menshen_identity.domain.succession import as_decided_on, end_of_day_ms
from menshen_identity.postgres.feed import PostgresFeed
from menshen_identity.postgres.registry import PostgresRegistry
from menshen_servicekit.clock import ManualClock, SystemClock
from menshen_servicekit.ids import Uuid7Factory
from menshen_servicekit.status import DomainError, Trouble, domain_error_of

ACCESS = "spiffe://menshen/service/access"
SHANGHAI = ZoneInfo("Asia/Shanghai")
EVENT = "0194d2a8-1111-7222-8333-444455556666"
DAY_MS = 86_400_000


async def refusal(call: Any) -> DomainError:
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await call
    return domain_error_of(raised.value)


async def retire(clients: Any, card: pb.Credential, site: str = "north") -> int:
    request = pb.RetireCredentialRequest(
        site=site, cardholder_id=card.cardholder_id, credential_id=card.credential_id, event_id=EVENT
    )
    answer: pb.RetireCredentialResponse = await clients.stub(ACCESS).RetireCredential(request, timeout=10)
    return answer.retirement


async def told(clients: Any, card: pb.Credential, lane: Any = pb.FEED_LANE_ALL) -> pb.Credential:
    """A credential as gates are told of it."""
    change = (await clients.snapshot(lane=lane))[card.cardholder_id]
    return next(one for one in change.credentials if one.credential_id == card.credential_id)


async def stored(clients: Any, card: pb.Credential) -> pb.Credential:
    request = pb.GetCardholderRequest(site="north", cardholder_id=card.cardholder_id)
    found = await clients.stub().GetCardholder(request, timeout=10)
    return next(one for one in found.credentials if one.credential_id == card.credential_id)


async def test_the_first_use_of_a_successor_retires_what_it_succeeds_once_and_as_a_revocation(
    clients: Any, pool: Any
) -> None:
    person = await clients.cardholder()
    old = await clients.card(person, "0C000001")
    new = await clients.card(person, "0C000002", replaces=old.credential_id, pin_required=True)
    before = await told(clients, old)

    first, again = await retire(clients, old), await retire(clients, old)

    assert (before.state, first, again) == (pb.CREDENTIAL_STATE_ACTIVE, pb.RETIREMENT_DONE, pb.RETIREMENT_BEFORE)
    assert (await told(clients, old, pb.FEED_LANE_REVOCATIONS)).state == pb.CREDENTIAL_STATE_REPLACED
    successor = await told(clients, new)
    assert (successor.replaces, successor.pin_required, successor.single_use) == (old.credential_id, True, False)
    noted = await pool.fetch("SELECT actor, action, reason FROM audit WHERE target_id = $1", old.credential_id)
    assert [tuple(row) for row in noted][1:] == [(ACCESS, "CREDENTIAL_REPLACED", EVENT)]


async def test_access_retires_nothing_that_the_office_gave_no_successor(clients: Any) -> None:
    card = await clients.card(await clients.cardholder(), "0C000003")
    elsewhere = await clients.cardholder("east")
    foreign = await clients.card(elsewhere, "0C000004")
    await clients.card(elsewhere, "0C000005", replaces=foreign.credential_id)
    unknown = pb.Credential(cardholder_id=card.cardholder_id, credential_id="nothing")

    answers = {await retire(clients, one) for one in (card, foreign, unknown)}

    assert answers == {pb.RETIREMENT_NOT_SUCCEEDED}
    assert (await stored(clients, card)).state == pb.CREDENTIAL_STATE_ACTIVE


async def test_a_lost_card_is_retired_and_a_stolen_one_stays_stolen(clients: Any) -> None:
    person = await clients.cardholder()
    lost, stolen = await clients.card(person, "0C000006"), await clients.card(person, "0C000007")
    await clients.move("north", lost.credential_id, pb.CREDENTIAL_STATE_LOST)
    await clients.move("north", stolen.credential_id, pb.CREDENTIAL_STATE_STOLEN)
    await clients.card(person, "0C000008", replaces=lost.credential_id)
    await clients.card(person, "0C000009", replaces=stolen.credential_id)

    answers = [await retire(clients, lost), await retire(clients, stolen)]

    assert answers == [pb.RETIREMENT_DONE, pb.RETIREMENT_STAYS_STOLEN]
    assert (await stored(clients, stolen)).state == pb.CREDENTIAL_STATE_STOLEN
    error = await refusal(clients.move("north", lost.credential_id, pb.CREDENTIAL_STATE_ACTIVE))
    assert error.code == "STATE_CONFLICT"


async def test_a_card_has_one_live_successor_and_it_is_the_same_holders(clients: Any) -> None:
    person, other = await clients.cardholder(), await clients.cardholder()
    old = await clients.card(person, "0C00000A")
    new = await clients.card(person, "0C00000B", replaces=old.credential_id)

    second = await refusal(clients.card(person, "0C00000C", replaces=old.credential_id))
    foreign = await refusal(clients.card(other, "0C00000D", replaces=old.credential_id))
    await clients.move("north", new.credential_id, pb.CREDENTIAL_STATE_DESTROYED)
    after = await clients.card(person, "0C00000C", replaces=old.credential_id)

    assert (second.trouble, second.code) == (Trouble.EXISTS, "SUCCESSOR_ISSUED")
    assert (foreign.trouble, [field.path for field in foreign.fields]) == (Trouble.INVALID, ["credential.replaces"])
    assert after.replaces == old.credential_id


async def test_a_loan_card_ends_with_the_day_and_the_original_opens_again_at_that_instant(clients: Any) -> None:
    person = await clients.cardholder()
    original = await clients.card(person, "0C000011", pin_required=True)
    began = datetime.now(SHANGHAI)

    loan = await clients.card(person, "0C000012", stands_in_for=original.credential_id)

    ends = datetime.fromtimestamp(loan.valid_to_ms / 1000, SHANGHAI)
    assert (ends.hour, ends.minute, ends.second, ends.microsecond) == (0, 0, 0, 0)
    assert timedelta(0) < ends - began <= timedelta(days=1, seconds=1)
    assert (loan.pin_required, loan.replaces) == (True, "")
    assert (await told(clients, original)).valid_from_ms == loan.valid_to_ms
    assert (await stored(clients, original)).valid_from_ms == 0
    assert await retire(clients, original) == pb.RETIREMENT_NOT_SUCCEEDED


async def test_the_original_opens_again_as_soon_as_the_loan_card_is_returned(clients: Any) -> None:
    person = await clients.cardholder()
    original = await clients.card(person, "0C000013")
    loan = await clients.card(person, "0C000014", stands_in_for=original.credential_id)
    lent = (await told(clients, original)).valid_from_ms

    await clients.move("north", loan.credential_id, pb.CREDENTIAL_STATE_RETURNED)
    again = await clients.card(await clients.cardholder(), "0C000014")

    assert lent == loan.valid_to_ms
    assert (await told(clients, original)).valid_from_ms == 0
    assert again.cardholder_id != person.cardholder_id


async def test_one_loan_card_at_a_time_and_only_for_today(clients: Any) -> None:
    person = await clients.cardholder()
    original = await clients.card(person, "0C000015")
    now_ms, stands_in_for = SystemClock().now_ms(), original.credential_id

    tomorrow = await refusal(clients.card(person, "0C000016", stands_in_for=stands_in_for, valid_to_ms=now_ms + DAY_MS))
    both = await refusal(clients.card(person, "0C000016", stands_in_for=stands_in_for, replaces=stands_in_for))
    first = await clients.card(person, "0C000016", stands_in_for=stands_in_for)
    second = await refusal(clients.card(person, "0C000017", stands_in_for=stands_in_for))
    loan_of_a_loan = await refusal(clients.card(person, "0C000017", stands_in_for=first.credential_id))
    await clients.move("north", first.credential_id, pb.CREDENTIAL_STATE_LOST)
    after = await clients.card(person, "0C000017", stands_in_for=stands_in_for)

    assert [field.path for field in tomorrow.fields] == ["credential.valid_to_ms"]
    assert [field.path for field in both.fields] == ["credential.replaces"]
    assert (second.trouble, second.code) == (Trouble.EXISTS, "LOAN_OUT")
    assert [field.path for field in loan_of_a_loan.fields] == ["credential.stands_in_for"]
    assert after.stands_in_for == stands_in_for


async def test_a_code_is_random_opens_once_and_ends_soon_unless_more_is_asked(clients: Any) -> None:
    person = await clients.cardholder()
    began_ms = SystemClock().now_ms()

    def order(**more: Any) -> Any:
        request = pb.IssueCodeRequest(site="north", cardholder_id=person.cardholder_id, **more)
        return clients.stub().IssueCode(request, timeout=10)

    once, often = (await order()).credential, (await order(reusable=True, valid_to_ms=began_ms + 3_600_000)).credential
    too_long = await refusal(order(valid_to_ms=began_ms + 2 * DAY_MS))

    [value], [other] = once.identifiers, often.identifiers
    assert (value.type, len(value.value)) == (pb.IDENTIFIER_TYPE_QR, 32)
    assert value.value != other.value
    assert (once.single_use, often.single_use) == (True, False)
    assert 0 <= once.valid_to_ms - began_ms - USUAL_WINDOW_MS < 60_000
    assert (await told(clients, once)).single_use
    assert [field.path for field in too_long.fields] == ["valid_to_ms"]


async def test_what_opens_once_is_told_to_the_site_that_asked_for_it_alone(clients: Any) -> None:
    person = await clients.cardholder(sites=["east"])
    requests = [
        pb.IssueCodeRequest(site="north", cardholder_id=person.cardholder_id, reusable=reusable)
        for reusable in (False, True)
    ]
    once, often = [(await clients.stub().IssueCode(request, timeout=10)).credential for request in requests]
    ticket = await clients.card(person, "0C000041", single_use=True)

    at = {site: (await clients.snapshot(site))[person.cardholder_id].credentials for site in ("north", "east")}

    here = {one.credential_id for one in at["north"]}
    assert here == {once.credential_id, often.credential_id, ticket.credential_id}
    assert [one.credential_id for one in at["east"]] == [often.credential_id]


async def test_codes_leave_the_feed_a_day_after_their_window_and_the_registry_a_week_after(
    clients: Any, pool: Any
) -> None:
    person = await clients.cardholder()
    clock = ManualClock(SystemClock().now_ms())
    issuing = CodeIssuing(PostgresRegistry(pool, clock), clock, Uuid7Factory(clock))
    order = CodeOrder(person.cardholder_id)

    async def in_feed() -> set[str]:
        page = await PostgresFeed(pool, clock).reader("north", Lane.ALL)(0)
        held = (one.credentials for one in page.changes if one.subject_id == person.cardholder_id)
        return {credential.credential_id for credentials in held for credential in credentials}

    codes = [await issuing.issue("a test", "north", order) for _ in range(MAX_CODES)]
    with pytest.raises(DomainError) as full:
        await issuing.issue("a test", "north", order)
    there = await in_feed()
    clock.advance_ms(USUAL_WINDOW_MS + KEPT_MS)
    gone = await in_feed()
    clock.advance_ms(FORGOTTEN_MS)
    last = await issuing.issue("a test", "north", order)

    assert (full.value.trouble, full.value.code) == (Trouble.EXHAUSTED, "TOO_MANY_CODES")
    assert (there, gone) == ({code.credential_id for code in codes}, set())
    kept = await pool.fetch("SELECT credential_id FROM credentials WHERE cardholder_id = $1", person.cardholder_id)
    assert [row["credential_id"] for row in kept] == [last.credential_id]


async def test_of_many_who_are_given_one_card_at_once_one_gets_it(clients: Any) -> None:
    people = [await clients.cardholder() for _ in range(8)]
    spellings = ("0C:00:00:21", "0c000021", "0C 00 00 21", "0C-00-00-21")

    answers = await asyncio.gather(
        *(clients.card(person, spellings[place % 4]) for place, person in enumerate(people)), return_exceptions=True
    )

    errors = [domain_error_of(answer) for answer in answers if isinstance(answer, grpc.aio.AioRpcError)]
    assert len(errors) == len(people) - 1
    assert {(error.trouble, error.code) for error in errors} == {(Trouble.EXISTS, "IDENTIFIER_HELD")}
    assert all("live credential" in error.message_en and "在用凭证" in error.message_zh for error in errors)
    assert not any("0C000021" in error.message_en + error.message_zh for error in errors)


async def test_every_spelling_and_number_of_one_card_is_one_credential(clients: Any) -> None:
    person, other = await clients.cardholder(), await clients.cardholder()
    numbers = [(pb.IDENTIFIER_TYPE_CARD, value) for value in ("0c:00:00:31", "0C000031", "00:31")]
    credential = pb.Credential(
        cardholder_id=person.cardholder_id,
        identifiers=[pb.Identifier(type=kind, value=value) for kind, value in numbers],
        state=pb.CREDENTIAL_STATE_INACTIVE,
    )
    issued = await clients.stub().IssueCredential(pb.IssueCredentialRequest(site="north", credential=credential))

    by_its_logical_number = await refusal(clients.card(other, "0031"))

    assert [one.value for one in issued.credential.identifiers] == ["0031", "0C000031"]
    assert by_its_logical_number.code == "IDENTIFIER_HELD"


@given(st.integers(0, 4_102_444_800_000))
def test_a_local_day_ends_at_a_midnight_within_a_day(now_ms: int) -> None:
    ends_ms = end_of_day_ms(now_ms, SHANGHAI)
    assert now_ms < ends_ms <= now_ms + DAY_MS
    assert datetime.fromtimestamp(ends_ms / 1000, SHANGHAI).strftime("%H%M%S") == "000000"


@given(
    st.lists(st.tuples(st.sampled_from(CredentialState), st.integers(0, 50), st.sampled_from(["", "a"])), max_size=4),
    st.integers(0, 60),
)
def test_a_card_and_the_loan_card_for_it_never_open_at_once(
    loans: list[tuple[CredentialState, int, str]], now_ms: int
) -> None:
    active, card = CredentialState.ACTIVE, (Identifier(IdentifierType.CARD, "0A"),)
    held = [
        Credential("a", "c:1", card, active),
        *(
            Credential(f"l{n}", "c:1", card, state, 0, to, stands_in_for=for_)
            for n, (state, to, for_) in enumerate(loans)
        ),
    ]

    opening = [one for one in as_decided_on(held) if one.state is active and one.valid_from_ms <= now_ms]

    is_lent = any(one.stands_in_for == "a" and now_ms < one.valid_to_ms for one in opening)
    assert is_lent != any(one.credential_id == "a" for one in opening)
