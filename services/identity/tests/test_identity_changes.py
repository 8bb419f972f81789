"""Changes over gRPC: what is stored, what is refused, and how precisely."""

from typing import Any

import grpc
import pytest
from menshen.identity.v1 import identity_pb2 as pb
from menshen_servicekit.clock import SystemClock
from menshen_servicekit.status import DomainError, Trouble, domain_error_of
from menshen_servicekit.verifiers import matches

PEPPER = b"a pepper for tests, long enough"
NOW_MS = SystemClock().now_ms()


async def refusal(call: Any) -> DomainError:
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await call
    return domain_error_of(raised.value)


async def test_a_cardholder_gets_an_id_and_a_first_version_and_is_in_the_feed_without_a_name(clients: Any) -> None:
    stored = await clients.cardholder(sites=["east"], groups=["lab", "lab"], name="王小明")
    change = (await clients.snapshot("east"))[stored.cardholder_id]
    assert stored.version == change.version == 1
    assert list(stored.sites) == ["east", "north"]
    assert (change.category, change.home_site, list(change.groups)) == ("staff", "north", ["lab"])
    assert "王小明".encode() not in change.SerializeToString()


async def test_every_wrong_field_is_named_in_both_languages(clients: Any) -> None:
    error = await refusal(clients.cardholder(category="Not a word", sites=["moon"]))
    assert error.trouble is Trouble.INVALID
    assert {field.path for field in error.fields} == {"cardholder.category", "cardholder.sites"}
    assert all(field.message_zh and field.message_en for field in error.fields)


async def test_an_update_of_an_old_version_is_refused_and_says_which_is_current(clients: Any) -> None:
    first = await clients.cardholder(name="赵六")
    request = pb.UpdateCardholderRequest(site="north", cardholder=first)
    request.cardholder.category = "student"
    changed = (await clients.stub().UpdateCardholder(request, timeout=10)).cardholder
    error = await refusal(clients.stub().UpdateCardholder(request, timeout=10))
    assert changed.version == 2
    assert (error.trouble, error.code) == (Trouble.CONFLICT, "VERSION_CONFLICT")
    assert "2" in error.message_en


async def test_an_update_without_a_name_keeps_it_and_with_a_masked_one_is_refused(clients: Any) -> None:
    first = await clients.cardholder(name="孙七")
    first.name, first.category = "", "student"
    kept = (
        await clients.stub().UpdateCardholder(pb.UpdateCardholderRequest(site="north", cardholder=first))
    ).cardholder
    kept.name = "孙*"
    error = await refusal(clients.stub().UpdateCardholder(pb.UpdateCardholderRequest(site="north", cardholder=kept)))
    shown = await clients.stub().GetCardholder(
        pb.GetCardholderRequest(site="north", cardholder_id=first.cardholder_id, purpose="check of the register")
    )
    assert shown.cardholder.name == "孙七"
    assert [field.path for field in error.fields] == ["cardholder.name"]


async def test_a_name_is_shown_to_an_operator_with_a_purpose_and_that_is_on_record(clients: Any, pool: Any) -> None:
    person = await clients.cardholder(name="周八")
    request = pb.GetCardholderRequest(site="north", cardholder_id=person.cardholder_id)
    without = (await clients.stub().GetCardholder(request)).cardholder.name
    request.purpose = "lost property"
    with_purpose = (await clients.stub().GetCardholder(request)).cardholder.name
    guard = (await clients.stub("spiffe://menshen/site/north/guard/main-gate").GetCardholder(request)).cardholder.name
    noted = await pool.fetch(
        "SELECT actor, reason FROM audit WHERE target_id = $1 AND action = 'SHOW_NAME'", person.cardholder_id
    )
    assert (without, with_purpose, guard) == ("周*", "周八", "周*")
    assert [tuple(row) for row in noted] == [("spiffe://menshen/operator/control-room", "lost property")]


async def test_a_cardholder_of_another_site_is_unknown_here(clients: Any) -> None:
    person = await clients.cardholder(site="east")
    request = pb.GetCardholderRequest(site="north", cardholder_id=person.cardholder_id)
    assert (await refusal(clients.stub().GetCardholder(request))).trouble is Trouble.NOT_FOUND


async def test_pages_hold_every_cardholder_once_with_masked_names(clients: Any) -> None:
    made = {(await clients.cardholder(site="lake", category="pager", name="钱九")).cardholder_id for _ in range(7)}
    seen: list[pb.Cardholder] = []
    token = "start"
    while token:
        request = pb.ListCardholdersRequest(
            site="lake", category="pager", page_size=3, page_token="" if token == "start" else token
        )
        page = await clients.stub().ListCardholders(request)
        seen += page.cardholders
        token = page.next_page_token
    assert sorted(person.cardholder_id for person in seen) == sorted(made)
    assert {person.name for person in seen} == {"钱*"}


async def test_one_identifier_belongs_to_one_live_credential(clients: Any) -> None:
    first, second = await clients.cardholder(), await clients.cardholder()
    card = await clients.card(first, "04:aa:bb:01")
    error = await refusal(clients.card(second, "04AABB01"))
    await clients.move("north", card.credential_id, pb.CREDENTIAL_STATE_LOST)
    still = await refusal(clients.card(second, "04AABB01"))
    await clients.move("north", card.credential_id, pb.CREDENTIAL_STATE_RETURNED)
    again = await clients.card(second, "04AABB01")
    assert error.trouble is still.trouble is Trouble.EXISTS
    assert "04AABB01" not in str(error)
    assert again.cardholder_id == second.cardholder_id


async def test_a_card_taken_over_leaves_its_former_holder_in_the_feed(clients: Any) -> None:
    first, second = await clients.cardholder(), await clients.cardholder()
    card = await clients.card(first, "04AABB02")
    await clients.move("north", card.credential_id, pb.CREDENTIAL_STATE_RETURNED)
    before = (await clients.snapshot())[first.cardholder_id]
    await clients.card(second, "04AABB02")
    after = await clients.snapshot()
    holders = [
        change.subject_id
        for change in after.values()
        for credential in change.credentials
        for identifier in credential.identifiers
        if identifier.value == "04AABB02"
    ]
    assert [credential.state for credential in before.credentials] == [pb.CREDENTIAL_STATE_RETURNED]
    assert holders == [second.cardholder_id]
    assert after[first.cardholder_id].version > before.version


async def test_a_step_the_life_cycle_does_not_have_is_refused_with_those_it_has(clients: Any) -> None:
    card = await clients.card(await clients.cardholder(), "04AABB03")
    await clients.move("north", card.credential_id, pb.CREDENTIAL_STATE_STOLEN)
    error = await refusal(clients.move("north", card.credential_id, pb.CREDENTIAL_STATE_ACTIVE))
    assert (error.trouble, error.code) == (Trouble.CONFLICT, "STATE_CONFLICT")
    assert "REPLACED, RETURNED, DESTROYED" in error.message_en


async def test_the_same_state_again_changes_nothing(clients: Any) -> None:
    person = await clients.cardholder()
    card = await clients.card(person, "04AABB04")
    first = await clients.move("north", card.credential_id, pb.CREDENTIAL_STATE_LOST)
    version = (await clients.snapshot())[person.cardholder_id].version
    second = await clients.move("north", card.credential_id, pb.CREDENTIAL_STATE_LOST)
    assert first == second
    assert (await clients.snapshot())[person.cardholder_id].version == version


async def test_a_change_of_state_needs_a_reason(clients: Any) -> None:
    card = await clients.card(await clients.cardholder(), "04AABB05")
    error = await refusal(clients.move("north", card.credential_id, pb.CREDENTIAL_STATE_LOST, reason=" "))
    assert [field.path for field in error.fields] == ["reason"]


async def test_a_credential_is_found_by_its_number_however_it_is_written(clients: Any) -> None:
    card = await clients.card(await clients.cardholder(), "04AABB06")
    identifier = pb.Identifier(type=pb.IDENTIFIER_TYPE_CARD, value="04 aa bb 06")
    found = await clients.stub().FindCredential(pb.FindCredentialRequest(site="north", identifier=identifier))
    elsewhere = await refusal(
        clients.stub().FindCredential(pb.FindCredentialRequest(site="east", identifier=identifier))
    )
    assert found.credential == card
    assert elsewhere.trouble is Trouble.NOT_FOUND


async def test_pins_leave_as_verifiers_that_the_pepper_alone_can_check(clients: Any) -> None:
    person = await clients.cardholder()
    request = pb.SetPinRequest(site="north", cardholder_id=person.cardholder_id, pin="2468", duress_pin="8642")
    answer = await clients.stub().SetPin(request)
    change = (await clients.snapshot())[person.cardholder_id]
    assert answer.version == change.version == 2
    assert matches(change.pin_verifier, "2468", PEPPER)
    assert matches(change.duress_verifier, "8642", PEPPER)
    assert not matches(change.pin_verifier, "8642", PEPPER)
    assert not matches(change.pin_verifier, "2468", b"another pepper, long enough")


async def test_cleared_pins_are_gone(clients: Any) -> None:
    person = await clients.cardholder()
    await clients.stub().SetPin(pb.SetPinRequest(site="north", cardholder_id=person.cardholder_id, pin="2468"))
    await clients.stub().SetPin(pb.SetPinRequest(site="north", cardholder_id=person.cardholder_id))
    change = (await clients.snapshot())[person.cardholder_id]
    assert (change.pin_verifier, change.duress_verifier) == (b"", b"")


def report(person: pb.Cardholder, value: str, at_ms: int) -> pb.ReportFactRequest:
    fact = pb.Fact(type="leave.state", value=value, source="student-office", reported_at_ms=at_ms)
    return pb.ReportFactRequest(site="north", cardholder_id=person.cardholder_id, fact=fact)


async def test_an_older_report_never_replaces_a_newer_one(clients: Any) -> None:
    person = await clients.cardholder()
    newer = await clients.stub().ReportFact(report(person, "overdue", NOW_MS))
    older = await clients.stub().ReportFact(report(person, "approved", NOW_MS - 1))
    same = await clients.stub().ReportFact(report(person, "overdue", NOW_MS))
    change = (await clients.snapshot())[person.cardholder_id]
    assert (newer.current, older.current, same.current) == (True, False, True)
    assert [fact.value for fact in change.facts] == ["overdue"]
    assert change.version == 2


async def test_a_list_entry_is_added_shown_to_operators_alone_and_ended(clients: Any) -> None:
    person = await clients.cardholder()
    entry = pb.ListEntry(kind=pb.LIST_KIND_BLACK, reason_code="fraud", source="security office")
    added = (
        await clients.stub().AddListEntry(
            pb.AddListEntryRequest(site="north", cardholder_id=person.cardholder_id, entry=entry)
        )
    ).entry
    look = pb.GetCardholderRequest(site="north", cardholder_id=person.cardholder_id)
    seen = await clients.stub().GetCardholder(look)
    guarded = await clients.stub("spiffe://menshen/site/north/guard/main-gate").GetCardholder(look)
    end = pb.EndListEntryRequest(site="north", entry_id=added.entry_id, reason="appeal upheld")
    ended = (await clients.stub().EndListEntry(end)).entry
    twice = await refusal(clients.stub().EndListEntry(end))
    assert [entry.entry_id for entry in seen.list_entries] == [added.entry_id]
    assert not guarded.list_entries
    assert 0 < ended.to_ms <= SystemClock().now_ms()
    assert twice.code == "ALREADY_OVER"
    assert not (await clients.snapshot())[person.cardholder_id].list_entries


async def test_an_entry_for_one_class_of_access_points_says_so_in_the_feed(clients: Any) -> None:
    person = await clients.cardholder()
    entry = pb.ListEntry(
        kind=pb.LIST_KIND_BLACK,
        reason_code="speeding",
        source="traffic office",
        access_point_class=pb.ACCESS_POINT_CLASS_MOTOR,
    )
    request = pb.AddListEntryRequest(site="north", cardholder_id=person.cardholder_id, entry=entry)

    added = (await clients.stub().AddListEntry(request)).entry

    told = (await clients.snapshot())[person.cardholder_id].list_entries
    assert [one.access_point_class for one in (added, *told)] == [pb.ACCESS_POINT_CLASS_MOTOR] * 2


async def test_an_operator_of_one_site_lists_people_for_that_site_alone(clients: Any) -> None:
    person = await clients.cardholder()
    entry = pb.ListEntry(kind=pb.LIST_KIND_BLACK, reason_code="fraud")
    request = pb.AddListEntryRequest(site="north", cardholder_id=person.cardholder_id, entry=entry)
    desk = clients.stub("spiffe://menshen/site/north/operator/desk")
    everywhere = await refusal(desk.AddListEntry(request))
    request.entry.scope_site = "north"
    here = await desk.AddListEntry(request)
    assert everywhere.trouble is Trouble.FORBIDDEN
    assert here.entry.scope_site == "north"


def visit(host: pb.Cardholder, **fields: Any) -> pb.CreateVisitRequest:
    window = {"from_ms": NOW_MS + 60_000, "to_ms": NOW_MS + 3_600_000}
    return pb.CreateVisitRequest(
        site="north",
        visitor_name="吴十",
        host_id=host.cardholder_id,
        visit=pb.Visit(**{**window, "access_points": ["n-west-in"], "single_entry": True, **fields}),
    )


async def test_a_visit_makes_a_visitor_known_at_every_site_with_a_code_of_128_bits(clients: Any) -> None:
    booked = await clients.stub().CreateVisit(visit(await clients.cardholder()))
    code = booked.credential.identifiers[0]
    changes = [(await clients.snapshot(site))[booked.visit.cardholder_id] for site in ("north", "east", "lake")]
    assert (code.type, len(bytes.fromhex(code.value))) == (pb.IDENTIFIER_TYPE_QR, 16)
    assert {change.category for change in changes} == {"visitor"}
    assert changes[0].visits[0] == changes[2].visits[0] == booked.visit
    assert booked.visit.state == pb.VISIT_STATE_READY


async def test_the_feed_tells_a_visit_with_the_groups_whose_members_may_escort_the_visitor(clients: Any) -> None:
    host = await clients.cardholder(groups=["physics", "duty"])
    booked = await clients.stub().CreateVisit(visit(host))
    change = (await clients.snapshot())[booked.visit.cardholder_id]
    assert set(change.visits[0].host_groups) == {"physics", "duty"}


async def test_a_visit_is_cancelled_once_and_says_so_in_the_feed(clients: Any) -> None:
    booked = await clients.stub().CreateVisit(visit(await clients.cardholder()))
    cancel = pb.CancelVisitRequest(site="north", visit_id=booked.visit.visit_id, reason="host is away")
    cancelled = (await clients.stub().CancelVisit(cancel)).visit
    change = (await clients.snapshot(lane=pb.FEED_LANE_REVOCATIONS))[booked.visit.cardholder_id]
    assert cancelled.state == change.visits[0].state == pb.VISIT_STATE_CANCELLED
    assert (await refusal(clients.stub().CancelVisit(cancel))).code == "ALREADY_OVER"


async def test_visits_are_listed_by_window(clients: Any) -> None:
    host = await clients.cardholder()
    later_ms = NOW_MS + 10 * 86_400_000
    booked = (await clients.stub().CreateVisit(visit(host, from_ms=later_ms, to_ms=later_ms + 1000))).visit
    within = await clients.stub().ListVisits(pb.ListVisitsRequest(site="north", from_ms=later_ms, to_ms=later_ms + 1))
    after = await clients.stub().ListVisits(pb.ListVisitsRequest(site="north", from_ms=later_ms + 1000))
    assert [found.visit_id for found in within.visits] == [booked.visit_id]
    assert booked.visit_id not in {found.visit_id for found in after.visits}


async def test_a_visit_to_a_host_nobody_knows_or_in_the_past_is_refused(clients: Any) -> None:
    stranger = pb.Cardholder(cardholder_id="c:00000000-0000-7000-8000-000000000000")
    unknown = await refusal(clients.stub().CreateVisit(visit(stranger)))
    past = await refusal(clients.stub().CreateVisit(visit(stranger, from_ms=1, to_ms=2)))
    assert [field.path for field in unknown.fields] == ["host_id"]
    assert [field.path for field in past.fields] == ["visit.to_ms"]


async def test_organisations_form_a_tree_of_their_site(clients: Any) -> None:
    async def put(site: str = "lake", **fields: Any) -> pb.Organisation:
        request = pb.PutOrganisationRequest(site=site, organisation=pb.Organisation(**fields))
        return (await clients.stub().PutOrganisation(request)).organisation

    root = await put(name_zh="物理学院", name_en="Physics", external_ref="phys")
    leaf = await put(name_zh="实验室", parent_id=root.organisation_id)
    ring = await refusal(put(organisation_id=root.organisation_id, name_zh="物理学院", parent_id=leaf.organisation_id))
    foreign = await refusal(put(site="east", name_zh="分院", parent_id=root.organisation_id))
    renamed = await put(organisation_id=root.organisation_id, name_zh="物理系", external_ref="phys")
    doubled = await refusal(put(name_zh="另一个", external_ref="phys"))
    listed = await clients.stub().ListOrganisations(pb.ListOrganisationsRequest(site="lake"))
    assert [field.path for field in ring.fields] == ["organisation.parent_id"]
    assert (foreign.trouble, doubled.trouble) == (Trouble.NOT_FOUND, Trouble.EXISTS)
    assert {found.organisation_id for found in listed.organisations} == {root.organisation_id, leaf.organisation_id}
    assert renamed.name_zh == "物理系"


@pytest.mark.parametrize(
    ("method", "request_message", "field"),
    [
        ("ChangeCredentialState", pb.ChangeCredentialStateRequest(site="north", credential_id="x", state=99), "state"),
        ("WatchSubjects", pb.WatchSubjectsRequest(site="north", lane=99), "lane"),
        ("WatchSubjects", pb.WatchSubjectsRequest(site="north"), "lane"),
        (
            "FindCredential",
            pb.FindCredentialRequest(site="north", identifier=pb.Identifier(type=99, value="00")),
            "identifier.type",
        ),
        (
            "AddListEntry",
            pb.AddListEntryRequest(site="north", cardholder_id="c:1", entry=pb.ListEntry(kind=99)),
            "entry.kind",
        ),
        (
            "IssueCredential",
            pb.IssueCredentialRequest(site="north", credential=pb.Credential(cardholder_id="c:1", state=99)),
            "credential.state",
        ),
        ("GetCardholder", pb.GetCardholderRequest(site="north", cardholder_id="c:\0"), "cardholder_id"),
        ("GetCardholder", pb.GetCardholderRequest(site="North Campus", cardholder_id="c:1"), "site"),
        ("ListCardholders", pb.ListCardholdersRequest(site="north", page_size=1001), "page_size"),
    ],
)
async def test_values_this_version_does_not_know_are_refused_by_name(
    clients: Any, method: str, request_message: Any, field: str
) -> None:
    uri = "spiffe://menshen/service/access" if method == "WatchSubjects" else "spiffe://menshen/operator/control-room"
    call = getattr(clients.stub(uri), method)(request_message, timeout=10)
    error = await refusal(call.read() if method == "WatchSubjects" else call)
    assert error.trouble is Trouble.INVALID
    assert field in {found.path for found in error.fields}


async def test_an_oversized_message_is_refused(clients: Any) -> None:
    error = await refusal(clients.cardholder(photo_ref="x" * (5 * 1024 * 1024)))
    assert error.trouble is Trouble.EXHAUSTED


async def test_the_audit_holds_no_names_numbers_or_pins(clients: Any, pool: Any) -> None:
    person = await clients.cardholder(name="郑十一郎")
    await clients.card(person, "0499887766")
    await clients.stub().SetPin(pb.SetPinRequest(site="north", cardholder_id=person.cardholder_id, pin="97531"))
    text = "\n".join(str(row) for row in await pool.fetch("SELECT * FROM audit"))
    assert "SET_PIN" in text
    assert not any(secret in text for secret in ("郑十一郎", "0499887766", "97531"))
