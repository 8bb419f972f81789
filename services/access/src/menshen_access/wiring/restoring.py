"""What begins the epochs of all sites after a restore, once Redis is reached."""

import asyncio
from typing import Final

from menshen_servicekit.lifecycle import Process
from menshen_servicekit.postgres import Connection

from menshen_access.postgres.epochs import begin_epoch
from menshen_access.postgres.sites import Leases
from menshen_access.redis.remains import RedisRemains
from menshen_access.restoring import Restoring
from menshen_access.settings import AccessSettings
from menshen_access.wiring.links import connect
from menshen_access.wiring.stores import open_stores

REACH_S: Final = 30.0


async def begin_epochs(process: Process[AccessSettings]) -> None:
    """Begin them and end. Raises TimeoutError while Redis is away, or a keeper keeps a site."""
    stores = await open_stores(process, "menshen-access-epochs")
    links = connect(process)
    async with asyncio.timeout(REACH_S):
        for client in links.bulk.values():
            await client.wait_connected()
    leases = Leases(stores.pool, stores.sites)
    restoring: Restoring[Connection] = Restoring(leases, RedisRemains(links.bulk), begin_epoch, process.clock)
    await restoring.begin_epochs(process.settings.sites)
