"""A commit whose connection is lost on the way is made again, once and in time, and decides nothing twice."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from harness.patience import eventually
from harness.relay import Relay
from menshen_access.deciding import PATIENCE_S
from menshen_access.domain.asking import Cause, Decided, Undecided
from menshen_access.domain.store import SiteState, Standing
from menshen_access.redis.generation import SiteGenerations
from menshen_access.redis.keys import SiteKeys
from menshen_access.redis.library import COMMIT, READ
from menshen_access.redis.locator import SingleNode, place_of
from menshen_access.redis.resp import RespClient, RespLimits
from menshen_cli.local.servers import Server

SITE = "north"
GRANT = 1
TIMEOUT_S = 0.1


@dataclass
class Line:
    """A gate that reaches Redis over a relay, and the gate of the site itself for looking past it."""

    gate: Any
    site: Any
    relay: Relay

    async def events(self) -> list[bytes]:
        entries = await self.site.client.call("XRANGE", SiteKeys(SITE).events, "-", "+")
        return [entry[1][1] for entry in entries]

    def ask(self, card: str = "AA") -> "asyncio.Task[Any]":
        return asyncio.create_task(self.gate.answer(self.gate.asked(card)))

    async def loop_time_of(self, asking: "asyncio.Task[Any]") -> float:
        began = asyncio.get_running_loop().time()
        await asyncio.wait({asking})
        return asyncio.get_running_loop().time() - began


@pytest.fixture
async def line(gate: Any, valkey: Server, clock: Any, tasks: Any) -> AsyncIterator[Line]:
    """Warm: one presentation has been decided over the relay."""
    place = place_of(valkey.url, valkey.password_file)
    relay = Relay(place.port)
    await relay.start()
    generations = SiteGenerations((SITE,))
    limits = RespLimits(timeout_s=TIMEOUT_S, silence_s=10.0)
    client = RespClient(
        SingleNode(replace(place, port=relay.port)), limits, generations.prepare, generations.forget_all
    )
    generations.attach({SITE: client})
    running = asyncio.create_task(client.run())
    await asyncio.wait_for(client.wait_connected(), 10)
    await gate.put(gate.staff("c:1", "AA"))
    reached = type(gate)(client, generations, clock, tasks)
    await reached.present("AA")
    yield Line(reached, gate, relay)
    await reached.pins.close()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await relay.close()


async def test_a_decision_whose_answer_was_lost_is_found_and_not_made_twice(line: Line) -> None:
    before = len(await line.events())
    line.relay.lose_reply_to(COMMIT.encode())

    answer = await line.ask()

    assert isinstance(answer, Decided), answer
    assert not answer.is_repeated
    assert [answer.event.encode()] == (await line.events())[before:]
    assert line.relay.accepted == 2


async def test_a_commit_that_never_arrived_is_made_again(line: Line) -> None:
    before = len(await line.events())
    line.relay.lose_request(COMMIT.encode())

    answer = await line.ask()

    assert isinstance(answer, Decided), answer
    assert [answer.event.encode()] == (await line.events())[before:]


async def test_many_commits_under_way_when_the_line_is_cut_are_each_decided_once(line: Line) -> None:
    cards = [f"A{number}" for number in range(10, 50)]
    await line.site.put(*(line.site.staff(f"c:{card}", card) for card in cards))
    await asyncio.gather(*map(line.gate.present, cards))
    before = len(await line.events())
    line.relay.lose_reply_to(COMMIT.encode())

    answers = await asyncio.gather(*map(line.ask, cards))

    assert {type(answer) for answer in answers} == {Decided}
    assert sorted(answer.event.encode() for answer in answers) == sorted((await line.events())[before:])


async def test_a_look_up_whose_answer_was_lost_is_made_again(line: Line) -> None:
    await line.site.put(line.site.staff("c:2", "BB"))
    line.relay.lose_reply_to(READ.encode())

    decided = await line.gate.present("BB")

    assert decided.event.core["outcome"] == GRANT


async def test_whoever_comes_just_after_the_line_was_cut_is_decided_on(line: Line) -> None:
    line.relay.is_shut = True
    line.relay.cut()
    await eventually(lambda: not line.gate.client.is_connected)
    line.relay.is_shut = False

    decided = await line.gate.present("AA", "n-out")

    assert decided.event.core["outcome"] == GRANT


async def test_a_commit_that_may_have_been_carried_out_is_not_made_again_in_another_generation(line: Line) -> None:
    before = len(await line.events())
    line.relay.lose_reply_to(COMMIT.encode())
    line.relay.is_shut = True
    asking = line.ask()
    await eventually(lambda: not line.gate.client.is_connected)

    generation = line.site.generations.current(SITE)
    begun = await line.site.generations.begin(SITE, Standing(generation, SiteState.READY, bound=True))
    assert await line.site.generations.ready(SITE, begun)
    line.relay.is_shut = False
    answer = await asking

    assert isinstance(answer, Undecided)
    assert answer.cause in {Cause.NOT_READY, Cause.STORE_AWAY}
    assert len(await line.events()) == before + 1


async def test_a_commit_waits_for_no_primary_beyond_the_patience_of_the_lane(line: Line) -> None:
    line.relay.lose_request(COMMIT.encode())
    line.relay.is_shut = True
    asking = line.ask()

    waited_s = await line.loop_time_of(asking)
    at_once_s = await line.loop_time_of(again := line.ask())

    assert (asking.result().cause, again.result().cause) == (Cause.STORE_AWAY, Cause.STORE_AWAY)
    assert waited_s < PATIENCE_S + 1.0
    assert at_once_s < PATIENCE_S


async def test_a_redis_that_is_slow_and_alive_is_not_called_away(line: Line) -> None:
    line.relay.hold()
    late = await asyncio.gather(*(line.ask() for _ in range(30)))
    assert line.gate.generations.current(SITE) is not None
    line.relay.let_go()
    after = await line.gate.present("AA", "n-out")

    assert {answer.cause for answer in late} == {Cause.BACKPRESSURE}
    assert after.event.core["outcome"] == GRANT
    assert line.relay.accepted == 1
