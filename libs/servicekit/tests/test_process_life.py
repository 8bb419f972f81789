"""The life of a process: ordered shutdown, signals, settings errors, the address file. Real processes, real signals."""

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc  # type: ignore[import-untyped]
from menshen_servicekit.lifecycle import Closer, run
from menshen_servicekit.settings import ProcessSettings
from menshen_servicekit.status import domain_error_of

PROGRAM = Path(__file__).with_name("programs") / "notes_process.py"


class Started:
    """A program of this test and its settings."""

    def __init__(self, process: asyncio.subprocess.Process, address_file: Path) -> None:
        self.process = process
        self._address_file = address_file

    async def addresses(self) -> dict[str, str]:
        async with asyncio.timeout(20):
            while not self._address_file.exists():
                if self.process.returncode is not None:
                    raise AssertionError((await self.errors())[-2000:])
                await asyncio.sleep(0.01)
        return dict(json.loads(self._address_file.read_text()))

    async def end(self) -> int:
        async with asyncio.timeout(20):
            return await self.process.wait()

    async def errors(self) -> str:
        assert self.process.stderr is not None
        return (await self.process.stderr.read()).decode()

    async def said(self, word: str) -> None:
        """Wait until the log holds `word`."""
        assert self.process.stderr is not None
        async with asyncio.timeout(20):
            while word not in (await self.process.stderr.readline()).decode():
                if self.process.stderr.at_eof():
                    raise AssertionError(f"ended without {word}")


@contextlib.asynccontextmanager
async def started(house: Any, *arguments: str, **extra: str) -> AsyncIterator[Started]:
    files = house.server_files
    environ = {
        **{name: value for name, value in os.environ.items() if not name.startswith("MENSHEN_")},
        "MENSHEN_CERTIFICATE_FILE": str(files.certificate_file),
        "MENSHEN_KEY_FILE": str(files.key_file),
        "MENSHEN_TRUST_FILE": str(files.trust_file),
        "MENSHEN_ADDRESS_FILE": str(house.folder / "addresses.json"),
        **extra,
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(PROGRAM), *arguments, env=environ, stderr=asyncio.subprocess.PIPE
    )
    try:
        yield Started(process, house.folder / "addresses.json")
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def health_of(address: str) -> int:
    async with grpc.aio.insecure_channel(address) as channel:
        answer = await health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(), timeout=5)
        return int(answer.status)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_open_streams_and_then_everything_in_reverse(house: Any, number: signal.Signals) -> None:
    async with started(house) as program:
        addresses = await program.addresses()
        client = await house.client(addresses["grpc"])
        watching, stubborn = client.tell(house.note(text="watch")), client.tell(house.note(text="ignore"))
        await watching.read()
        await stubborn.read()
        assert await health_of(addresses["health"]) == health_pb2.HealthCheckResponse.SERVING

        program.process.send_signal(number)

        assert (await watching.read()).text == "goodbye"
        assert await watching.read() is grpc.aio.EOF
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await stubborn.read()
        assert domain_error_of(caught.value).code == "STOPPING"
        assert await program.end() == 0
        lines = [json.loads(line) for line in (await program.errors()).splitlines()]
    events = [" ".join(filter(None, (line["event"], line.get("resource")))) for line in lines]
    assert events[events.index("stopping") :] == [
        "stopping",
        "drained",
        "loop_ended",
        "closed second",
        "closed first",
        "stopped",
    ]
    assert not (house.folder / "addresses.json").exists()


async def test_health_is_not_serving_while_streams_end(house: Any) -> None:
    async with started(house) as program:
        addresses = await program.addresses()
        client = await house.client(addresses["grpc"])
        stubborn = client.tell(house.note(text="ignore"))
        await stubborn.read()
        async with grpc.aio.insecure_channel(addresses["health"]) as channel:
            watch = health_pb2_grpc.HealthStub(channel).Watch(health_pb2.HealthCheckRequest(), timeout=20)
            before = await watch.read()

            program.process.send_signal(signal.SIGTERM)
            after = await watch.read()
            watch.cancel()

        assert (before.status, after.status) == (
            health_pb2.HealthCheckResponse.SERVING,
            health_pb2.HealthCheckResponse.NOT_SERVING,
        )
        assert await program.end() == 0


async def test_a_unary_call_in_flight_is_answered_during_the_stop(house: Any) -> None:
    async with started(house) as program:
        client = await house.client((await program.addresses())["grpc"])
        call = client.say(house.note(text="slow"), timeout=10)
        await program.said("slow_call_began")

        program.process.send_signal(signal.SIGTERM)

        assert (await call).text == "slow"
        assert await program.end() == 0


async def test_a_signal_before_serving_interrupts_the_start(house: Any) -> None:
    async with started(house, "hang") as program:
        await program.said("hanging")

        program.process.send_signal(signal.SIGTERM)

        assert await program.end() == 1
        assert '"resource": "first"' in await program.errors()


async def test_a_command_runs_closes_what_it_opened_and_ends(house: Any) -> None:
    async with started(house, "once") as program:
        assert await program.end() == 0
        assert '"resource": "first"' in await program.errors()


async def test_an_unexpected_end_is_logged_without_its_text_and_exits_1(house: Any) -> None:
    async with started(house, "fail") as program:
        assert await program.end() == 1
        errors = await program.errors()

    assert '"fault": "RuntimeError"' in errors
    assert "13900001111" not in errors


async def test_a_process_that_cannot_write_its_addresses_ends(house: Any) -> None:
    async with started(house, MENSHEN_ADDRESS_FILE=str(house.folder / "missing" / "addresses.json")) as program:
        assert await program.end() == 1
        assert '"fault": "FileNotFoundError"' in await program.errors()


async def test_wrong_settings_are_all_listed_and_exit_2(house: Any) -> None:
    async with started(house, MENSHEN_KEY_FILE="", MENSHEN_LOG_LEVEL="loud") as program:
        assert await program.end() == 2

        assert (await program.errors()).splitlines() == [
            "MENSHEN_KEY_FILE: missing, expected a path",
            "MENSHEN_LOG_LEVEL: expected debug or info or warning or error",
        ]


async def test_a_variable_nobody_reads_is_only_warned_about(house: Any) -> None:
    async with started(house, "once", MENSHEN_LISTNE="x") as program:
        assert await program.end() == 0
        assert "MENSHEN_LISTNE" in await program.errors()


def test_an_unknown_command_says_how_it_is_used(capsys: pytest.CaptureFixture[str]) -> None:
    async def nothing(process: Any) -> None:
        """Do nothing."""

    status = run("notes", ProcessSettings, nothing, {"migrate": nothing}, arguments=["migrat"])

    assert status == 2
    assert capsys.readouterr().err == "usage: python -m menshen_notes [migrate]\n"


async def test_a_resource_that_hangs_or_fails_does_not_keep_others_open(kit_log: Any) -> None:
    closed: list[str] = []

    def closing(title: str) -> Callable[[], Any]:
        async def close() -> None:
            closed.append(title)

        return close

    async def hang() -> None:
        await asyncio.Event().wait()

    async def fail() -> None:
        raise OSError("gone")

    closer = Closer()
    closer.push("first", closing("first"))
    closer.push("hangs", hang, timeout_s=0.01)
    closer.push("fails", fail)
    closer.push("last", closing("last"))

    async with asyncio.timeout(5):
        await closer.close()

    assert closed == ["last", "first"]
    assert [json.loads(line)["resource"] for line in kit_log.getvalue().splitlines()] == ["fails", "hangs"]
