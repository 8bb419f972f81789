"""Tasks have an owner: failures are counted and repeated, closing leaves nothing behind."""

import asyncio
from typing import Any

import pytest
from menshen_servicekit.supervision import Backoff, Tasks
from menshen_servicekit.telemetry import Metrics

QUICK = Backoff(first_s=0.001, most_s=0.002)


async def test_a_failing_loop_is_started_again_until_it_returns(kit_log: Any) -> None:
    metrics, runs = Metrics(), 0

    async def work() -> None:
        nonlocal runs
        runs += 1
        if runs < 4:
            raise ValueError("13900001111")

    tasks = Tasks(metrics, QUICK)
    async with asyncio.timeout(5):
        await tasks.keep("loop", work)

    assert runs == 4
    assert metrics.registry.get_sample_value("menshen_task_failures_total", {"task": "loop"}) == 3
    assert kit_log.getvalue().count("task_failed") == 3
    assert "13900001111" not in kit_log.getvalue()


async def test_closing_cancels_and_awaits_what_runs() -> None:
    started, ended = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        started.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    tasks = Tasks(Metrics())
    task = tasks.keep("loop", work)
    async with asyncio.timeout(5):
        await started.wait()
        await tasks.close()

    assert task.cancelled()
    assert ended.is_set()


async def test_work_whose_clean_up_fails_is_not_started_again_while_closing() -> None:
    started, runs = asyncio.Event(), 0

    async def work() -> None:
        nonlocal runs
        runs += 1
        started.set()
        try:
            await asyncio.Event().wait()
        finally:
            raise ConnectionResetError

    tasks = Tasks(Metrics(), QUICK)
    task = tasks.keep("loop", work)
    async with asyncio.timeout(5):
        await started.wait()
        await tasks.close()

    assert task.cancelled()
    assert runs == 1


async def test_a_task_started_while_closing_is_closed_too() -> None:
    tasks = Tasks(Metrics())
    late: list[asyncio.Task[None]] = []

    async def forever() -> None:
        await asyncio.Event().wait()

    async def work() -> None:
        try:
            await forever()
        finally:
            late.append(tasks.once("late", forever()))

    tasks.once("first", work())
    async with asyncio.timeout(5):
        await asyncio.sleep(0)
        await tasks.close()

    assert [task.cancelled() for task in late] == [True]


async def test_a_failure_of_a_single_run_reaches_its_waiter() -> None:
    async def work() -> None:
        raise LookupError

    with pytest.raises(LookupError):
        await Tasks(Metrics()).once("single", work())


def test_pauses_double_up_to_the_longest() -> None:
    backoff = Backoff(first_s=0.1, most_s=1.0)

    assert [backoff.pause_s(failures, 0.0) for failures in (1, 2, 3, 4, 5, 500)] == [0.1, 0.2, 0.4, 0.8, 1.0, 1.0]
    assert backoff.pause_s(5, 0.999) > 0.5
