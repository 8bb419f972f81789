"""A recorder in a process of its own, to be killed: it takes the site's lease and records until then."""

import asyncio
import sys
from pathlib import Path

from menshen_access.noticeboard import Noticeboard
from menshen_access.postgres.history import History
from menshen_access.postgres.ledgers import LeasedLedger
from menshen_access.postgres.partitions import Partitions
from menshen_access.postgres.sites import Leases, Sites
from menshen_access.recording import Recorder
from menshen_access.redis.locator import SingleNode, place_of
from menshen_access.redis.resp import RespClient, RespLimits
from menshen_access.redis.stream import RedisEventStream
from menshen_servicekit.clock import SystemClock
from menshen_servicekit.postgres import open_pool
from menshen_servicekit.telemetry import Metrics


async def main(database_url: str, database_password: str, redis_url: str, redis_password: str, site: str) -> None:
    pool = await open_pool(database_url, Path(database_password), schema="access", application="recorder")
    reader = RespClient(SingleNode(place_of(redis_url, Path(redis_password))), RespLimits(timeout_s=5.0))
    run = asyncio.create_task(reader.run())
    await reader.wait_connected()
    async with Leases(pool, Sites(pool), retry_s=0.05).hold(f"site.{site}") as connection:
        ledger = LeasedLedger(History(Partitions()), connection)
        stream = RedisEventStream({site: reader})
        await Recorder(site, stream, ledger, SystemClock(), Noticeboard(), Metrics()).run()
    run.cancel()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
