"""Invented people and vehicles: the same every time, and acceptable to the services that import them."""

from collections.abc import Iterable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from menshen_cli.demo.cast import CAST, CAST_VEHICLES, UNKNOWN_CARD, VISITOR_CARD, cloned_tag, identifier_of, tag_of
from menshen_cli.demo.loading import Population, population_of
from menshen_cli.demo.people import Person, cardholder_chunks, people_of
from menshen_cli.demo.traffic import vehicle_chunks, vehicles_of
from menshen_cli.demo.university import SITES
from menshen_device_agent.model.card_number import card_number
from menshen_identity.domain import import_rows as cardholder_rows
from menshen_servicekit.sheets import Sheet
from menshen_simulators.installation import wiegand34
from menshen_vehicles.domain import import_rows as vehicle_rows

ZONE = ZoneInfo("Asia/Shanghai")
KNOWN = frozenset(SITES)


@pytest.fixture(scope="module")
def population() -> Population:
    return population_of(2_000, 700)


def rows_of(rows: Any, chunks: Iterable[bytes]) -> list[Mapping[str, str]]:
    sheet = Sheet(rows.REQUIRED, rows.OPTIONAL)
    read = [row.values for chunk in chunks for row in sheet.feed(chunk)] + [row.values for row in sheet.finish()]
    assert sheet.faults == []
    return read


def test_the_same_seed_gives_the_same_people_and_vehicles() -> None:
    first, again, other = people_of(300), people_of(300), people_of(300, seed=1)

    assert first == again
    assert first != other
    assert vehicles_of(first, 100) == vehicles_of(again, 100)


@pytest.mark.parametrize("site", SITES)
def test_identity_accepts_every_row_of_a_site(site: str, population: Population) -> None:
    rules = cardholder_rows.RowRules(site, None, KNOWN, ZONE, 1_772_366_400_000)

    rows = [rules.read(values) for values in rows_of(cardholder_rows, cardholder_chunks(population.people, site))]

    assert len(rows) == sum(person.site == site for person in population.people)
    assert all(isinstance(row, cardholder_rows.ImportRow) for row in rows)


@pytest.mark.parametrize("site", SITES)
def test_vehicles_accepts_every_row_of_a_site(site: str, population: Population) -> None:
    rules = vehicle_rows.RowRules(site, None, KNOWN, ZONE)

    rows = [rules.read(values) for values in rows_of(vehicle_rows, vehicle_chunks(population.vehicles, site))]

    assert len(rows) == sum(vehicle.site == site for vehicle in population.vehicles)
    assert all(isinstance(row, vehicle_rows.ImportRow) for row in rows)


def test_nobody_shares_an_id_a_card_or_a_tag(population: Population) -> None:
    people, vehicles = population.people, population.vehicles

    cards = [person.card for person in people]
    assert len({*cards, UNKNOWN_CARD, VISITOR_CARD}) == len(cards) + 2
    assert len({person.cardholder_id for person in people}) == len(people)
    assert len({vehicle.epc for vehicle in vehicles}) == len(vehicles)
    plates = [vehicle.plate for vehicle in vehicles if vehicle.plate]
    assert len(set(plates)) == len(plates)


def test_one_in_ten_knows_a_second_campus(population: Population) -> None:
    second = sum(len(person.sites) == 2 for person in population.people) / len(population.people)

    assert 0.07 < second < 0.13
    assert sum(map(population.known_at, SITES)) > len(population.people) + len(population.vehicles)


def test_a_reader_gives_the_card_as_it_was_enrolled() -> None:
    person: Person = CAST[0]
    bits = wiegand34(person.card)

    assert card_number((int(bits, 2) << 6).to_bytes(5), len(bits)) == identifier_of(person)


def test_the_clone_has_the_tag_of_another_chip() -> None:
    original = tag_of(CAST_VEHICLES[2])

    assert cloned_tag().epc == original.epc
    assert cloned_tag().tid != original.tid
