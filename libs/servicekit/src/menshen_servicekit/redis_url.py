"""How an installation's Redis is named: one URL for a single server, for one watched by Sentinel, or for a Cluster.

    redis://user@host:6379/number
    redis+sentinel://user@host:26379,host:26379,host:26379/name of the primary/number
    redis+cluster://user@host:6379,host:6379

`rediss` in place of `redis` asks for TLS everywhere. User, ports and number may be left out. The user is Redis's own.
"""

import enum
from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, unquote, urlsplit

from menshen_servicekit.addresses import split_address

REDIS_PORT: Final = 6379
SENTINEL_PORT: Final = 26379


class RedisKind(enum.Enum):
    SINGLE = "single"
    SENTINEL = "sentinel"
    CLUSTER = "cluster"


_KINDS: Final = {"": RedisKind.SINGLE, "+sentinel": RedisKind.SENTINEL, "+cluster": RedisKind.CLUSTER}


@dataclass(frozen=True, slots=True)
class RedisUrl:
    """`hosts`: the server, the sentinels, or the Cluster's nodes to ask first, each (host, port)."""

    kind: RedisKind
    hosts: tuple[tuple[str, int], ...]
    uses_tls: bool = False
    username: str = ""
    database: int = 0
    primary: str = ""
    """How the sentinels call the primary; empty for the other kinds."""


def parse_redis_url(url: str) -> RedisUrl:
    """Read such a URL; ValueError says what is expected where it is not one, without repeating it."""
    parts = urlsplit(url)
    protocol, plus, suffix = parts.scheme.partition("+")
    kind = _KINDS.get(plus + suffix)
    if protocol not in {"redis", "rediss"} or kind is None:
        raise ValueError("redis://, redis+sentinel:// or redis+cluster:// (rediss for TLS) and hosts")
    if parts.password is not None:
        raise ValueError("no password in the URL: it belongs in a file")
    if parts.query or parts.fragment:
        raise ValueError("nothing after the path of the URL")
    primary, number = _path(parts, kind)
    return RedisUrl(kind, _hosts(parts, kind), protocol == "rediss", unquote(parts.username or ""), number, primary)


def _hosts(parts: SplitResult, kind: RedisKind) -> tuple[tuple[str, int], ...]:
    texts = parts.netloc.rpartition("@")[2].split(",")
    if kind is RedisKind.SINGLE and len(texts) > 1:
        raise ValueError("one host; several are named with redis+sentinel:// or redis+cluster://")
    return tuple(_host(text, SENTINEL_PORT if kind is RedisKind.SENTINEL else REDIS_PORT) for text in texts)


def _host(text: str, usual_port: int) -> tuple[str, int]:
    has_port = ":" in text.rpartition("]")[2]
    try:
        host, port = split_address(text if has_port else f"{text}:{usual_port}")
    except ValueError:
        raise ValueError("host:port for every server, separated by commas") from None
    if not port:
        raise ValueError("a port above 0 for every server")
    return host, port


def _path(parts: SplitResult, kind: RedisKind) -> tuple[str, int]:
    """The primary's name and the database number."""
    words = [unquote(word) for word in parts.path.split("/") if word]
    if kind is RedisKind.CLUSTER:
        if words not in ([], ["0"]):
            raise ValueError("no database number: a Cluster has number 0 alone")
        return "", 0
    primary = ""
    if kind is RedisKind.SENTINEL:
        if not words:
            raise ValueError("the name of the primary after the sentinels: redis+sentinel://host:port,host:port/name")
        primary = words.pop(0)
    if len(words) > 1 or not all(word.isdecimal() for word in words):
        raise ValueError("a database number at the end of the URL, or nothing")
    return primary, int(words[0]) if words else 0
