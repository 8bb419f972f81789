"""A keeper that rebuilds one site from PostgreSQL. A process of its own, as in life; prints its seconds as JSON."""

import asyncio
import json
import sys
from pathlib import Path

from menshen_access.domain.store import EventAnswer, Happening, Stored
from menshen_access.noticeboard import Noticeboard
from menshen_access.postgres.administration import Administration
from menshen_access.postgres.presence import PresenceHistory
from menshen_access.postgres.sites import Sites
from menshen_access.postgres.subjects import Subjects
from menshen_access.publishing import Publisher
from menshen_access.rebuilding import Rebuilder
from menshen_access.redis.generation import SiteGenerations
from menshen_access.redis.locator import SingleNode, place_of
from menshen_access.redis.records import RedisProjection
from menshen_access.redis.resp import RespClient, RespLimits
from menshen_servicekit.clock import SystemClock
from menshen_servicekit.postgres import close_pool, open_pool


async def rebuild(site: str, redis_url: str, redis_password: str, url: str, password: str) -> float:
    """Seconds from the empty Redis to READY."""
    clock = SystemClock()
    pool = await open_pool(url, Path(password), schema="access", application="bench-keeper", max_size=4)
    place = place_of(redis_url, Path(redis_password) if redis_password else None)
    generations, board = SiteGenerations((site,)), Noticeboard()
    client = RespClient(SingleNode(place), RespLimits(timeout_s=5.0), generations.prepare, generations.forget_all)
    generations.attach({site: client})
    running = asyncio.create_task(client.run())
    await asyncio.wait_for(client.wait_connected(), 20)
    sites, projection = Sites(pool), RedisProjection({site: client}, generations)
    publisher = Publisher(site, Subjects(pool, sites), Administration(pool, sites), projection, generations, board)
    presence = PresenceHistory(pool, sites)
    rebuilder = Rebuilder(site, generations, publisher, projection, presence, _nothing_to_apply, clock)
    began = clock.monotonic()
    if not await rebuilder.rebuild(await generations.inspect(site)):
        raise RuntimeError("the site was not rebuilt")
    seconds = clock.monotonic() - began
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await close_pool(pool)
    return seconds


async def _nothing_to_apply(_site: str, _generation: int, _happening: Happening) -> EventAnswer:
    return EventAnswer(Stored.OK)


if __name__ == "__main__":
    print(json.dumps({"seconds": asyncio.run(rebuild(*sys.argv[1:6]))}))
