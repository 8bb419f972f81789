"""Finding the primary that Sentinel watches."""

from collections.abc import Sequence
from typing import Any, Final

from menshen_access.ports import StoreAwayError
from menshen_access.redis.inquiry import inquire_all
from menshen_access.redis.locator import Login, Place

_ADDRESS: Final = (b"ip", b"port", b"config-epoch")


class SentinelLocator:
    """Asks all sentinels and believes the newest configuration that more than half of them leave standing.

    A sentinel cut off from the others goes on naming the primary of before: alone it convinces nobody. Behind a
    partition without a majority nobody is found, and edges decide.
    """

    def __init__(self, sentinels: Sequence[tuple[str, int]], primary: str, login: Login, asking: Login) -> None:
        """`primary` is the sentinels' name for it; `login` is for the primary, `asking` for the sentinels."""
        self._sentinels = tuple(sentinels)
        self._primary = primary
        self._login = login
        self._asking = asking

    async def locate(self) -> Place:
        places = [self._asking.at(host, port) for host, port in self._sentinels]
        troubles: list[str] = []
        replies = await inquire_all(places, "SENTINEL", "MASTER", self._primary, troubles=troubles)
        answers = [address for _, reply in replies if (address := _address(reply)) is not None]
        if 2 * len(answers) <= len(places):
            counted = f"{len(answers)} of {len(places)} sentinels name the primary: more than half must"
            raise StoreAwayError("; ".join([counted, *troubles]))
        _, host, port = max(answers)
        return self._login.at(host, port)


def _address(reply: Any) -> tuple[int, str, int] | None:
    """(configuration epoch, host, port) of a reply to SENTINEL MASTER, a flat list of names and values."""
    if not isinstance(reply, list):
        return None
    facts = dict(zip(reply[::2], reply[1::2], strict=False))
    host, port, epoch = (facts.get(name, b"") for name in _ADDRESS)
    if not host or not port.isdigit() or not epoch.isdigit():
        return None
    return int(epoch), host.decode(), int(port)
