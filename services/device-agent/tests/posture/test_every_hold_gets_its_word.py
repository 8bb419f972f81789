"""Over random programs: every hold hears of the door in time, and what it heard last is what the door is."""

from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from menshen_device_agent.events import EventKind
from menshen_device_agent.standing import REPORT_WITHIN_MS, Obstacle, Standing

from .doorway import AlarmList, locked, secured

NAMES = [("hold", "h1"), ("hold", "h2"), ("order", "o1")]
OBSTACLES = [Obstacle.NONE, Obstacle.OPEN, Obstacle.LOCK_HELD, Obstacle.UNKNOWN]
SECURED, NOT_SECURED = EventKind.DOOR_SECURED, EventKind.DOOR_NOT_SECURED


class Words:
    """A journal that keeps what was said of each hold and order."""

    def __init__(self) -> None:
        self.said: dict[tuple[str, str], list[EventKind]] = {name: [] for name in NAMES}

    def happened(self, kind: EventKind, *, door: str, detail: dict[str, str]) -> Any:
        for name in NAMES:
            if detail.get(name[0]) == name[1]:
                self.said[name].append(kind)
        return type("Event", (), {"event_id": "e"})


class Bench:
    """One door's reports on a clock of its own."""

    def __init__(self) -> None:
        self.now_ms = 0
        self.obstacle = Obstacle.NONE
        self.words = Words()
        words: Any = self.words
        self.standing = Standing("d", words, AlarmList(), lambda: self.now_ms, lambda: self.obstacle, lambda: False)
        self.standing.take(locked())

    def wait(self, milliseconds: int) -> None:
        """Time passes; the owner looks when it was told to."""
        until_ms = self.now_ms + milliseconds
        while (due_ms := self.standing.next_deadline_ms()) is not None and due_ms <= until_ms:
            self.now_ms = max(due_ms, self.now_ms)
            self.standing.look()
        self.now_ms = until_ms


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("hold"), st.lists(st.sampled_from(NAMES), unique=True)),
        st.tuples(st.just("obstacle"), st.sampled_from(OBSTACLES)),
        st.tuples(st.just("wait"), st.integers(1, 3_000)),
    ),
    max_size=25,
)


@given(STEPS, st.sampled_from([Obstacle.NONE, Obstacle.UNKNOWN]))
def test_every_hold_in_force_has_heard_what_the_door_is(steps: list[tuple[str, Any]], last: Obstacle) -> None:
    bench, named = Bench(), ()
    for step, value in [*steps, ("obstacle", last), ("wait", REPORT_WITHIN_MS)]:
        if step == "hold":
            named = tuple(value)
            bench.standing.take(secured(*named) if named else locked())
        elif step == "obstacle":
            bench.obstacle = value
        else:
            bench.standing.look()
            bench.wait(value)
        bench.standing.look()

    word = SECURED if last is Obstacle.NONE else NOT_SECURED
    assert [bench.words.said[name][-1:] for name in named] == [[word]] * len(named)


@given(STEPS)
def test_no_hold_hears_twice_in_a_row_that_the_door_is_not_secured(steps: list[tuple[str, Any]]) -> None:
    bench = Bench()
    bench.standing.take(secured(*NAMES))
    for step, value in steps:
        if step == "obstacle":
            bench.obstacle = value
        if step == "wait":
            bench.wait(value)
        bench.standing.look()

    for said in bench.words.said.values():
        assert not any(pair == (NOT_SECURED, NOT_SECURED) for pair in pairwise(said))
