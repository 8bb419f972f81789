"""The load generator, a process of its own: reads orders as JSON lines, answers each with one JSON line.

An order: {"kind": "stream" | "flat" | "unary" | "redis", "target": host:port, "first": number, ...}. Latencies are in
microseconds; those of an open loop count from the instant a presentation was due.
"""

import asyncio
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "0")

from menshen.access.v1 import access_pb2, access_pb2_grpc, decision_pb2
from menshen_access.redis.locator import SingleNode, place_of
from menshen_access.redis.resp import RespClient, RespLimits
from menshen_servicekit.channel import open_channel
from menshen_servicekit.clock import SystemClock
from menshen_servicekit.ids import Uuid7Factory
from menshen_servicekit.tls import TlsFiles

from hot_path.subjects import LANES, SITE, SUBJECTS, card_of

CLOCK = SystemClock()
NEW_ID = Uuid7Factory(CLOCK)
GRANTS = {decision_pb2.OUTCOME_GRANT, decision_pb2.OUTCOME_GRANT_WITH_REMINDER}
WINDOW = 16


def presentation(number: int, lane: int, spool: tuple[int, int]) -> decision_pb2.Presentation:
    """A member of staff goes in, next time out."""
    way = "in" if (number // SUBJECTS) % 2 == 0 else "out"
    return decision_pb2.Presentation(
        event_id=NEW_ID(),
        access_point=f"n{lane}-{way}",
        identifiers=[decision_pb2.Identifier(type=decision_pb2.IDENTIFIER_TYPE_CARD, value=card_of(number % SUBJECTS))],
        at_ms=CLOCK.now_ms(),
        clock_error_ms=5,
        spool=decision_pb2.SpoolPosition(epoch=spool[0], number=spool[1]),
        reader=f"reader-{lane}",
    )


class Lane:
    """One agent: its stream, what it waits for, and the passages it reports."""

    def __init__(self, target: str, tls: TlsFiles, lane: int, numbers: "Numbers", epoch: int) -> None:
        self._channel = open_channel(target, tls, server_name="access", retry=False)
        self._lane = lane
        self._epoch = epoch
        self._numbers = numbers
        self._spooled = 0
        self._due: dict[str, float] = {}
        self._outgoing: asyncio.Queue[access_pb2.AuthorizeRequest] = asyncio.Queue()
        self._loop = asyncio.get_running_loop()
        self.latencies: list[float] = []
        self.outcomes: dict[str, int] = {}
        self.on_answer: Callable[[], None] = lambda: None
        self.reports_passages = True

    async def open(self) -> None:
        self._call = access_pb2_grpc.AccessServiceStub(self._channel).Authorize()
        points = [f"n{self._lane}-{way}" for way in ("in", "out")]
        hello = access_pb2.AgentHello(spool_epoch=self._epoch, access_points=points, doors=[f"d{self._lane}"])
        await self._call.write(access_pb2.AuthorizeRequest(site=SITE, hello=hello))
        welcome = await self._call.read()
        assert welcome.WhichOneof("body") == "welcome", welcome
        self._tasks = [asyncio.create_task(self._write()), asyncio.create_task(self._read())]

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._call.cancel()
        await self._channel.close()

    def present(self, due: float) -> None:
        message = presentation(self._numbers.subject(), self._lane, (self._epoch, self._next_in_spool()))
        self._due[message.event_id] = due
        self._outgoing.put_nowait(access_pb2.AuthorizeRequest(site=SITE, presentation=message))

    @property
    def has_ended(self) -> bool:
        """The server lets no stream last for ever."""
        return any(task.done() for task in self._tasks)

    @property
    def waiting(self) -> int:
        return len(self._due)

    def _next_in_spool(self) -> int:
        """Each agent numbers its own events without a gap, or the recorder would keep a range for every one."""
        self._spooled += 1
        return self._spooled

    async def _write(self) -> None:
        while True:
            await self._call.write(await self._outgoing.get())

    async def _read(self) -> None:
        while True:
            message = await self._call.read()
            body = message.WhichOneof("body")
            if body == "decision":
                self._answered(message.decision)
            elif body == "not_decided":
                self._note(message.not_decided.event_id, f"NOT_DECIDED_{message.not_decided.cause}")

    def _answered(self, decision: decision_pb2.Decision) -> None:
        self._note(decision.event_id, str(decision.outcome))
        if decision.outcome in GRANTS and self.reports_passages:
            event = access_pb2.AgentEvent(
                event_id=decision.event_id,
                kind=decision_pb2.EVENT_KIND_TAKEN,
                at_ms=CLOCK.now_ms(),
                spool=decision_pb2.SpoolPosition(epoch=self._epoch, number=self._next_in_spool()),
            )
            self._outgoing.put_nowait(access_pb2.AuthorizeRequest(site=SITE, event=event))

    def _note(self, event_id: str, outcome: str) -> None:
        due = self._due.pop(event_id, None)
        if due is not None:
            self.latencies.append((self._loop.time() - due) * 1e6)
            self.outcomes[outcome] = self.outcomes.get(outcome, 0) + 1
            self.on_answer()


class Numbers:
    """Subjects from `first` on, one after the other over the whole run."""

    def __init__(self, first: int) -> None:
        self._subject = first - 1

    def subject(self) -> int:
        self._subject += 1
        return self._subject


async def paced(rate: float, seconds: float, act: Callable[[int, float], None]) -> None:
    """Call `act(number, due)` on the loop at a fixed rate, whatever comes of it.

    A thread keeps the time: the loop's own timers are rounded up to whole milliseconds.
    """
    loop = asyncio.get_running_loop()
    began, count = loop.time(), int(rate * seconds)

    def pace() -> None:
        for number in range(count):
            due = began + number / rate
            time.sleep(max(due - loop.time(), 0))
            loop.call_soon_threadsafe(act, number, due)

    await asyncio.to_thread(pace)


async def open_loop(lanes: list[Lane], rate: float, seconds: float) -> None:
    """Present at a fixed rate on all lanes in turn, and wait for the answers."""
    loop = asyncio.get_running_loop()
    await paced(rate, seconds, lambda number, due: lanes[number % len(lanes)].present(due))
    give_up = loop.time() + 5
    while any(lane.waiting for lane in lanes) and loop.time() < give_up:
        await asyncio.sleep(0.01)


async def flat_out(lanes: list[Lane], seconds: float, count: int = 0) -> float:
    """Keep WINDOW presentations under way on every stream, for some time and until a count; answers per second."""
    loop = asyncio.get_running_loop()
    before, began = sum(len(lane.latencies) for lane in lanes), loop.time()

    def done() -> int:
        return sum(len(lane.latencies) for lane in lanes) - before

    for lane in lanes:
        lane.on_answer = lambda lane=lane: lane.present(loop.time())
        for _ in range(WINDOW):
            lane.present(loop.time())
    await asyncio.sleep(seconds)
    while done() < count:
        await asyncio.sleep(0.01)
    per_second = done() / (loop.time() - began)
    for lane in lanes:
        lane.on_answer = lambda: None
    while any(lane.waiting for lane in lanes):
        await asyncio.sleep(0.01)
    return per_second


async def unary(target: str, tls: TlsFiles, numbers: Numbers, rate: float, seconds: float) -> dict[str, Any]:
    channel = open_channel(target, tls, server_name="access")
    stub = access_pb2_grpc.AccessServiceStub(channel)
    loop = asyncio.get_running_loop()
    latencies: list[float] = []

    async def ask(due: float) -> None:
        message = presentation(numbers.subject(), 0, (1, 0))
        await stub.Decide(access_pb2.DecideRequest(site=SITE, presentation=message), timeout=5)
        latencies.append((loop.time() - due) * 1e6)

    await ask(loop.time())
    latencies.clear()
    tasks: list[asyncio.Task[None]] = []
    await paced(rate, seconds, lambda _, due: tasks.append(loop.create_task(ask(due))))
    await asyncio.gather(*tasks)
    await channel.close()
    return {"latencies": latencies, "per_second": len(latencies) / seconds, "outcomes": {}}


async def redis(url: str, password_file: str, rate: float, seconds: float) -> dict[str, Any]:
    client = RespClient(SingleNode(place_of(url, Path(password_file))), RespLimits(timeout_s=5.0))
    running = asyncio.create_task(client.run())
    await client.wait_connected()
    loop = asyncio.get_running_loop()
    latencies: list[float] = []

    def ask(_: int, due: float) -> None:
        client.send(("GET", "bench:nothing"), lambda _: latencies.append((loop.time() - due) * 1e6))

    await paced(rate, seconds, ask)
    await client.call("PING")
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    return {"latencies": latencies, "per_second": len(latencies) / seconds, "outcomes": {}}


class Generator:
    """Carries out orders; keeps lanes open from one order to the next."""

    def __init__(self, certificates: list[TlsFiles]) -> None:
        self._certificates = certificates
        self._lanes: dict[str, list[Lane]] = {}
        self._numbers = {}
        self._epochs = 0

    async def carry_out(self, order: dict[str, Any]) -> dict[str, Any]:
        target = order["target"]
        if order["kind"] == "redis":
            return await redis(target, order["password_file"], order["rate"], order["seconds"])
        numbers = self._numbers.setdefault(target, Numbers(order.get("first", 0)))
        if order["kind"] == "unary":
            return await unary(target, self._certificates[0], numbers, order["rate"], order["seconds"])
        lanes = await self._open_lanes(target, numbers)
        for lane in lanes:
            lane.latencies, lane.outcomes = [], {}
            lane.reports_passages = order["kind"] == "stream"
        if order["kind"] == "flat":
            per_second = await flat_out(lanes, order["seconds"], order.get("count", 0))
        else:
            await open_loop(lanes, order["rate"], order["seconds"])
            per_second = sum(len(lane.latencies) for lane in lanes) / order["seconds"]
        outcomes: dict[str, int] = {}
        for lane in lanes:
            for name, count in lane.outcomes.items():
                outcomes[name] = outcomes.get(name, 0) + count
        return {
            "latencies": [latency for lane in lanes for latency in lane.latencies],
            "per_second": per_second,
            "outcomes": outcomes,
        }

    async def _open_lanes(self, target: str, numbers: Numbers) -> list[Lane]:
        """Those of an earlier order, or new ones whose spools begin anew."""
        before = self._lanes.get(target)
        if before is not None:
            if not any(lane.has_ended for lane in before):
                return before
            for lane in before:
                await lane.close()
        self._epochs += 1
        lanes = [Lane(target, self._certificates[lane], lane, numbers, self._epochs) for lane in range(LANES)]
        for lane in lanes:
            await lane.open()
        self._lanes[target] = lanes
        return lanes

    async def close(self) -> None:
        for lanes in self._lanes.values():
            for lane in lanes:
                await lane.close()


async def main() -> None:
    certificates = [TlsFiles(*map(Path, row)) for row in json.loads(sys.argv[1])]
    loop = asyncio.get_running_loop()
    generator = Generator(certificates)
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        answer = await generator.carry_out(json.loads(line))
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()
    await generator.close()


if __name__ == "__main__":
    asyncio.run(main())
