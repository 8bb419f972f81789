"""Which locators the settings of an installation ask for."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from menshen_servicekit.redis_url import RedisKind, parse_redis_url
from menshen_servicekit.tls import TlsFiles

from menshen_access.redis.cluster import ClusterLocator
from menshen_access.redis.keys import SiteKeys
from menshen_access.redis.locator import Locator, Login, SingleNode, login_of
from menshen_access.redis.sentinel import SentinelLocator


def locators_of(
    url: str,
    sites: Sequence[str],
    password_file: Path | None = None,
    sentinel_password_file: Path | None = None,
    tls: TlsFiles | None = None,
) -> Mapping[tuple[str, ...], Locator]:
    """The locator of each set of sites that always has one primary: all of them, or in a Cluster each alone.

    ValueError, which says what is expected, when the URL names no Redis.
    """
    named = parse_redis_url(url)
    login = login_of(named, password_file, tls)
    if named.kind is RedisKind.CLUSTER:
        return {(site,): ClusterLocator(SiteKeys(site).head, named.hosts, login) for site in sites}
    if named.kind is RedisKind.SENTINEL:
        asking = Login(password_file=sentinel_password_file, tls=login.tls)
        return {tuple(sites): SentinelLocator(named.hosts, named.primary, login, asking)}
    [(host, port)] = named.hosts
    return {tuple(sites): SingleNode(login.at(host, port), login)}
