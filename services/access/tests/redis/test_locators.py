"""The slot of a key, and which locator an installation's settings ask for."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from menshen_access.redis.cluster import SLOTS, ClusterLocator, slot_of
from menshen_access.redis.keys import SiteKeys
from menshen_access.redis.locator import Login, SingleNode
from menshen_access.redis.locators import locators_of
from menshen_access.redis.sentinel import SentinelLocator


@pytest.mark.parametrize(
    ("key", "slot"),
    [
        ("123456789", 0x31C3),
        ("foo", 12182),
        ("bar", 5061),
        ("hello", 866),
    ],
)
def test_a_slot_is_the_published_crc16_of_the_key(key: str, slot: int) -> None:
    assert slot_of(key) == slot


@pytest.mark.parametrize(
    ("key", "hashed"),
    [
        ("{user1000}.following", "user1000"),
        ("foo{{bar}}zap", "{bar"),
        ("foo{bar}{zap}", "bar"),
    ],
)
def test_only_the_first_tag_of_a_key_is_hashed(key: str, hashed: str) -> None:
    assert slot_of(key) == slot_of(hashed)


def test_an_empty_or_open_tag_is_no_tag() -> None:
    assert slot_of("foo{}{bar}") != slot_of("bar")
    assert slot_of("foo{bar") != slot_of("bar")


@given(st.text("abcxyz019-", min_size=1, max_size=40), st.text(max_size=20))
def test_every_key_of_a_site_has_one_slot(site: str, rest: str) -> None:
    keys = SiteKeys(site)

    slots = {slot_of(key) for key in (keys.head, keys.events, keys.record(rest), keys.lookup(rest), keys.pending(rest))}

    assert len(slots) == 1
    assert 0 <= slots.pop() < SLOTS


def test_a_single_server_and_sentinels_serve_all_sites_and_a_cluster_each_alone(tmp_path: Path) -> None:
    password = tmp_path / "password"
    password.write_text("x")
    sites = ("north", "south")

    single = locators_of("redis://a/2", sites, password)
    sentinel = locators_of("redis+sentinel://a,b,c/campus", sites, password)
    cluster = locators_of("redis+cluster://a,b", sites, password)

    assert [(of, type(locator)) for of, locator in single.items()] == [(sites, SingleNode)]
    assert [(of, type(locator)) for of, locator in sentinel.items()] == [(sites, SentinelLocator)]
    assert [(of, type(locator)) for of, locator in cluster.items()] == [
        (("north",), ClusterLocator),
        (("south",), ClusterLocator),
    ]


def test_a_password_is_read_anew_for_every_place_and_never_shown(tmp_path: Path) -> None:
    password = tmp_path / "password"
    password.write_text("first-secret\n")
    login = Login("gate", password, 3)
    first = login.at("a", 1)

    password.write_text("second-secret\n")
    second = login.at("b", 2)

    assert (first.password, second.password) == ("first-secret", "second-secret")
    assert (second.username, second.database, second.host, second.port) == ("gate", 3, "b", 2)
    assert "secret" not in f"{first!r} {second!r} {login!r}"
