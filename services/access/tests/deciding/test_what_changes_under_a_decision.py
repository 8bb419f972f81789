"""Decisions while what they are made on changes between judgement and commit, as when a spool is merged."""

from collections.abc import Callable
from typing import Any

import pytest
from menshen_access.deciding import PATIENCE_S, ROUNDS
from menshen_access.domain.asking import Answer, Asked, Decided, Undecided
from menshen_access.domain.store import CommitAnswer, CommitRequest
from menshen_access.ports import StoreAwayError
from menshen_access.redis.commit import RedisStore
from menshen_rulebook.types import Outcome
from menshen_servicekit.clock import SystemClock

SITE, MOVED = "north", "c:1"
ALWAYS, EVERY_OTHER = range(1, 10), range(2, 100, 2)
"""Commits that somebody else is quicker than."""


class StoppedWatch(SystemClock):
    """The time of the machine, and intervals that pass by hand: how busy the machine is decides nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.passed_s = 0.0

    def monotonic(self) -> float:
        return self.passed_s


class Hurried(RedisStore):
    """Some commits come after somebody else has moved the subject."""

    def __init__(self, gate: Any, tasks: Any, late: range, takes_s: float) -> None:
        super().__init__({SITE: gate.client}, gate.generations, 10_000)
        self._client, self._tasks = gate.client, tasks
        self._presences = gate.generations.keys[SITE].presence
        self._clock, self._late, self._takes_s = gate.clock, late, takes_s
        self.commits = 0

    def commit(
        self, site: str, request: CommitRequest, settled: Callable[[CommitAnswer | StoreAwayError], None]
    ) -> None:
        self.commits += 1
        self._clock.passed_s += self._takes_s
        if self.commits not in self._late:
            super().commit(site, request, settled)
            return
        self._tasks.once("hurried", self._move_first(lambda: super(Hurried, self).commit(site, request, settled)))

    async def _move_first(self, then: Callable[[], None]) -> None:
        held = await self._client.call("HGET", self._presences, MOVED)
        version, _, rest = (held or b"0\x1d\x1d").partition(b"\x1d")
        await self._client.call("HSET", self._presences, MOVED, b"%d\x1d%s" % (int(version) + 1, rest))
        then()


async def answer_hurried(gate: Any, tasks: Any, asked: Asked, late: range, takes_s: float = 0.0) -> tuple[Answer, int]:
    """The answer, and after how many commits, each of which takes that long."""
    gate.clock = StoppedWatch()
    store = Hurried(gate, tasks, late, takes_s)
    gate.deciding = gate.deciding_with(store)
    return await gate.answer(asked), store.commits


async def decide_hurried(gate: Any, tasks: Any, asked: Asked, late: range) -> tuple[Decided, int]:
    answer, commits = await answer_hurried(gate, tasks, asked, late)
    assert isinstance(answer, Decided)
    return answer, commits


def codes(decided: Decided) -> list[str]:
    return [reason[0] for reason in decided.event.core["reasons"]]


async def test_a_holder_who_is_moved_all_the_while_is_decided_on(gate: Any, tasks: Any) -> None:
    await gate.put(gate.staff("c:1", "AA"))

    decided, commits = await decide_hurried(gate, tasks, gate.asked("AA", "l-in"), ALWAYS)

    assert decided.event.core["outcome"] == int(Outcome.GRANT)
    assert commits == len(ALWAYS) + 1


async def test_a_used_credential_stays_used_while_its_holder_is_moved(gate: Any, tasks: Any) -> None:
    await gate.put(gate.staff("c:1", "AA", single_use=True))
    await gate.present("AA", "n-in")

    decided, commits = await decide_hurried(gate, tasks, gate.asked("AA", "n-in"), EVERY_OTHER)

    assert codes(decided) == ["CREDENTIAL_USED"]
    assert commits == 3


async def test_a_full_area_stays_full_while_its_visitor_is_moved(gate: Any, tasks: Any) -> None:
    lab = {"id": "lab", "parent": "campus", "limit": 1, "anti_passback": "SOFT"}
    areas = [{"id": "outside"}, {"id": "campus", "limit": 9}, lab]
    await gate.put_plan(gate.plan(version=2, areas=areas))
    await gate.put(gate.staff("c:1", "AA"), gate.staff("c:2", "BB"))
    await gate.present("BB", "l-in")

    decided, commits = await decide_hurried(gate, tasks, gate.asked("AA", "l-in"), EVERY_OTHER)

    assert "AREA_FULL" in codes(decided)
    assert commits == 3


@pytest.mark.parametrize(("moved", "kind"), [(ROUNDS - 1, Decided), (ROUNDS, Undecided)])
async def test_past_the_patience_of_the_gate_few_attempts_are_left(
    gate: Any, tasks: Any, moved: int, kind: type[Decided | Undecided]
) -> None:
    await gate.put(gate.staff("c:1", "AA"))

    answer, commits = await answer_hurried(gate, tasks, gate.asked("AA", "l-in"), range(1, moved + 1), PATIENCE_S)

    assert isinstance(answer, kind)
    assert commits == ROUNDS
