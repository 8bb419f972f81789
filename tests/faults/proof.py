"""What must hold once everything has come to rest, whatever was killed meanwhile.

The ledger on one side is what lanes and simulators wrote down; on the other side is the site's recorded history.
"""

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from faults.lanes import LaneAgent
from harness.patience import eventually
from menshen.access.v1 import decision_pb2, events_pb2
from menshen_cli.local.valkey import ask
from menshen_device_agent.events import EventKind
from scenarios.campus import Campus

LONGEST_WAIT_MS = 1_000
"""The agent's deadline of 300 ms and a margin for a loop that shares two cores with everything it is tested against."""
_ACTED, _TAKEN = decision_pb2.EVENT_KIND_ACTED, decision_pb2.EVENT_KIND_TAKEN
_DECISIONS = {decision_pb2.EVENT_KIND_CENTRE, decision_pb2.EVENT_KIND_EDGE}
History = Sequence[events_pb2.AccessEvent]


async def until_settled(campus: Campus, agents: Iterable[LaneAgent], deadline_s: float = 40.0) -> None:
    """Every spool is acknowledged and nothing waits in the stream."""

    async def settled() -> bool:
        if not all(agent.is_settled for agent in agents):
            return False
        return (await campus.projection()).recorder_lag == 0

    await eventually(settled, deadline_s)


async def prove_history(campus: Campus) -> History:
    """The site's sequence has no gap, no event is there twice, and the chain verifies to its end."""
    history = await campus.history()
    assert [event.sequence for event in history] == list(range(1, len(history) + 1))
    assert [key for key, count in Counter((e.event_id, e.kind) for e in history).items() if count > 1] == []
    chain = await campus.chain()
    assert (chain.broken_at, chain.detail) == (0, "")
    assert chain.checked >= len(history)
    return history


def prove_spool(history: History, agent_id: str, epoch: int, last_number: int) -> None:
    """Every number of a spool epoch is recorded; one shared by two events is the two decisions on one presentation."""
    events = [event for event in history if event.agent_id == agent_id and event.spool.epoch == epoch]
    by_number: dict[int, list[events_pb2.AccessEvent]] = defaultdict(list)
    for event in events:
        by_number[event.spool.number].append(event)
    assert sorted(set(range(1, last_number + 1)) - set(by_number)) == [], f"{agent_id}: numbers lost"
    assert sorted(set(by_number) - set(range(1, last_number + 1))) == [], f"{agent_id}: numbers invented"
    for number, shared in by_number.items():
        if len(shared) > 1:
            assert {event.kind for event in shared} == _DECISIONS, f"{agent_id}: number {number} given twice"
            assert len({event.event_id for event in shared}) == 1, f"{agent_id}: number {number} given twice"


def prove_lane(history: History, agent: LaneAgent) -> None:
    """Every presentation has the one decision its lock obeyed, every passage is there once, and every exit opened."""
    by_id: dict[str, dict[int, events_pb2.AccessEvent]] = defaultdict(dict)
    for event in history:
        by_id[event.event_id][event.kind] = event
    assert len(agent.shown) == agent.presented
    assert len({shown.asked.event_id for shown in agent.shown}) == agent.presented
    for shown in agent.shown:
        answer, recorded = shown.answer, by_id[shown.asked.event_id]
        assert recorded[int(answer.kind)].outcome == int(answer.outcome)
        acted = recorded.get(_ACTED)
        assert (acted is not None) == answer.opens, shown
        assert acted is None or acted.obeyed == int(answer.kind)
    taken = Counter(e.event_id for e in history if e.kind == _TAKEN and e.agent_id == agent.agent_id)
    assert taken == Counter(passage.event_id for passage in agent.passages)
    assert [s for s in agent.shown if s.asked.access_point.endswith("-out") and not s.answer.opens] == []
    assert longest_wait_ms([agent]) <= LONGEST_WAIT_MS
    prove_spool(history, agent.agent_id, agent.spool.epoch, agent.spool.last_number)


def longest_wait_ms(agents: Iterable[LaneAgent]) -> int:
    """From the end of a read to the answer, over everything the lanes saw."""
    return max((shown.latency_us for agent in agents for shown in agent.shown), default=0) // 1000


def inside(agents: Iterable[LaneAgent]) -> set[str]:
    """Who is on the campus by the lanes' ledgers: everybody whose last passage was an entry."""
    passages = sorted((p for agent in agents for p in agent.passages), key=lambda p: (p.at_ms, p.event_id))
    last: dict[str, str] = {passage.person.subject_id: passage.access_point for passage in passages}
    return {subject for subject, point in last.items() if point.endswith("-in")}


async def prove_occupancy(campus: Campus, agents: Sequence[LaneAgent]) -> None:
    """The campus holds as many as the ledgers say."""
    expected = len(inside(agents))

    async def agrees() -> bool:
        return (await campus.occupancy())["campus"][0] == expected

    try:
        await eventually(agrees, 15)
    except AssertionError:
        differing = sorted(inside(agents) ^ inside_by_register(campus))
        story = [line for subject in differing for line in story_of(await campus.history(), subject)]
        told = "\n".join(story[-60:])
        raise AssertionError(
            f"the campus holds {await campus.occupancy()}, the ledgers say {expected}:\n{told}"
        ) from None


def count_by_kind(agents: Iterable[LaneAgent]) -> Counter[EventKind]:
    """How many presentations were answered by the centre and how many by the edge."""
    return Counter(shown.answer.kind for agent in agents for shown in agent.shown)


def spool_on_disk(folder: Path) -> tuple[int, int]:
    """(epoch, highest number) of an agent's spool file."""
    database = sqlite3.connect(f"file:{folder / 'spool.db'}?mode=ro", uri=True)
    try:
        [epoch] = database.execute("SELECT epoch FROM spool").fetchone()
        [highest] = database.execute("SELECT max(number) FROM entry").fetchone()
    finally:
        database.close()
    return epoch, highest or 0


def inside_by_register(campus: Campus) -> set[str]:
    """Who is on the campus by the presence registers in Redis: for the story of a failure."""
    server = campus.suite.valkey
    parts = urlsplit(server.url)
    password = server.password_file.read_text().strip() if server.password_file else ""
    lines = ask(parts.hostname or "", parts.port or 6379, password, f"HGETALL m:{{{campus.site}}}:p").split("\r\n")
    registers = [line for line in lines if not line.startswith(("*", "$", "+"))]
    newest = {
        subject: register.split("\x1d")[1] for subject, register in zip(registers[::2], registers[1::2], strict=True)
    }
    return {subject for subject, moves in newest.items() if moves.startswith("campus")}


def story_of(history: History, subject_id: str) -> list[str]:
    """What is recorded of a subject, a line for each event."""
    own = {event.event_id for event in history if subject_id in event.subject_ids}
    return [
        f"{subject_id[-4:]} {event.sequence} {event.event_id[-4:]} kind {event.kind} at {event.access_point}"
        f" {event.at_ms} late {event.late} obeyed {event.obeyed} by {event.agent_id}"
        for event in history
        if event.event_id in own
    ]
