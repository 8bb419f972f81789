"""Decisions while what they are made on changes between judgement and commit, as when a spool is merged."""

from collections.abc import Callable
from typing import Any

from menshen_access.domain.asking import Decided
from menshen_access.domain.store import CommitAnswer, CommitRequest
from menshen_access.ports import StoreAwayError
from menshen_access.redis.commit import RedisStore
from menshen_rulebook.types import Outcome

SITE = "north"
ALWAYS, EVERY_OTHER = range(1, 10), range(2, 100, 2)
"""Commits that somebody else is quicker than."""


class Hurried(RedisStore):
    """Some commits come after somebody else has moved the subject."""

    def __init__(self, gate: Any, tasks: Any, subject_id: str, late: range) -> None:
        super().__init__({SITE: gate.client}, gate.generations, 10_000)
        self._client, self._tasks = gate.client, tasks
        self._presences = gate.generations.keys[SITE].presence
        self._subject_id, self._late = subject_id, late
        self.commits = 0

    def commit(
        self, site: str, request: CommitRequest, settled: Callable[[CommitAnswer | StoreAwayError], None]
    ) -> None:
        self.commits += 1
        if self.commits not in self._late:
            super().commit(site, request, settled)
            return
        self._tasks.once("hurried", self._move_first(lambda: super(Hurried, self).commit(site, request, settled)))

    async def _move_first(self, then: Callable[[], None]) -> None:
        held = await self._client.call("HGET", self._presences, self._subject_id)
        version, _, rest = (held or b"0\x1d\x1d").partition(b"\x1d")
        await self._client.call("HSET", self._presences, self._subject_id, b"%d\x1d%s" % (int(version) + 1, rest))
        then()


async def present_hurried(gate: Any, tasks: Any, card: str, access_point: str, late: range) -> tuple[Decided, int]:
    """The decision, and in how many commits it came."""
    store = Hurried(gate, tasks, "c:1", late)
    gate.deciding = gate.deciding_with(store)
    return await gate.present(card, access_point), store.commits


def codes(decided: Decided) -> list[str]:
    return [reason[0] for reason in decided.event.core["reasons"]]


async def test_a_holder_who_is_moved_all_the_while_is_decided_on(gate: Any, tasks: Any) -> None:
    await gate.put(gate.staff("c:1", "AA"))

    decided, commits = await present_hurried(gate, tasks, "AA", "l-in", ALWAYS)

    assert decided.event.core["outcome"] == int(Outcome.GRANT)
    assert commits == len(ALWAYS) + 1


async def test_a_used_credential_stays_used_while_its_holder_is_moved(gate: Any, tasks: Any) -> None:
    await gate.put(gate.staff("c:1", "AA", single_use=True))
    await gate.present("AA", "n-in")

    decided, commits = await present_hurried(gate, tasks, "AA", "n-in", EVERY_OTHER)

    assert codes(decided) == ["CREDENTIAL_USED"]
    assert commits == 3


async def test_a_full_area_stays_full_while_its_visitor_is_moved(gate: Any, tasks: Any) -> None:
    lab = {"id": "lab", "parent": "campus", "limit": 1, "anti_passback": "SOFT"}
    areas = [{"id": "outside"}, {"id": "campus", "limit": 9}, lab]
    await gate.put_plan(gate.plan(version=2, areas=areas))
    await gate.put(gate.staff("c:1", "AA"), gate.staff("c:2", "BB"))
    await gate.present("BB", "l-in")

    decided, commits = await present_hurried(gate, tasks, "AA", "l-in", EVERY_OTHER)

    assert "AREA_FULL" in codes(decided)
    assert commits == 3
