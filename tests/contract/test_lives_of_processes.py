"""How every process lives: health while stores are away, calls that take too long, renewed certificates, its end."""

import asyncio
import socket
import ssl
import subprocess
from contextlib import suppress
from typing import Any

import grpc
import pytest
from cryptography import x509
from grpc_health.v1 import health_pb2, health_pb2_grpc
from harness.callers import SITE
from harness.deeds import DEEDS, do, done, locked
from harness.patience import eventually
from harness.processes import (
    AGENT,
    CALLED_NAMES,
    KEEPER,
    NOT_SERVING,
    PROCESS_NAMES,
    SERVICE_NAMES,
    SERVING,
    RunningProcesses,
)
from harness.rpcs import Answer
from menshen_cli.local.processes import log_tail
from menshen_cli.local.roster import AGENT_MODULE, SERVICES, full_environment, python_command
from menshen_servicekit.clock import SystemClock
from menshen_servicekit.health import LIVE
from menshen_servicekit.identity import Role, spiffe_uri

OK = grpc.StatusCode.OK
DEADLINE_EXCEEDED = grpc.StatusCode.DEADLINE_EXCEEDED
GIVEN_UP = frozenset({DEADLINE_EXCEEDED, grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.ABORTED})
COMMANDS = {spec.name: python_command(spec.module, *spec.arguments) for spec in SERVICES} | {
    AGENT: python_command(AGENT_MODULE)
}
STATEMENT_S = 12.0
"""No statement of a service waits longer for a lock, and so no call of ours either."""


GIVES_UP_S = 5.0
"""A process ends a call whose deadline is over within this time: long before its statement would end by itself."""


async def open_stream(processes: RunningProcesses, process: str) -> Any:
    """An endless stream of the process, admitted: its call is with the servicer."""
    deed = DEEDS[process]
    rpc = await processes.rpc(process, deed.stream)
    channel = await processes.connected(process, deed.listens)
    request = rpc.request(site=SITE, **(deed.words or {})).SerializeToString()
    call = channel.unary_stream(rpc.path)(request, timeout=60)
    streams = ("menshen_rpc_open_streams", (("method", rpc.path),))

    async def is_open() -> bool:
        return bool((await processes.metrics(process)).get(streams, 0))

    await eventually(is_open)
    return call


async def last_status(call: Any) -> grpc.StatusCode:
    """The status a stream ends with, whatever it says before."""
    try:
        async for _ in call:
            pass
    except grpc.aio.AioRpcError as error:
        return error.code()
    return OK


async def test_every_process_serves_and_lives(processes: RunningProcesses) -> None:
    for process in PROCESS_NAMES:
        assert await processes.health(process) == SERVING, process
        assert await processes.health(process, LIVE) == SERVING, process


async def test_services_and_keepers_say_so_while_postgresql_is_away_and_recover_by_themselves(
    processes: RunningProcesses,
) -> None:
    stored = (*SERVICE_NAMES, KEEPER)
    pids = {name: processes.suite.pid(name) for name in PROCESS_NAMES}
    await processes.suite.stop("postgres")
    try:
        await until_all_say(processes, stored, NOT_SERVING)
        during = {service: await do(processes, service) for service in SERVICE_NAMES}
        alive = {name: await processes.health(name, LIVE) for name in PROCESS_NAMES}
    finally:
        await processes.suite.restart("postgres")
    await until_all_say(processes, stored, SERVING)

    assert {service: answer.code for service, answer in during.items()} == dict.fromkeys(
        SERVICE_NAMES, grpc.StatusCode.UNAVAILABLE
    )
    assert alive == dict.fromkeys(PROCESS_NAMES, SERVING)
    assert {service: (await do(processes, service)).code for service in SERVICE_NAMES} == dict.fromkeys(
        SERVICE_NAMES, OK
    )
    assert {name: processes.suite.pid(name) for name in PROCESS_NAMES} == pids


async def until_all_say(processes: RunningProcesses, names: tuple[str, ...], status: int) -> None:
    async def do_all() -> bool:
        return all([await processes.health(name) == status for name in names])

    await eventually(do_all, deadline_s=30)


async def test_access_says_so_while_redis_is_away_and_recovers_by_itself(processes: RunningProcesses) -> None:
    pid = processes.suite.pid("access")
    await processes.suite.stop("valkey")
    try:
        await until_all_say(processes, ("access",), NOT_SERVING)
        others = {name: await processes.health(name) for name in PROCESS_NAMES if name != "access"}
    finally:
        await processes.suite.restart("valkey")
    await until_all_say(processes, ("access",), SERVING)

    assert others == dict.fromkeys(others, SERVING)
    assert processes.suite.pid("access") == pid


@pytest.mark.parametrize("process", CALLED_NAMES)
async def test_a_deadline_in_the_past_is_exceeded(processes: RunningProcesses, process: str) -> None:
    assert (await do(processes, process, deadline_s=-1.0)).code is DEADLINE_EXCEEDED


@pytest.mark.parametrize("process", SERVICE_NAMES)
async def test_a_call_that_outlives_its_deadline_has_done_nothing(processes: RunningProcesses, process: str) -> None:
    await processes.connected(process)
    before = await done(processes, process)

    answer = await overdue(processes, process)

    assert answer.code is DEADLINE_EXCEEDED
    assert await done(processes, process) == before


async def overdue(processes: RunningProcesses, process: str) -> Answer:
    """The answer to a call that waited for a lock until its deadline was over, for the process as well.

    A call that does not come as far as the lock says nothing; on a busy machine the next one has more time.
    """
    for deadline_s in (2.0, 8.0):
        answer = await overdue_at(processes, process, deadline_s)
        if answer is not None:
            return answer
    raise AssertionError("no call came as far as the lock")


async def overdue_at(processes: RunningProcesses, process: str, deadline_s: float) -> Answer | None:
    """The caller hears of the end first: a lock let go before the process does would let the call through, rightly."""
    async with locked(processes, process) as is_waited_for:
        call = asyncio.create_task(do(processes, process, deadline_s=deadline_s))

        async def came_as_far() -> str:
            return "lock" if await is_waited_for() else "end" if call.done() else ""

        async def gave_up() -> bool:
            return not await is_waited_for()

        reached = await eventually(came_as_far, deadline_s=deadline_s + 1)
        answer = await call
        if reached == "end":
            return None
        await eventually(gave_up, deadline_s=GIVES_UP_S)
        return answer


async def test_a_unary_call_without_a_deadline_ends_all_the_same(processes: RunningProcesses) -> None:
    async def answer_of(process: str) -> Answer:
        async with locked(processes, process), asyncio.timeout(STATEMENT_S):
            return await do(processes, process, deadline_s=None)

    answers = dict(zip(SERVICE_NAMES, await asyncio.gather(*map(answer_of, SERVICE_NAMES)), strict=True))

    for service, answer in answers.items():
        assert answer.code in GIVEN_UP, (service, answer)
        assert answer.error is not None
        assert answer.error.message_zh != answer.error.message_en


def served_certificate(processes: RunningProcesses, process: str) -> int:
    """The serial number of the certificate that a new connection is shown."""
    files = processes.suite.tls()
    context = ssl.create_default_context(cafile=str(files.trust_file))
    context.load_cert_chain(files.certificate_file, files.key_file)
    host, port = processes.suite.addresses(process).grpc.rsplit(":", 1)
    with (
        socket.create_connection((host, int(port)), timeout=5) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as secure,
    ):
        return x509.load_der_x509_certificate(secure.getpeercert(binary_form=True) or b"").serial_number


def renew(processes: RunningProcesses, process: str) -> None:
    """Replace the certificate files of a process by new ones."""
    service = process != AGENT
    uri = spiffe_uri(Role.SERVICE, process) if service else spiffe_uri(Role.AGENT, AGENT.removeprefix("agent-"), SITE)
    name = processes.suite.tls(uri).certificate_file.stem
    dns = [process, "localhost"] if service else ["localhost"]
    processes.suite.pki.authority.issue(name, uri, SystemClock().now_ms(), dns=dns)


@pytest.mark.parametrize("process", CALLED_NAMES)
async def test_a_renewed_certificate_is_shown_to_new_connections_and_old_ones_live_on(
    processes: RunningProcesses, process: str
) -> None:
    stream = await open_stream(processes, process)
    before = await asyncio.to_thread(served_certificate, processes, process)

    renew(processes, process)

    assert await asyncio.to_thread(served_certificate, processes, process) != before
    assert not stream.done()
    assert (await do(processes, process)).code is OK
    stream.cancel()


async def follow_health(address: str, told: list[int]) -> None:
    """Add to `told` what the plaintext port tells a watcher, until it closes."""
    async with grpc.aio.insecure_channel(address) as channel:
        stub: Any = health_pb2_grpc.HealthStub(channel)
        watch = stub.Watch(health_pb2.HealthCheckRequest(), timeout=60)
        with suppress(grpc.aio.AioRpcError):
            while (answer := await watch.read()) is not grpc.aio.EOF:
                told.append(answer.status)


@pytest.mark.parametrize("process", CALLED_NAMES)
async def test_a_stopped_process_ends_what_it_began_and_tells_everybody(
    processes: RunningProcesses, process: str
) -> None:
    told: list[int] = []
    watcher = asyncio.create_task(follow_health(processes.suite.addresses(process).health, told))
    stream = await open_stream(processes, process)
    ending = asyncio.create_task(last_status(stream))

    if DEEDS[process].table:
        before = await done(processes, process)
        async with locked(processes, process) as is_waited_for:
            call = asyncio.create_task(do(processes, process))
            await eventually(is_waited_for)
            stop = asyncio.create_task(processes.suite.stop(process))
            await ending
        assert (await call).code is OK
        assert await done(processes, process) == before + 1
    else:
        stop = asyncio.create_task(processes.suite.stop(process))

    assert await stop == 0, log_tail(processes.suite.log_file(process))
    assert await ending in {OK, grpc.StatusCode.UNAVAILABLE}
    await watcher
    assert told == [SERVING, NOT_SERVING]
    await processes.suite.restart(process)
    assert (await do(processes, process)).code is OK


async def test_a_stopped_keeper_tells_everybody_and_nobody_else_stops(processes: RunningProcesses) -> None:
    told: list[int] = []
    watcher = asyncio.create_task(follow_health(processes.suite.addresses(KEEPER).health, told))
    await eventually(lambda: told == [SERVING])

    status = await processes.suite.stop(KEEPER)
    await watcher
    others = {name: await processes.health(name) for name in CALLED_NAMES}
    await processes.suite.restart(KEEPER)

    assert status == 0, log_tail(processes.suite.log_file(KEEPER))
    assert told == [SERVING, NOT_SERVING]
    assert others == dict.fromkeys(CALLED_NAMES, SERVING)
    assert await processes.serves(KEEPER)


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_a_process_refuses_bad_settings_and_names_each_of_them(command: list[str]) -> None:
    settings = {"MENSHEN_LOG_LEVEL": "hunter2", "MENSHEN_KEY_FILE": "key.pem"}

    ended = subprocess.run(
        command, env=full_environment(settings), capture_output=True, text=True, timeout=60, check=False
    )

    assert ended.returncode == 2
    assert ended.stdout == ""
    assert {"MENSHEN_CERTIFICATE_FILE: missing", "MENSHEN_LOG_LEVEL: expected debug or info or warning or error"} <= {
        line.partition(",")[0] for line in ended.stderr.splitlines()
    }
    assert "MENSHEN_KEY_FILE" not in ended.stderr
    assert "hunter2" not in ended.stderr
