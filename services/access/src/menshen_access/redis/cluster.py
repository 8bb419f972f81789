"""Finding the primary of a site in a Cluster: the slot of its hash tag, and who holds it."""

import binascii
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, Final

from menshen_access.ports import StoreAwayError
from menshen_access.redis.inquiry import inquire_all
from menshen_access.redis.locator import Login, Place

SLOTS: Final = 16_384
MOST_ASKED: Final = 16
_Address = tuple[str, int]


def slot_of(key: str) -> int:
    """The Cluster's slot of a key: CRC16/XMODEM of the hash tag, or of the whole key without one, modulo 16384.

    The tag lies between the first `{` and the first `}` after it, and counts unless it is empty.
    """
    _, opened, rest = key.partition("{")
    tag, closed, _ = rest.partition("}")
    hashed = tag if opened and closed and tag else key
    return binascii.crc_hqx(hashed.encode(), 0) % SLOTS


class ClusterLocator:
    """Asks every node known of and takes the holder of the slot that most of them name.

    A node that was away goes on naming itself until the others have told it: alone it convinces nobody.
    """

    def __init__(self, key: str, seeds: Sequence[_Address], login: Login) -> None:
        """`key` is any key of the site; `seeds` are the nodes to ask first, the others are learnt from them."""
        self._slot = slot_of(key)
        self._seeds = tuple(seeds)
        self._learnt: tuple[_Address, ...] = ()
        self._login = login

    async def locate(self) -> Place:
        asked = dict.fromkeys((*self._seeds, *self._learnt))
        places = [self._login.at(host, port) for host, port in list(asked)[:MOST_ASKED]]
        troubles: list[str] = []
        replies = await inquire_all(places, "CLUSTER", "SLOTS", troubles=troubles)
        named = Counter(holder for place, reply in replies if (holder := self._holder(place, reply)))
        if not named:
            raise StoreAwayError("; ".join(["no node of the Cluster names the holder of the site's slot", *troubles]))
        self._learnt = tuple(dict.fromkeys(node for place, reply in replies for node in _nodes(place, reply)))
        [((host, port), _)] = named.most_common(1)
        return self._login.at(host, port)

    def _holder(self, place: Place, reply: Any) -> _Address | None:
        for first, last, primary, *_ in reply:
            if first <= self._slot <= last:
                return _address(place, primary)
        return None


def _nodes(place: Place, reply: Any) -> Iterator[_Address]:
    for _, _, *nodes in reply:
        yield from (_address(place, node) for node in nodes)


def _address(place: Place, node: Sequence[Any]) -> _Address:
    """Where a node is; one that does not know how it is called is where it was asked."""
    host, port = node[0], node[1]
    return (host.decode() if host and host != b"?" else place.host), int(port)
