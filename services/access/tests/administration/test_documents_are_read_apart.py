"""Plans and policies are read and checked in a process that decides nothing, by whoever asks in turn."""

import asyncio
import os
import signal

import pytest
from menshen_access import draft_work
from menshen_access.giving_way import give_way, step_back
from menshen_access.plan_making import Standing, policy_checked
from menshen_access.work_apart import DocumentsApart, Worker
from menshen_servicekit.status import DomainError, Trouble

STANDING = Standing("north", 0, b"")
FAULTY = "version: 1\nlanguage: 1\nsite: north\nnonsense: 1\n"


async def test_what_is_found_there_is_what_is_found_here() -> None:
    documents = DocumentsApart()
    try:
        found = await documents.run(policy_checked, STANDING, FAULTY, None, 1)
    finally:
        await documents.close()

    assert found == policy_checked(STANDING, FAULTY, None, 1)
    assert found.faults


async def test_a_refusal_crosses_whole() -> None:
    documents = DocumentsApart()
    with pytest.raises(DomainError) as refused:
        await documents.run(draft_work.check, STANDING, FAULTY, 1)
    await documents.close()
    with pytest.raises(DomainError) as here:
        draft_work.check(STANDING, FAULTY, 1)

    told = refused.value
    assert told.fields
    assert (told.trouble, told.code, told.fields) == (Trouble.INVALID, "DOCUMENT_INVALID", here.value.fields)
    assert (told.message_zh, told.message_en) == (here.value.message_zh, here.value.message_en)


async def test_work_that_takes_too_long_is_ended_and_the_next_is_done() -> None:
    documents = DocumentsApart(most_s=5.0)
    with pytest.raises(DomainError) as refused:
        await documents.run(signal.pause)
    served = await documents.run(os.getpid)
    await documents.close()

    assert (refused.value.trouble, refused.value.code) == (Trouble.UNAVAILABLE, "DOCUMENT_UNREAD")
    assert served != os.getpid()


async def test_a_process_that_is_killed_is_told_and_another_takes_its_place() -> None:
    documents = DocumentsApart()
    first = await documents.run(os.getpid)
    waiting = asyncio.create_task(documents.run(signal.pause))
    await asyncio.wait([waiting], timeout=0)
    os.kill(first, signal.SIGKILL)

    with pytest.raises(DomainError) as refused:
        await waiting
    second = await documents.run(os.getpid)
    await documents.close()

    assert refused.value.code == "DOCUMENT_UNREAD"
    assert second != first


@pytest.mark.parametrize(("begin", "has_idle_class"), [(give_way, True), (step_back, False)])
async def test_what_only_answers_runs_when_nobody_else_does(begin: object, has_idle_class: bool) -> None:
    worker = Worker(begin=begin)  # type: ignore[arg-type]
    try:
        told = await worker.run(os.sched_getscheduler, 0), await worker.run(os.getpriority, os.PRIO_PROCESS, 0)
        session = await worker.run(os.getsid, 0)
    finally:
        worker.end()

    assert told == (os.SCHED_IDLE if has_idle_class else os.SCHED_OTHER, os.getpriority(os.PRIO_PROCESS, 0) + 10)
    assert session == os.getsid(0)
