"""Every promise of the morning ends met or failed, in time."""

import asyncio

import pytest
from menshen_cli.demo.expectations import Expectation, Expectations, Line, State, UnmetError, require
from menshen_cli.demo.scenes.lines import lines

PROMISE = Line("gate", "门开", "the gate opens", deadline_s=5.0)
SHORT = Line("late", "迟到", "it comes in time", deadline_s=0.01)


class Decided(list[Expectation]):
    """Hears what was decided."""


def promises(*promised: Line) -> tuple[Expectations, Decided]:
    decided = Decided()
    return Expectations(promised, asyncio.get_running_loop().time, decided.append), decided


async def test_a_check_that_ends_in_peace_meets_its_promise() -> None:
    book, decided = promises(PROMISE)

    async with book.check("gate") as line:
        line.measured = "12 ms"

    assert (book["gate"].state, book["gate"].measured) == (State.MET, "12 ms")
    assert decided == [book["gate"]]
    assert book.all_met


async def test_a_wait_that_runs_out_fails_its_promise_and_nothing_else() -> None:
    book, _ = promises(PROMISE, SHORT)

    async with book.check("late"):
        await asyncio.Event().wait()
    async with book.check("gate"):
        pass

    assert book["late"].state is State.FAILED
    assert book["late"].detail == "nothing within 0.01 s"
    assert book["gate"].state is State.MET
    assert not book.all_met


@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        (UnmetError("expected GRANT, found DENY"), "expected GRANT, found DENY"),
        (KeyError("n1-p1"), "KeyError: 'n1-p1'"),
        (ExceptionGroup("two", [UnmetError("first"), UnmetError("second")]), "first; second"),
    ],
)
async def test_whatever_breaks_in_a_check_fails_its_promise_and_is_told(trouble: Exception, said: str) -> None:
    book, _ = promises(PROMISE)

    async with book.check("gate"):
        raise trouble

    assert (book["gate"].state, book["gate"].detail) == (State.FAILED, said)


async def test_a_check_cancelled_from_outside_fails_and_lets_the_cancellation_through() -> None:
    book, _ = promises(PROMISE)
    began = asyncio.Event()

    async def scene() -> None:
        async with book.check("gate"):
            began.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(scene())
    await began.wait()
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    assert book["gate"].state is State.FAILED


async def test_a_promise_nobody_looked_at_is_not_kept() -> None:
    book, _ = promises(PROMISE)

    book.close()

    assert book["gate"].detail == "was not played"
    assert book.count(State.FAILED) == 1


async def test_the_first_failure_is_the_one_that_is_told() -> None:
    book, _ = promises(PROMISE)

    book["gate"].fail("first")
    book["gate"].fail("second")

    assert book["gate"].detail == "first"


def test_what_is_required_names_what_was_expected_and_what_was_found() -> None:
    with pytest.raises(UnmetError, match="expected GRANT, found DENY"):
        require(condition=False, expected="GRANT", found="DENY")


def test_every_line_of_the_script_is_told_in_both_languages_once() -> None:
    script = lines()

    assert len({line.key for line in script}) == len(script)
    assert all(line.zh and line.en and line.deadline_s > 0 for line in script)
