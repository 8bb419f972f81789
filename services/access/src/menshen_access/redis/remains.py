"""What Redis holds of a site beside events that wait to be recorded: all of it can be rebuilt."""

from typing import Final

from menshen_access.redis.keys import SiteKeys
from menshen_access.redis.resp import SiteClients

_AT_ONCE: Final = 1_000


class RedisRemains:
    """Forgets sites. `clients`: a connected client per site."""

    def __init__(self, clients: SiteClients) -> None:
        self._clients = clients

    async def forget(self, site: str) -> int:
        """Drop every key of the site but its event stream; how many. Raises StoreAwayError.

        The head goes first: nothing is decided on the rest.
        """
        client, keys = self._clients[site], SiteKeys(site)
        dropped = int(await client.call("DEL", keys.head))
        cursor = b"0"
        while True:
            cursor, found = await client.call("SCAN", cursor, "MATCH", f"{keys.prefix}*", "COUNT", _AT_ONCE)
            gone = [key for key in found if key.decode() != keys.events]
            if gone:
                dropped += int(await client.call("UNLINK", *gone))
            if cursor == b"0":
                return dropped
