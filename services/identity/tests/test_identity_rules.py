"""The rules of identity that need no service."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from menshen_identity.domain.credentials import (
    ISSUABLE,
    LIFE_CYCLE,
    LIVE,
    REVOKED,
    Credential,
    CredentialState,
    Identifier,
    IdentifierType,
    issue_faults,
    may_follow,
    normal_card,
    normal_identifier,
)
from menshen_identity.domain.facts import Fact, fact_faults
from menshen_identity.domain.import_rows import OPTIONAL, REQUIRED, ImportRow, RowRules
from menshen_identity.domain.instants import instant_ms
from menshen_identity.domain.lists import ListEntry, ListKind, ended, is_over
from menshen_identity.domain.people import masked, with_home
from menshen_identity.domain.pins import pin_faults
from menshen_identity.domain.words import Fault

SHANGHAI = ZoneInfo("Asia/Shanghai")
SITES = frozenset({"north", "east"})
states = st.sampled_from(CredentialState)


@given(states, st.lists(states, max_size=12))
def test_no_way_leads_from_a_freed_identifier_back_to_a_live_credential(
    start: CredentialState, wishes: list[CredentialState]
) -> None:
    state, was_freed = start, start not in LIVE
    for wish in wishes:
        state = wish if may_follow(state, wish) else state
        was_freed = was_freed or state not in LIVE
        assert not (was_freed and state in LIVE)


@given(st.lists(states, max_size=12))
def test_a_stolen_credential_never_opens_again(wishes: list[CredentialState]) -> None:
    state = CredentialState.STOLEN
    for wish in wishes:
        state = wish if may_follow(state, wish) else state
        assert state is not CredentialState.ACTIVE


def test_the_life_cycle_names_every_state_and_only_ends_in_destroyed() -> None:
    assert set(LIFE_CYCLE) == set(CredentialState)
    ends = {state for state, after in LIFE_CYCLE.items() if not after}
    assert ends == {CredentialState.UNSPECIFIED, CredentialState.DESTROYED}
    assert all(CredentialState.UNSPECIFIED not in after for after in LIFE_CYCLE.values())
    assert not REVOKED & ISSUABLE


@given(st.text(max_size=40))
def test_a_normal_card_number_is_hexadecimal_and_stays_as_it_is(text: str) -> None:
    card = normal_card(text)
    if card is not None:
        assert set(card) <= set("0123456789ABCDEF")
        assert normal_card(card) == card


@pytest.mark.parametrize("text", ["04:a1:b2:c3:d4", "04A1B2C3D4", "04 a1 b2 c3 d4", "04-A1-b2-C3-d4"])
def test_one_card_written_in_four_ways_is_one_card(text: str) -> None:
    assert normal_card(text) == "04A1B2C3D4"


@pytest.mark.parametrize(
    ("identifier", "value"),
    [
        (Identifier(IdentifierType.EPC, "e280 1160 6000 0209"), "E280116060000209"),
        (Identifier(IdentifierType.EPC, "E28011606"), None),
        (Identifier(IdentifierType.QR, "aB3-xyz_9"), "aB3-xyz_9"),
        (Identifier(IdentifierType.QR, "short"), None),
        (Identifier(IdentifierType.QR, "has a blank in it"), None),
        (Identifier(IdentifierType.PLATE, "陕A12345"), None),
        (Identifier(IdentifierType.UNSPECIFIED, "04A1B2C3"), None),
        (Identifier(IdentifierType.CARD, "0G"), None),
    ],
)
def test_identifiers_have_one_form_or_none(identifier: Identifier, value: str | None) -> None:
    normal = normal_identifier(identifier)
    assert (normal and normal.value) == value


def test_a_credential_to_be_issued_is_told_everything_that_is_wrong_with_it() -> None:
    credential = Credential("", "c:1", (Identifier(IdentifierType.CARD, "zz"),), CredentialState.LOST, 20, 10)
    assert [fault.field for fault in issue_faults(credential)] == ["identifiers", "state", "valid_to_ms"]


@pytest.mark.parametrize(
    ("name", "shown"),
    [("张三", "张*"), ("欧阳娜娜", "欧*"), ("Zoe", "Z***"), ("Alexandra Smith", "A***"), ("", "")],
)
def test_a_masked_name_tells_its_first_letter_and_not_its_length(name: str, shown: str) -> None:
    assert masked(name) == shown


@given(st.text(alphabet="abc", min_size=1, max_size=3), st.lists(st.text(alphabet="abc", min_size=1, max_size=3)))
def test_the_home_site_is_always_among_the_sites(site: str, sites: list[str]) -> None:
    found = with_home(site, tuple(sites))
    assert site in found
    assert list(found) == sorted(set(found))


@pytest.mark.parametrize(
    ("pin", "duress_pin", "fields"),
    [
        ("1234", "", []),
        ("", "", []),
        ("12345678", "8765", []),
        ("123", "", ["pin"]),
        ("123456789", "", ["pin"]),
        ("12a4", "", ["pin"]),
        ("１２３４", "", ["pin"]),
        ("1234", "1234", ["duress_pin"]),
        ("", "1234", ["pin"]),
    ],
)
def test_pins_are_four_to_eight_digits_and_the_duress_pin_differs(pin: str, duress_pin: str, fields: list[str]) -> None:
    assert [fault.field for fault in pin_faults(pin, duress_pin)] == fields


def test_a_fact_from_the_future_is_refused_because_it_would_lock_out_every_later_report() -> None:
    fact = Fact("leave.state", "approved", "office", 0, 0, 1_000_000)
    assert fact_faults(fact, 1_000_000) == ()
    assert [fault.field for fault in fact_faults(fact, 600_000)] == ["reported_at_ms"]


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(1, 10**6))
def test_an_ended_entry_is_over_and_was_never_longer_in_force(from_ms: int, length: int, now_ms: int) -> None:
    entry = ListEntry("e", "c:1", ListKind.BLACK, "", "", from_ms, from_ms + length if length else 0, "fraud", "")
    after = ended(entry, now_ms)
    assert is_over(after, now_ms)
    assert after.from_ms <= entry.from_ms


@pytest.mark.parametrize(
    ("text", "is_end", "expected"),
    [
        ("", False, 0),
        ("1700000000000", False, 1_700_000_000_000),
        ("2026-03-01", False, datetime(2026, 2, 28, 16, tzinfo=UTC)),
        ("2026-03-01", True, datetime(2026, 3, 1, 16, tzinfo=UTC)),
        ("2026-03-01T08:30", False, datetime(2026, 3, 1, 0, 30, tzinfo=UTC)),
        ("2026-03-01T08:30:00+00:00", False, datetime(2026, 3, 1, 8, 30, tzinfo=UTC)),
        ("01.03.2026", False, None),
        ("2026-02-30", False, None),
        ("99999999999999999", False, None),
        ("1900-01-01", False, None),
    ],
)
def test_times_in_files_are_dates_times_or_milliseconds(
    text: str, is_end: bool, expected: datetime | int | None
) -> None:
    wanted = round(expected.timestamp() * 1000) if isinstance(expected, datetime) else expected
    assert instant_ms(text, SHANGHAI, is_end=is_end) == wanted


def rules(bound_site: str | None = None) -> RowRules:
    return RowRules("north", bound_site, SITES, SHANGHAI, 1_700_000_000_000)


ROW = {"external_ref": "S1", "category": "student", "name": "李四"}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"external_ref": ""}, "external_ref"),
        ({"name": ""}, "name"),
        ({"name": "李*"}, "name"),
        ({"category": "Stu dent"}, "category"),
        ({"site": "moon"}, "sites"),
        ({"sites": "north;moon"}, "sites"),
        ({"groups": "a b"}, "groups"),
        ({"card": "xyz"}, "card"),
        ({"card_state": "LOST"}, "card"),
        ({"card": "0A", "card_state": "GONE"}, "card_state"),
        ({"valid_from": "soon"}, "valid_from"),
        ({"valid_from": "2026-03-02", "valid_to": "2026-03-01"}, "valid_to"),
        ({"facts": "leave.state"}, "facts"),
        ({"facts": "a=1;a=2"}, "facts"),
        ({"cardholder_id": "c:1"}, "cardholder_id"),
    ],
)
def test_each_wrong_field_of_a_row_is_named(changes: dict[str, str], field: str) -> None:
    found = rules().read({**ROW, **changes})
    assert not isinstance(found, ImportRow)
    assert [fault.field for fault in found] == [field]


def test_a_full_row_is_read_whole() -> None:
    row = rules().read({**ROW, "sites": "east", "groups": "b;a;b", "card": "0a:1b", "facts": "leave.state = overdue"})
    assert isinstance(row, ImportRow)
    assert row.cardholder.sites == ("east", "north")
    assert row.cardholder.groups == ("a", "b")
    assert (row.card, row.card_state) == ("0A1B", CredentialState.ACTIVE)
    assert [(fact.type, fact.value) for fact in row.facts] == [("leave.state", "overdue")]


def test_a_sender_bound_to_a_site_writes_to_no_other() -> None:
    found = rules(bound_site="north").read({**ROW, "site": "east"})
    assert found == (Fault("site", "校区 north", "the site north"),)


@given(st.dictionaries(st.sampled_from((*REQUIRED, *OPTIONAL)), st.text(max_size=30)))
def test_no_row_whatever_it_holds_raises(values: dict[str, str]) -> None:
    found = rules().read({**dict.fromkeys(REQUIRED, ""), **values})
    assert isinstance(found, ImportRow) or found
