"""A database that is restored to an instant: agents decide alone meanwhile, and give back what it lost."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import grpc
import pytest
from faults.lanes import CLOCK, LaneAgent, start_lane_agent
from faults.proof import History, prove_history, prove_lane, prove_occupancy, until_settled
from harness.patience import eventually
from menshen.access.v1 import decision_pb2, events_pb2
from menshen_access.domain.heads import SignedHead
from menshen_cli.local.postgres import data_folder
from menshen_cli.local.suite import Suite
from menshen_device_agent.events import EventKind
from menshen_servicekit.status import domain_error_of
from scenarios.campus import Campus, Person

_POINTS = ("w-in", "w-out")


def suite_in(folder: Path) -> Suite:
    return Suite(folder, sites=("north",), keep_data=True)


async def pass_in_and_out(agent: LaneAgent, people: Sequence[Person]) -> None:
    for person in people:
        await agent.pass_through("w-in", person)
        await agent.pass_through("w-out", person)


async def place_of(campus: Campus) -> events_pb2.EventCursor:
    """Where a consumer stands who has read everything."""
    request = events_pb2.WatchEventsRequest(site=campus.site, purpose="scenario", until_now=True)
    pages = [page async for page in campus.events.WatchEvents(request, timeout=30)]
    return pages[-1].cursor


def keys(history: History) -> set[tuple[str, int]]:
    return {(event.event_id, event.kind) for event in history}


def menshen(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "menshen_cli", *arguments]
    environment = {**os.environ, "MENSHEN_LANGUAGE": "en"}
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=environment)


async def export_and_verify(suite: Suite, file: Path) -> str:
    """What `menshen verify` says of the export with the heads that were signed up to now."""
    await suite.restart("access-keeper")
    folder, heads = str(suite.folder), str(suite.folder / "heads")
    campus = Campus(suite)
    end = (await campus.history())[-1].sequence
    signed = suite.folder / "heads" / "north.jsonl"
    await eventually(lambda: SignedHead(**json.loads(signed.read_text().splitlines()[-1])).sequence == end, 20)
    made = await asyncio.to_thread(menshen, "export", "north", str(file), "--purpose", "scenario", "--folder", folder)
    assert made.returncode == 0, made.stderr
    public_key = str(suite.folder / "secrets" / "snapshot.pem")
    told = await asyncio.to_thread(menshen, "verify", str(file), "--heads", heads, "--public-key", public_key)
    assert told.returncode == 0, told.stdout + told.stderr
    return told.stdout


def undo_restore(folder: Path) -> None:
    """Put the database of before the restore in its old place."""
    data = data_folder(folder)
    [aside] = data.parent.glob("pgdata.before-*")
    data.rename(data.with_name("pgdata.kept"))
    aside.rename(data)


@pytest.mark.full
@pytest.mark.timeout(360)
async def test_what_a_restore_to_an_instant_lost_comes_back_from_the_agents_once_and_under_a_new_epoch(
    run_folder: Path, tmp_path: Path
) -> None:
    folder, lanes, backup = run_folder / "suite-restored", tmp_path / "lanes", run_folder / "backup"
    async with suite_in(folder) as suite:
        campus = Campus(suite)
        await campus.open()
        people = [await campus.enrol() for _ in range(4)]
        cards = [f"card:{person.card_text}" for person in people]
        agent = await start_lane_agent(suite, lanes, "w-1", _POINTS)
        await eventually(lambda: agent.is_current and len(agent.keeper.holding.records.subjects(cards)) == 4, 30)
        await pass_in_and_out(agent, people[:1])

        made = await asyncio.to_thread(menshen, "backup", str(backup), "--folder", str(folder))
        assert made.returncode == 0, made.stderr
        await pass_in_and_out(agent, people[1:])
        await agent.pass_through("w-in", people[3])
        await until_settled(campus, [agent])
        kept = await campus.history()
        instant = datetime.fromtimestamp(CLOCK.now_ms() / 1000, UTC).isoformat()
        restore = ["restore", str(backup), "--to", instant, "--folder", str(folder)]
        await pass_in_and_out(agent, people[:3])
        await agent.pass_through("w-in", people[0])
        await until_settled(campus, [agent])
        before, old_place = await campus.history(), await place_of(campus)
        await export_and_verify(suite, tmp_path / "before.jsonl")
        busy = await asyncio.to_thread(menshen, *restore)
        assert (busy.returncode, "already runs in" in busy.stderr) == (1, True), busy.stderr
    assert len(before) - len(kept) >= 21

    restoring = asyncio.create_task(asyncio.to_thread(menshen, *restore))
    while not restoring.done():
        answers = [await agent.pass_through(point, people[1]) for point in _POINTS]
        assert all(shown.answer.opens and shown.answer.kind is EventKind.EDGE for shown in answers)
    restored = await restoring
    assert restored.returncode == 0, restored.stderr
    assert "pgdata.before-" in restored.stdout
    await agent.close()

    async with suite_in(folder) as suite:
        campus = Campus(suite)
        await eventually(campus.is_ready, 30)
        lost = keys(before) - keys(await campus.history())
        again = await start_lane_agent(suite, lanes, "w-1", _POINTS)
        await eventually(lambda: again.link.online, 30)
        await until_settled(campus, [again])
        answer = await again.pass_through("w-out", people[0])
        await until_settled(campus, [again])
        again.shown[:0], again.passages[:0], again.presented = agent.shown, agent.passages, len(agent.shown) + 1

        history = await prove_history(campus)
        assert len(lost) >= 21
        assert keys(before) <= keys(history)
        assert [e.event_id for e in history[: len(kept)]] == [e.event_id for e in kept]
        prove_lane(history, again)
        await prove_occupancy(campus, [again])
        assert answer.answer.kind is EventKind.CENTRE
        refilled = [e for e in history if (e.event_id, e.kind) in lost and e.kind == decision_pb2.EVENT_KIND_CENTRE]
        assert {e.subject_ids[0] for e in refilled} == {person.subject_id for person in people[:3]}

        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await campus.history(old_place)
        assert domain_error_of(refused.value).code == "EPOCH_ENDED"
        new_place = await place_of(campus)
        assert new_place.epoch > old_place.epoch
        assert suite.archive_trouble is None
        told = await export_and_verify(suite, tmp_path / "after.jsonl")
        assert "; only a restore explains that" in told
        await again.close()

    undo_restore(folder)
    async with suite_in(folder) as suite:
        campus = Campus(suite)
        await eventually(campus.is_ready, 30)
        assert keys(await campus.history()) == keys(before)
        assert (await place_of(campus)).epoch > new_place.epoch
        assert suite.archive_trouble is not None
        assert "what it writes is not archived" in suite.archive_trouble[0]
