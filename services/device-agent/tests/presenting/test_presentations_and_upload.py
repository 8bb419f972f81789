"""From a read to an act, and from the spool to the centre."""

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from harness.patience import eventually
from menshen_device_agent.events import AgentEvent, Answer, Asked, EventKind, Why
from menshen_device_agent.journal import Entry, Journal
from menshen_device_agent.peers.convert import encode_event, positioned
from menshen_device_agent.presenting import Presenter, Shown
from menshen_device_agent.reviewing import Reviews
from menshen_device_agent.spool import Spool, SpoolEntry
from menshen_device_agent.uploading import Uploader
from menshen_rulebook.types import Identifier, IdentifierType, Outcome
from menshen_servicekit.clock import SystemClock
from menshen_servicekit.ids import Uuid7Factory

CARD = (Identifier(IdentifierType.CARD, "04A1B2C3"),)


class ACentre:
    """Answers as it is told: an outcome, None for 'will not decide', or never."""

    def __init__(self, outcome: Outcome | None = Outcome.GRANT) -> None:
        self.outcome = outcome
        self.silent = False
        self.asked: list[Asked] = []

    async def decide(self, asked: Asked) -> Answer | None:
        self.asked.append(asked)
        if self.silent:
            await asyncio.Event().wait()
        if self.outcome is None:
            return None
        return Answer(asked.event_id, EventKind.CENTRE, self.outcome, (), asked.at_ms, review_id=asked.event_id)


class ADoor:
    """Remembers who was let through."""

    def __init__(self) -> None:
        self.granted: list[str] = []

    def grant(self, asked: Asked, answer: Answer) -> None:
        self.granted.append(asked.event_id)


class AgentEventView:
    """A spooled entry, decoded."""

    def __init__(self, entry: SpoolEntry) -> None:
        message = positioned(entry.body, 1, entry.number)
        self.number = entry.number
        self.kind = EventKind(message.kind)
        self.outcome = Outcome(message.decision.outcome)
        self.obeyed = EventKind(message.obeyed)
        self.pin = message.presentation.pin
        self.detail = dict(message.detail)


class Lane:
    """A presenter with everything it needs, and what became of it."""

    def __init__(self, folder: Path, centre: ACentre, *, is_exit: bool = False, deadline_s: float = 0.3) -> None:
        clock = SystemClock()
        self.spool = Spool(folder / "spool.db", clock.now_ms)
        self.told: list[Entry] = []
        self.shown: list[Shown] = []
        self.door = ADoor()
        new_id = Uuid7Factory(clock)
        self.journal = Journal(self.spool, clock, new_id, encode_event, self.told.append)
        self.reviews = Reviews(self.journal, lambda _: is_exit, open_after_s=0.05)
        self.presenter = Presenter(
            clock, new_id, self.journal, centre, alone, self.reviews.hold, deadline_s=deadline_s, limit=3
        )

    def present(self, pin: str = "") -> bool:
        return self.presenter.present("n-in", CARD, "reader", self.door, self.shown.append, pin=pin)

    def entries(self) -> list[AgentEventView]:
        return [AgentEventView(entry) for entry in self.spool.after(0, 100)]


def alone(asked: Asked) -> Answer:
    return Answer(asked.event_id, EventKind.EDGE, Outcome.GRANT, (Why("EDGE"),), asked.at_ms)


async def test_the_centre_is_obeyed_and_the_history_says_so(tmp_path: Path) -> None:
    lane = Lane(tmp_path, ACentre())

    lane.present()
    await eventually(lambda: lane.shown)

    assert [(e.number, e.kind, e.obeyed) for e in lane.entries()] == [
        (1, EventKind.CENTRE, EventKind.UNSPECIFIED),
        (2, EventKind.ACTED, EventKind.CENTRE),
    ]
    assert len(lane.door.granted) == 1


async def test_a_denial_opens_nothing_and_records_no_act(tmp_path: Path) -> None:
    lane = Lane(tmp_path, ACentre(Outcome.DENY))

    lane.present()
    await eventually(lambda: lane.shown)

    assert lane.door.granted == []
    assert [e.kind for e in lane.entries()] == [EventKind.CENTRE]


@pytest.mark.parametrize("silent", [True, False])
async def test_a_centre_that_does_not_answer_leaves_the_edge_to_decide(tmp_path: Path, silent: bool) -> None:
    centre = ACentre(None)
    centre.silent = silent
    lane = Lane(tmp_path, centre, deadline_s=0.05)

    lane.present()
    await eventually(lambda: lane.shown)

    assert [(e.kind, e.obeyed) for e in lane.entries()] == [
        (EventKind.EDGE, EventKind.UNSPECIFIED),
        (EventKind.ACTED, EventKind.EDGE),
    ]
    assert [entry.event.kind for entry in lane.told] == [EventKind.EDGE, EventKind.ACTED]


async def test_what_is_under_way_when_the_agent_dies_stands_in_the_spool_as_refused(tmp_path: Path) -> None:
    centre = ACentre()
    centre.silent = True
    lane = Lane(tmp_path, centre, deadline_s=30)
    lane.present()
    await eventually(lambda: centre.asked)

    found = lane.entries()

    assert [(e.kind, e.outcome) for e in found] == [(EventKind.EDGE, Outcome.DENY)]
    assert lane.journal.settled_before() == 1


async def test_a_pin_is_asked_about_and_never_written(tmp_path: Path) -> None:
    centre = ACentre()
    lane = Lane(tmp_path, centre)

    lane.present(pin="2468")
    await eventually(lambda: lane.shown)

    assert centre.asked[0].pin == "2468"
    assert b"2468" not in b"".join(entry.body for entry in lane.spool.after(0, 10))


async def test_more_presentations_than_the_limit_are_refused(tmp_path: Path) -> None:
    centre = ACentre()
    centre.silent = True
    lane = Lane(tmp_path, centre, deadline_s=5)

    assert [lane.present() for _ in range(4)] == [True, True, True, False]


async def test_a_review_waits_for_the_guard_and_his_word_opens(tmp_path: Path) -> None:
    lane = Lane(tmp_path, ACentre(Outcome.MANUAL_REVIEW))
    lane.present()
    await eventually(lambda: lane.shown)
    event_id = lane.shown[0].asked.event_id
    assert lane.door.granted == []

    lane.reviews.resolved(event_id, opens=True)
    lane.reviews.resolved(event_id, opens=True)

    assert lane.door.granted == [event_id]


async def test_a_refused_review_opens_nothing(tmp_path: Path) -> None:
    lane = Lane(tmp_path, ACentre(Outcome.MANUAL_REVIEW))
    lane.present()
    await eventually(lambda: lane.shown)

    lane.reviews.resolved(lane.shown[0].asked.event_id, opens=False)

    assert lane.door.granted == []


async def test_an_exit_opens_by_itself_when_no_guard_decides(tmp_path: Path) -> None:
    lane = Lane(tmp_path, ACentre(Outcome.MANUAL_REVIEW), is_exit=True)
    lane.present()

    await eventually(lambda: lane.door.granted)

    assert lane.entries()[-1].detail["cause"] == "REVIEW_TIMEOUT"


class AnArchive:
    """Stores what is uploaded; away while told so. Its watermark follows contiguity."""

    def __init__(self) -> None:
        self.stored: dict[int, bytes] = {}
        self.away = False
        self.calls = 0
        self.rewinds = 0

    def rewound(self) -> None:
        self.rewinds += 1

    async def store(self, epoch: int, entries: list[SpoolEntry]) -> int:
        self.calls += 1
        if self.away:
            raise ConnectionError("away")
        self.stored.update({entry.number: entry.body for entry in entries})
        number = 0
        while number + 1 in self.stored:
            number += 1
        return number


async def uploading(
    tmp_path: Path, archive: AnArchive, settled_before: Callable[[], int] | None = None
) -> tuple[Spool, Uploader, "asyncio.Task[None]"]:
    spool = Spool(tmp_path / "spool.db", SystemClock().now_ms)
    bound = settled_before or (lambda: spool.last_number + 1)
    uploader = Uploader(spool, archive, bound, archive.rewound, patience_s=0.05, batch=10)
    return spool, uploader, asyncio.ensure_future(uploader.run())


async def ended(task: "asyncio.Task[None]") -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_after_an_outage_everything_is_uploaded_in_batches(tmp_path: Path) -> None:
    archive = AnArchive()
    spool, uploader, task = await uploading(tmp_path, archive)
    for number in range(35):
        spool.append(f"{number}".encode())

    uploader.resume(spool.epoch, 0)
    await eventually(lambda: spool.unacknowledged == 0)
    await ended(task)

    assert sorted(archive.stored) == list(range(1, 36))


async def test_a_number_that_was_given_up_does_not_hold_back_what_comes_after_it(tmp_path: Path) -> None:
    archive = AnArchive()
    spool, uploader, task = await uploading(tmp_path, archive)
    for number in range(45):
        spool.append(f"{number}".encode())
    with closing(sqlite3.connect(tmp_path / "spool.db", isolation_level=None)) as disk:
        disk.execute("DELETE FROM entry WHERE number = 7")

    uploader.resume(spool.epoch, 0)
    await eventually(lambda: 45 in archive.stored)
    await ended(task)

    assert sorted(archive.stored) == [number for number in range(1, 46) if number != 7]
    assert spool.unacknowledged == 39


async def test_what_the_centre_may_have_lost_is_uploaded_at_once_and_once(tmp_path: Path) -> None:
    archive = AnArchive()
    spool = Spool(tmp_path / "spool.db", SystemClock().now_ms)
    uploader = Uploader(spool, archive, lambda: spool.last_number + 1, patience_s=60)
    task = asyncio.ensure_future(uploader.run())
    spool.append(b"told and lost")

    uploader.hasten()
    await eventually(lambda: spool.unacknowledged == 0)
    uploader.hasten()
    spool.append(b"told after it")
    uploader.hasten()
    await eventually(lambda: spool.unacknowledged == 0)
    await ended(task)

    assert archive.stored == {1: b"told and lost", 2: b"told after it"}
    assert archive.calls == 2


async def test_what_stays_unacknowledged_is_uploaded_after_the_patience(tmp_path: Path) -> None:
    archive = AnArchive()
    spool, _, task = await uploading(tmp_path, archive)
    spool.append(b"lost on its way")

    await eventually(lambda: spool.acknowledged == 1)
    await ended(task)


async def test_an_entry_whose_decision_is_open_is_not_uploaded(tmp_path: Path) -> None:
    archive = AnArchive()
    spool, uploader, task = await uploading(tmp_path, archive, lambda: 2)
    spool.append(b"settled")
    spool.append(b"open")

    uploader.resume(spool.epoch, 0)
    await eventually(lambda: spool.acknowledged == 1)
    await ended(task)

    assert list(archive.stored) == [1]


async def test_a_centre_that_is_away_costs_nothing(tmp_path: Path) -> None:
    archive = AnArchive()
    archive.away = True
    spool, uploader, task = await uploading(tmp_path, archive)
    spool.append(b"a")
    uploader.resume(spool.epoch, 0)
    with pytest.raises(ConnectionError):
        await task

    archive.away = False
    again = asyncio.ensure_future(uploader.run())
    await eventually(lambda: spool.unacknowledged == 0)
    await ended(again)


async def test_an_edge_decision_is_sent_although_the_centre_recorded_its_own_under_the_number(tmp_path: Path) -> None:
    archive = AnArchive()
    spool, uploader, task = await uploading(tmp_path, archive)
    number = spool.append(b"reserved")
    spool.replace(number, b"edge decision", insists=True)

    uploader.resume(spool.epoch, number)
    await eventually(lambda: archive.stored.get(number) == b"edge decision")
    await eventually(lambda: spool.unacknowledged == 0)
    await ended(task)

    assert spool.insisting(10) == []


async def test_a_restored_centre_that_knows_less_is_refilled(tmp_path: Path) -> None:
    archive = AnArchive()
    spool, uploader, task = await uploading(tmp_path, archive)
    for _ in range(5):
        spool.append(b"x")
    uploader.resume(spool.epoch, 0)
    await eventually(lambda: spool.unacknowledged == 0)

    archive.stored = {number: body for number, body in archive.stored.items() if number <= 2}
    uploader.resume(spool.epoch, 2)
    await eventually(lambda: sorted(archive.stored) == [1, 2, 3, 4, 5])
    assert archive.rewinds == 1
    await ended(task)


def test_a_journal_event_is_readable_as_the_wire_message() -> None:
    event = AgentEvent("e", EventKind.DOOR_HELD, 5, 1, door="d", detail={"a": "b"})

    message = positioned(encode_event(event), 3, 9)

    assert (message.spool.epoch, message.spool.number, message.door) == (3, 9, "d")
