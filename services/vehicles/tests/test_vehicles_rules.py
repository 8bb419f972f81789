"""The rules of vehicles that need no service."""

import csv
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from menshen_vehicles.domain import permits, tags
from menshen_vehicles.domain.import_rows import OPTIONAL, REQUIRED, ImportRow, RowRules
from menshen_vehicles.domain.permits import PermitState
from menshen_vehicles.domain.plates import normal_plate, written
from menshen_vehicles.domain.tags import LIVE, TagState, normal_epc, normal_tid
from menshen_vehicles.domain.vehicles import VehicleClass
from menshen_vehicles.domain.words import Fault

SHANGHAI = ZoneInfo("Asia/Shanghai")
SITES = frozenset({"north", "east"})
VECTORS = (Path(__file__).parent / "vectors" / "plates.csv").read_text(encoding="utf-8")
PLATES = list(csv.DictReader(VECTORS.splitlines()))


@pytest.mark.parametrize("vector", PLATES, ids=[row["value"] for row in PLATES])
def test_plates_of_motor_vehicles_follow_the_national_form(vector: dict[str, str]) -> None:
    assert (normal_plate(vector["value"], is_motor=True) is not None) == (vector["expected"] == "valid")


@pytest.mark.parametrize("text", ["陕A12345", "陕a·12345", "陕A－12345", "陕Ａ１２３４５", " 陕A 12345 "])
def test_one_plate_written_in_five_ways_is_one_plate(text: str) -> None:
    assert normal_plate(text, is_motor=True) == "陕A12345"


@given(st.text(max_size=20), st.booleans())
def test_a_normal_plate_stays_as_it_is(text: str, is_motor: bool) -> None:
    plate = normal_plate(text, is_motor=is_motor)
    if plate is not None:
        assert normal_plate(plate, is_motor=is_motor) == plate == written(plate)


def test_an_e_bike_carries_a_plate_of_its_city() -> None:
    assert normal_plate("西安a-12345", is_motor=False) == "西安A12345"
    assert normal_plate("西安A12345", is_motor=True) is None


@given(st.text(max_size=40))
def test_a_normal_tag_number_is_whole_words_of_hexadecimal_and_stays_as_it_is(text: str) -> None:
    for normal in (normal_epc, normal_tid):
        digits = normal(text)
        if digits:
            assert set(digits) <= set("0123456789ABCDEF")
            assert len(digits) % 4 == 0
            assert normal(digits) == digits


@given(st.sampled_from(TagState), st.lists(st.sampled_from(TagState), max_size=8))
def test_no_way_leads_from_a_released_tag_back_to_a_bound_one(start: TagState, wishes: list[TagState]) -> None:
    state, was_released = start, start not in LIVE
    for wish in wishes:
        state = wish if tags.may_follow(state, wish) else state
        was_released = was_released or state not in LIVE
        assert not (was_released and state in LIVE)


@given(st.lists(st.sampled_from(PermitState), max_size=8))
def test_a_revoked_permit_stays_revoked(wishes: list[PermitState]) -> None:
    assert not any(permits.may_follow(PermitState.REVOKED, wish) for wish in wishes)


def rules(bound_site: str | None = None) -> RowRules:
    return RowRules("north", bound_site, SITES, SHANGHAI)


ROW = {"external_ref": "V1", "class": "E_BIKE"}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"external_ref": ""}, "external_ref"),
        ({"class": "tank"}, "class"),
        ({"class": "car", "plate": "A12345"}, "plate"),
        ({"sites": "moon"}, "sites"),
        ({"owner_id": "P1"}, "owner_id"),
        ({"owner_category": "a b"}, "owner_category"),
        ({"epc": "E28"}, "epc"),
        ({"tid": "E2801160"}, "epc"),
        ({"epc": "E280116060000209", "tid": "xyz"}, "tid"),
        ({"permit_from": "soon"}, "permit_from"),
        ({"permit_from": "2026-03-02", "permit_to": "2026-03-01"}, "permit_to"),
        ({"vehicle_id": "v:1"}, "vehicle_id"),
    ],
)
def test_each_wrong_field_of_a_row_is_named(changes: dict[str, str], field: str) -> None:
    found = rules().read({**ROW, **changes})
    assert not isinstance(found, ImportRow)
    assert [fault.field for fault in found] == [field]


def test_a_full_row_is_read_whole() -> None:
    row = rules().read(
        {**ROW, "class": "car", "plate": "陕a·d12345", "epc": "e280 1160 6000 0209", "permit_to": "2026-06-30"}
    )
    assert isinstance(row, ImportRow)
    assert (row.vehicle.vehicle_class, row.vehicle.plate) == (VehicleClass.CAR, "陕AD12345")
    assert (row.epc, row.tid, row.has_permit, row.permit_to_ms) == ("E280116060000209", "", True, 1_782_835_200_000)


def test_a_sender_bound_to_a_site_writes_to_no_other() -> None:
    found = rules(bound_site="north").read({**ROW, "site": "east"})
    assert found == (Fault("site", "校区 north", "the site north"),)


@given(st.dictionaries(st.sampled_from((*REQUIRED, *OPTIONAL)), st.text(max_size=30)))
def test_no_row_whatever_it_holds_raises(values: dict[str, str]) -> None:
    found = rules().read({**dict.fromkeys(REQUIRED, ""), **values})
    assert isinstance(found, ImportRow) or found
