"""Fills the stores of a site as identity's feed would have left them, by the shortest way."""

import asyncio
from collections.abc import Iterator
from contextlib import asynccontextmanager
from itertools import islice
from typing import Any

from hot_path.subjects import plan_document, subject
from menshen_access.domain.store import RecordPut, SiteState, Standing
from menshen_access.domain.subject_records import MODULUS, keys_of, record_hash
from menshen_access.postgres.sites import Sites
from menshen_access.redis.generation import SiteGenerations
from menshen_access.redis.locator import SingleNode, place_of
from menshen_access.redis.records import MOST_AT_ONCE, RedisProjection
from menshen_access.redis.resp import RespClient, RespLimits
from menshen_cli.local.servers import Server
from menshen_rulebook.plan import SitePlan, plan_from_mapping, plan_to_json
from menshen_rulebook.records import pack
from menshen_servicekit.postgres import Pool

PAGE = 20_000
SUBJECT_COLUMNS = (
    "site", "subject_id", "version", "position", "feed_epoch", "feed_version", "record", "record_hash", "keys",
    "dropped_keys", "pin_verifier", "duress_verifier", "photo_ref",
)  # fmt: skip


def plan_of(site: str) -> SitePlan:
    """The bench's plan with a policy in force, for any site."""
    policy = {"site": site, "version": 1, "language": 1, "from": "2020-01-01T00:00:00+08:00"}
    return plan_from_mapping({**plan_document(), "site": site, "version": 1, "policies": [policy]})


async def seed_postgres(pool: Pool, site: str, subjects: int) -> None:
    """The projected subjects of a site that has none yet, and the projection that covers them."""
    await Sites(pool).ensure(site)
    digest = 0

    def rows() -> Iterator[tuple[Any, ...]]:
        nonlocal digest
        for position in range(1, subjects + 1):
            whole = subject(position - 1)
            record = pack(whole)
            share = record_hash(whole.subject_id, whole.version, record)
            digest += int.from_bytes(share)
            yield site, whole.subject_id, whole.version, position, 1, 1, record, share, keys_of(whole), (), b"", b"", ""

    whole_file = rows()
    async with pool.acquire() as connection:
        while page := list(islice(whole_file, PAGE)):
            await connection.copy_records_to_table(
                "subject", records=page, columns=SUBJECT_COLUMNS, schema_name="access"
            )
        await connection.execute(
            "UPDATE projection SET position = $2, subjects = $2, digest = $3 WHERE site = $1",
            site,
            subjects,
            (digest % MODULUS).to_bytes(32),
        )
        await connection.execute("ANALYZE subject", timeout=120)


class FilledSite:
    """A ready site of one Redis and the connection to it."""

    def __init__(self, client: RespClient, generations: SiteGenerations, site: str) -> None:
        self.client = client
        self.generations = generations
        self.site = site
        self.projection = RedisProjection({site: client}, generations)

    @property
    def generation(self) -> int:
        generation = self.generations.current(self.site)
        if generation is None:
            raise RuntimeError("the site is not ready")
        return generation

    async def bytes_used(self) -> int:
        """What Redis says it uses."""
        lines = (await self.client.call("INFO", "memory")).decode().splitlines()
        return next(int(line.partition(":")[2]) for line in lines if line.startswith("used_memory:"))


@asynccontextmanager
async def ready_site(server: Server, site: str) -> Any:
    """An empty site that takes decisions, with the bench's plan."""
    generations = SiteGenerations((site,))
    place = place_of(server.url, server.password_file)
    client = RespClient(SingleNode(place), RespLimits(timeout_s=20.0), generations.prepare, generations.forget_all)
    generations.attach({site: client})
    running = asyncio.create_task(client.run())
    await asyncio.wait_for(client.wait_connected(), 20)
    generation = await generations.begin(site, Standing(0, SiteState.EMPTY, bound=False))
    if generation is None or not await generations.ready(site, generation):
        raise RuntimeError("the site could not be made ready")
    filled = FilledSite(client, generations, site)
    plan = plan_of(site)
    await filled.projection.put_plan(site, generation, plan.version, plan_to_json(plan))
    try:
        yield filled
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def seed_redis(filled: FilledSite, subjects: int) -> None:
    """The records of a site's subjects, put as the publisher puts them."""
    for first in range(0, subjects, MOST_AT_ONCE):
        puts = [
            RecordPut(whole.subject_id, whole.version, pack(whole), keys_of(whole))
            for whole in map(subject, range(first, min(first + MOST_AT_ONCE, subjects)))
        ]
        await filled.projection.put_records(filled.site, filled.generation, puts)
