"""Whatever arrives, the answer is precise, in both languages, and nothing breaks or changes."""

import asyncio
from collections.abc import Iterable, Iterator
from typing import Any

import grpc
import pytest
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from harness.callers import SITE
from harness.fields import Leaf, has_path, leaves
from harness.permissions import ALLOWED
from harness.processes import CALLED_NAMES, RunningProcesses
from harness.rpcs import Answer, Rpc, ask, ask_all
from menshen_cli.local.provision import administration
from menshen_servicekit.server import ServerLimits

OK = grpc.StatusCode.OK
INVALID = grpc.StatusCode.INVALID_ARGUMENT
BROKEN = frozenset({grpc.StatusCode.INTERNAL, grpc.StatusCode.UNKNOWN, grpc.StatusCode.UNAVAILABLE})
NO_SUCH_MEMBER = 99
SILENCE_S, PATIENCE_S = 1.0, 20.0
CALLS_AT_ONCE = 40
LATER_FIELD = b"\xf8\xff\x03\x01"
IN_A_DOCUMENT = "DOCUMENT_INVALID"
"""Fields of this error are paths of the document that was sent, not of the request."""
UNBOUND = ("operator of all sites", "service safety", "service access", "service portal")

TEXTS = ("\x00", "'; DROP TABLE x; --", "\u202e" + "长" * 3_000, "../../etc/passwd", "{{7*7}}", " ")
INTEGERS = (-1, 2**31 - 1, 2**63 - 1, -(2**63), 2**64 - 1)
HOSTILE: dict[int, tuple[Any, ...]] = {
    FieldDescriptor.CPPTYPE_STRING: TEXTS,
    FieldDescriptor.CPPTYPE_ENUM: (NO_SUCH_MEMBER, -1),
    FieldDescriptor.CPPTYPE_DOUBLE: (float("nan"), float("inf"), -1e308),
    **dict.fromkeys(
        (
            FieldDescriptor.CPPTYPE_INT32,
            FieldDescriptor.CPPTYPE_INT64,
            FieldDescriptor.CPPTYPE_UINT32,
            FieldDescriptor.CPPTYPE_UINT64,
        ),
        INTEGERS,
    ),
}


def a_caller_of(rpc: Rpc) -> str:
    """One who is admitted, one that no site binds where there is one."""
    return next((caller for caller in UNBOUND if caller in ALLOWED[rpc.path]), "agent of the site")


async def answers_of(processes: RunningProcesses, process: str, calls: Iterable[tuple[Rpc, Any]]) -> list[Answer]:
    """Make calls as those who may; a stream that stays silent says DEADLINE_EXCEEDED."""
    places = asyncio.Semaphore(CALLS_AT_ONCE)

    async def answer(rpc: Rpc, request: Message | bytes) -> Answer:
        async with places:
            channel = processes.channel(process, a_caller_of(rpc))
            return await ask(channel, rpc, request, deadline_s=PATIENCE_S if rpc.answers_once else SILENCE_S)

    return await asyncio.gather(*(answer(rpc, request) for rpc, request in calls))


def explained(rpc: Rpc, answer: Answer) -> bool:
    """Whether an error says what is wrong in both languages, and names only fields there are."""
    error = answer.error
    return (
        error is not None
        and error.code not in {"", answer.code.name}
        and bool(error.message_zh.strip())
        and error.message_zh != error.message_en
        and (error.code == IN_A_DOCUMENT or all(has_path(rpc.request_type, field.path) for field in error.fields))
        and all(field.message_zh.strip() and field.message_en.strip() for field in error.fields)
    )


@pytest.mark.parametrize("process", CALLED_NAMES)
async def test_a_request_without_a_site_is_told_so(processes: RunningProcesses, process: str) -> None:
    unbound = [rpc for rpc in await processes.rpcs(process) if a_caller_of(rpc) in UNBOUND]

    answers = await answers_of(processes, process, [(rpc, rpc.request()) for rpc in unbound])

    told = {
        rpc.path: (answer.code, [field.path for field in answer.error.fields] if answer.error else [])
        for rpc, answer in zip(unbound, answers, strict=True)
    }
    assert {path: said for path, said in told.items() if said[0] is not INVALID or "site" not in said[1]} == {}


@pytest.mark.parametrize("process", CALLED_NAMES)
async def test_a_request_that_only_names_its_site_is_answered_or_explained(
    processes: RunningProcesses, process: str
) -> None:
    rpcs = await processes.rpcs(process)

    answers = await answers_of(processes, process, [(rpc, rpc.request(site=SITE)) for rpc in rpcs])

    unexplained = {
        rpc.path: answer
        for rpc, answer in zip(rpcs, answers, strict=True)
        if answer.code not in {OK, grpc.StatusCode.DEADLINE_EXCEEDED} and not explained(rpc, answer)
    }
    assert unexplained == {}


def with_value(rpc: Rpc, leaf: Leaf, value: Any) -> Message | None:
    """A request with one field set, or None when the field cannot hold the value."""
    request = rpc.request(site=SITE)
    try:
        leaf.put(request, value)
    except (ValueError, UnicodeEncodeError):
        return None
    return request


def hostile_requests(rpc: Rpc) -> Iterator[tuple[str, Message]]:
    for leaf in leaves(rpc.request_type):
        for value in HOSTILE.get(leaf.field.cpp_type, ()):
            request = with_value(rpc, leaf, value)
            if request is not None:
                yield f"{rpc.path} {'.'.join(leaf.path)}={value!r:.20}", request


@pytest.mark.parametrize("process", CALLED_NAMES)
async def test_no_value_of_any_field_breaks_a_server(processes: RunningProcesses, process: str) -> None:
    named = [(name, rpc, request) for rpc in await processes.rpcs(process) for name, request in hostile_requests(rpc)]

    answers = await answers_of(processes, process, [(rpc, request) for _, rpc, request in named])

    broken = {
        name: (answer.code.name, answer.details)
        for (name, *_), answer in zip(named, answers, strict=True)
        if answer.code in BROKEN
    }
    assert broken == {}
    assert processes.suite.ended() == []


@pytest.mark.parametrize("process", CALLED_NAMES)
async def test_an_enum_value_nobody_defined_is_refused(processes: RunningProcesses, process: str) -> None:
    named = [
        (".".join(leaf.path), rpc, with_value(rpc, leaf, NO_SUCH_MEMBER))
        for rpc in await processes.rpcs(process)
        for leaf in leaves(rpc.request_type)
        if leaf.field.enum_type is not None
    ]

    answers = await answers_of(processes, process, [(rpc, request) for _, rpc, request in named])

    admitted = {
        (rpc.path, path): answer
        for (path, rpc, _), answer in zip(named, answers, strict=True)
        if answer.code is not INVALID or not explained(rpc, answer)
    }
    assert admitted == {}


@pytest.mark.parametrize("process", CALLED_NAMES)
async def test_bytes_that_are_no_message_are_refused_as_the_callers_fault(
    processes: RunningProcesses, process: str
) -> None:
    rpcs = await processes.rpcs(process)

    answers = await answers_of(processes, process, [(rpc, b"\xff\xff\xff\xff") for rpc in rpcs])

    assert {
        rpc.path: a for rpc, a in zip(rpcs, answers, strict=True) if a.code is not INVALID or not explained(rpc, a)
    } == {}


async def rows_of(processes: RunningProcesses, schema: str) -> dict[str, tuple[int, int]]:
    """How many rows each table of a schema has, and the newest transaction that wrote one."""
    async with administration(processes.suite.postgres, "menshen") as connection:
        tables = await connection.fetch(
            "SELECT relname FROM pg_class WHERE relnamespace = $1::text::regnamespace AND relkind = 'r'", schema
        )
        counted = "SELECT count(*), coalesce(max(xmin::text::bigint), 0) FROM {}.{}"
        return {
            name: tuple(await connection.fetchrow(counted.format(schema, name))) for name in [row[0] for row in tables]
        }


@pytest.mark.parametrize("service", ["identity", "vehicles", "safety"])
async def test_what_is_refused_as_bad_input_changes_nothing(processes: RunningProcesses, service: str) -> None:
    rpcs = await processes.rpcs(service)
    refused: list[tuple[Rpc, Any]] = [(rpc, b"\xff\xff\xff\xff") for rpc in rpcs]
    refused += [(rpc, rpc.request(site="\x00")) for rpc in rpcs]
    refused += [
        (rpc, with_value(rpc, leaf, NO_SUCH_MEMBER))
        for rpc in rpcs
        for leaf in leaves(rpc.request_type)
        if leaf.field.enum_type is not None
    ]
    before = await rows_of(processes, service)

    answers = await answers_of(processes, service, refused)

    assert OK not in {answer.code for answer in answers}
    assert len(before) > 5
    assert await rows_of(processes, service) == before


@pytest.mark.parametrize("process", CALLED_NAMES)
async def test_a_message_over_four_mebibytes_is_refused(processes: RunningProcesses, process: str) -> None:
    caller = "operator of all sites"
    rpcs = [rpc for rpc in await processes.rpcs(process) if a_caller_of(rpc) == caller][::5]
    too_large = bytes(ServerLimits().max_receive_bytes + 1)
    channel = processes.callers.channel(
        caller, processes.suite.addresses(process).grpc, max_message_bytes=2 * len(too_large)
    )

    answers = await ask_all(channel, [(rpc, too_large) for rpc in rpcs], 10.0)
    await channel.close()

    assert {answer.code for answer in answers} == {grpc.StatusCode.RESOURCE_EXHAUSTED}


@pytest.mark.parametrize("process", CALLED_NAMES)
async def test_fields_of_a_later_version_are_ignored(processes: RunningProcesses, process: str) -> None:
    rpcs = [rpc for rpc in await processes.rpcs(process) if rpc.descriptor.name.startswith(("List", "Get"))]
    plain = [(rpc, rpc.request(site=SITE).SerializeToString()) for rpc in rpcs]

    without = await answers_of(processes, process, plain)
    with_more = await answers_of(processes, process, [(rpc, request + LATER_FIELD) for rpc, request in plain])

    assert len(rpcs) > 0
    assert [answer.code for answer in with_more] == [answer.code for answer in without]
