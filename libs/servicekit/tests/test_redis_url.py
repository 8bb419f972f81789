"""Naming a single Redis, one behind Sentinel, and a Cluster; and what is none of them."""

import pytest
from menshen_servicekit.redis_url import RedisKind, RedisUrl, parse_redis_url
from menshen_servicekit.settings import RedisSettings, SettingsError, read_settings

SENTINELS = (("a", 26379), ("b", 5000), ("::1", 26379))


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        ("redis://x", RedisUrl(RedisKind.SINGLE, (("x", 6379),))),
        ("rediss://who%40@x:7000/3", RedisUrl(RedisKind.SINGLE, (("x", 7000),), True, "who@", 3)),
        ("redis+sentinel://a,b:5000,[::1]/campus", RedisUrl(RedisKind.SENTINEL, SENTINELS, primary="campus")),
        (
            "rediss+sentinel://gate@a/campus/2",
            RedisUrl(RedisKind.SENTINEL, (("a", 26379),), True, "gate", 2, "campus"),
        ),
        ("redis+cluster://a:7001,b", RedisUrl(RedisKind.CLUSTER, (("a", 7001), ("b", 6379)))),
        ("rediss+cluster://a/0", RedisUrl(RedisKind.CLUSTER, (("a", 6379),), True)),
    ],
)
def test_every_kind_of_redis_is_named_by_one_url(url: str, wanted: RedisUrl) -> None:
    assert parse_redis_url(url) == wanted


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://x", "redis://, redis"),
        ("redis+ring://x", "redis://, redis"),
        ("redis:///0", "host:port for every server"),
        ("redis+cluster://a,,b", "host:port for every server"),
        ("redis://x:port", "host:port for every server"),
        ("redis://x:70000", "host:port for every server"),
        ("redis://x:0", "a port above 0"),
        ("redis://:hidden@x", "no password in the URL"),
        ("redis+sentinel://me:hidden@a,b/campus", "no password in the URL"),
        ("redis://a,b", "one host"),
        ("redis://x/one", "a database number"),
        ("redis+sentinel://a,b", "the name of the primary"),
        ("redis+sentinel://a,b/campus/0/1", "a database number"),
        ("redis+cluster://a/1", "no database number"),
        ("redis://x?timeout=3", "nothing after the path"),
    ],
)
def test_what_names_no_redis_is_refused_with_what_was_expected_and_never_repeated(url: str, expected: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read_settings(RedisSettings, {"MENSHEN_REDIS_URL": url})

    [problem] = caught.value.problems
    assert problem.startswith(f"MENSHEN_REDIS_URL: expected {expected}")
    assert "hidden" not in problem
