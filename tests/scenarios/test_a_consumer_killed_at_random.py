"""A consumer of the feed that is killed again and again has every event once, in sequence and without a gap."""

import asyncio
import json
import random
from pathlib import Path

from harness.patience import eventually
from harness.terminal import MENSHEN, run
from menshen.access.v1 import events_pb2
from menshen_cli.local.suite import Suite
from scenarios.campus import CALL_S, Campus

KILLS = 3


async def test_a_consumer_killed_at_random_has_each_event_once_and_no_gap(
    town: Suite, campus: Campus, tmp_path: Path
) -> None:
    file, site, chance = tmp_path / "north.jsonl", campus.site, random.Random(7)
    person = await campus.enrol()
    arguments = ("follow", site, str(file), "--purpose", "archive", "--folder", str(town.folder))

    for _ in range(KILLS):
        before = file.stat().st_size if file.exists() else 0
        consumer = await asyncio.create_subprocess_exec(*MENSHEN, *arguments, stdout=asyncio.subprocess.DEVNULL)
        for _ in range(chance.randint(1, 12)):
            await campus.decide("n-in", person)
        await eventually(lambda before=before: file.exists() and file.stat().st_size > before, 20)
        consumer.kill()
        await consumer.wait()
    ended = await run(*arguments, "--until-now")

    request = events_pb2.WatchEventsRequest(site=site, purpose="compare", until_now=True)
    everything = [event async for page in campus.events.WatchEvents(request, timeout=CALL_S) for event in page.events]
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    sequences = [int(line["sequence"]) for line in lines]
    keys = [(line["event_id"], line["kind"]) for line in lines]
    assert ended.status == 0, ended.printed
    assert sequences == list(range(1, len(sequences) + 1))
    assert len(set(keys)) == len(keys)
    assert [event.event_id for event in everything][: len(lines)] == [line["event_id"] for line in lines]
