"""The event stream of a site, as the recorder drains it: over a connection of its own, because reading waits."""

from collections.abc import Sequence

from menshen_access.domain.history import StreamEntry
from menshen_access.redis.keys import SiteKeys
from menshen_access.redis.resp import SiteClients


class RedisEventStream:
    """Implements recording.EventStream. `readers`: a client per site whose time-out exceeds every wait asked for."""

    def __init__(self, readers: SiteClients) -> None:
        self._readers = dict(readers)
        self._keys = {site: SiteKeys(site).events for site in readers}

    async def read(self, site: str, count: int, wait_ms: int) -> Sequence[StreamEntry]:
        reply = await self._readers[site].call(
            "XREAD", "COUNT", count, "BLOCK", max(wait_ms, 1), "STREAMS", self._keys[site], "0-0"
        )
        if not reply:
            return []
        return [StreamEntry(position.decode(), _payload(fields)) for position, fields in reply[0][1]]

    async def trim(self, site: str, through: str) -> None:
        milliseconds, _, number = through.partition("-")
        await self._readers[site].call("XTRIM", self._keys[site], "MINID", f"{milliseconds}-{int(number) + 1}")

    async def length(self, site: str) -> int:
        return int(await self._readers[site].call("XLEN", self._keys[site]))


def _payload(fields: Sequence[bytes]) -> bytes:
    """The field `e`; nothing, which is no event, when the entry has none."""
    for name, value in zip(fields[::2], fields[1::2], strict=False):
        if name == b"e":
            return value
    return b""
