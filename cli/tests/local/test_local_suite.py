"""The suite as a whole: what it starts, restarts and leaves behind, with a stand-in for every service."""

import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
import pytest_asyncio
from harness.patience import eventually
from menshen_cli.local.language import LocalError
from menshen_cli.local.processes import ProcessEndedError
from menshen_cli.local.roster import SERVICES, AgentSpec, with_several
from menshen_cli.local.runfolder import RunFolder, published_addresses
from menshen_cli.local.suite import Suite

HERE = Path(__file__).parent
STAND_INS = tuple(replace(service, module="stand_in_service") for service in SERVICES)
WITH_STAND_INS = {service.name: {"PYTHONPATH": str(HERE)} for service in SERVICES}


def stand_in_suite(folder: Path, **settings: str) -> Suite:
    changed = {name: {**WITH_STAND_INS[name], **settings} for name in WITH_STAND_INS}
    return Suite(folder, services=STAND_INS, settings=changed, durable=False)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def suite(run_folder: Path) -> AsyncIterator[Suite]:
    async with stand_in_suite(run_folder / "suite", MENSHEN_LOG_LEVEL="debug") as running:
        yield running


def settings_of(suite: Suite, name: str) -> dict[str, str]:
    found: dict[str, str] = json.loads((suite.folder / f"settings-{name}.json").read_text())
    return found


async def test_every_service_is_told_its_stores_its_certificate_and_its_peers(suite: Suite) -> None:
    told = settings_of(suite, "access")

    assert told["MENSHEN_DATABASE_URL"].startswith("postgresql://access@127.0.0.1:")
    assert told["MENSHEN_REDIS_URL"] == suite.valkey.url
    assert told["MENSHEN_IDENTITY_TARGET"] == suite.target("identity") == suite.addresses("identity").grpc
    assert told["MENSHEN_CERTIFICATE_FILE"].endswith("service-access.pem")
    assert told["MENSHEN_LOG_LEVEL"] == "debug"
    assert "MENSHEN_REDIS_URL" not in settings_of(suite, "vehicles")


async def test_no_password_is_handed_over_in_the_environment(suite: Suite) -> None:
    secrets = [path.read_text() for path in suite.folder.rglob("*.password") if path.parent.name != "state"]
    told = json.dumps([settings_of(suite, name) for name in suite.names])

    secrets.append((suite.folder / "secrets" / "pin-pepper").read_text())

    assert len(secrets) == 7
    assert not any(secret in told for secret in secrets)


async def test_keys_and_passwords_are_readable_by_their_owner_only(suite: Suite) -> None:
    files = [*suite.folder.rglob("*.key"), *suite.folder.rglob("*.password")]

    assert len(files) > 8
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}


async def test_a_killed_service_is_noticed_and_returns_on_its_port(suite: Suite) -> None:
    before, target = suite.pid("safety"), suite.target("safety")
    os.kill(before, signal.SIGKILL)
    await eventually(lambda: suite.ended() == ["safety"])

    await suite.restart("safety")

    assert suite.ended() == []
    assert suite.pid("safety") != before
    assert suite.addresses("safety").grpc == target


async def test_a_server_is_killed_and_restarted_by_name(suite: Suite) -> None:
    await suite.kill("valkey")
    assert suite.valkey.pid is None

    await suite.restart("valkey")

    assert suite.valkey.pid is not None


async def test_a_second_suite_in_the_same_folder_is_refused_and_told_who_holds_it(suite: Suite) -> None:
    with pytest.raises(LocalError) as refused:
        async with stand_in_suite(suite.folder):
            pass

    assert str(os.getpid()) in refused.value.en
    assert str(os.getpid()) in refused.value.zh
    assert "--folder" in refused.value.en


async def test_a_second_suite_in_a_folder_of_its_own_runs_beside_the_first(suite: Suite, run_folder: Path) -> None:
    async with stand_in_suite(run_folder / "second") as second:
        assert second.target("access") != suite.target("access")
        assert second.postgres.url != suite.postgres.url
        assert published_addresses(second.folder)["access"]["grpc"] == second.target("access")

    with pytest.raises(LocalError, match="no suite runs"):
        published_addresses(run_folder / "second")


async def test_several_processes_of_one_service_share_its_schema_and_identity_and_answer_apart(
    run_folder: Path,
) -> None:
    deciding = with_several("access", 3, (STAND_INS[3],))
    names = [spec.name for spec in deciding]

    async with Suite(
        run_folder / "several", services=deciding, settings={name: {"PYTHONPATH": str(HERE)} for name in names}
    ) as suite:
        told = [settings_of(suite, name) for name in names]

        assert names == suite.names == ["access", "access-2", "access-3"]
        assert len({suite.addresses(name).grpc for name in names}) == 3
        assert [one["MENSHEN_CERTIFICATE_FILE"] for one in told] == [
            str(suite.tls(deciding[0].uri).certificate_file)
        ] * 3
        assert len({one["MENSHEN_DATABASE_URL"] for one in told}) == 1
        assert suite.log_file("access-2").exists()


async def test_a_service_that_ends_at_its_start_is_reported_with_its_log_and_nothing_is_left(run_folder: Path) -> None:
    folder = run_folder / "broken"
    broken = (replace(STAND_INS[0], module="no_such_module"), *STAND_INS[1:])

    with pytest.raises(ProcessEndedError, match="no_such_module"):
        async with Suite(folder, services=broken, settings=WITH_STAND_INS, durable=False):
            pass

    assert processes_in(folder) == {}


async def test_an_agent_finds_its_configuration_and_its_peers(suite: Suite, monkeypatch: pytest.MonkeyPatch) -> None:
    configuration = {"site": "north", "doors": ["d-1"]}
    agent = AgentSpec("north", "gate-1", configuration, {"PYTHONPATH": str(HERE)}, module="stand_in_service")

    await suite.start_agent(agent)

    told = settings_of(suite, "agent-gate-1")
    assert told["MENSHEN_ACCESS_TARGET"] == suite.target("access")
    assert told["MENSHEN_CERTIFICATE_FILE"].endswith("north-agent-gate-1.pem")
    assert Path(told["MENSHEN_CONFIG_FILE"]).read_text() == "doors:\n- d-1\nsite: north\n"


def stand_ins_in(folder: Path) -> set[int]:
    return {pid for pid, command in processes_in(folder).items() if "stand_in_service" in command}


def up_elsewhere(folder: Path) -> "subprocess.Popen[bytes]":
    """Another process that runs a suite of stand-ins in `folder`, as `menshen up` does."""
    program = (
        "import asyncio, sys; sys.path.insert(0, sys.argv[2])\n"
        "from pathlib import Path\n"
        "from menshen_cli.up import stay\n"
        "from test_local_suite import stand_in_suite\n"
        "asyncio.run(stay(stand_in_suite(Path(sys.argv[1]))))"
    )
    environment = {**os.environ, "PYTHONPATH": str(HERE.parents[2] / "tests"), "LC_ALL": "C.UTF-8"}
    command = [sys.executable, "-c", program, str(folder), str(HERE)]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE)


async def test_nothing_survives_a_parent_that_is_killed(run_folder: Path) -> None:
    folder = run_folder / "orphaned"
    parent = up_elsewhere(folder)
    try:
        await eventually((folder / "suite.json").exists, deadline_s=60)
        assert len(processes_in(folder)) >= 6
    finally:
        parent.kill()
        parent.communicate(timeout=20)

    await eventually(lambda: processes_in(folder) == {})
    RunFolder.claim(folder).release()


async def test_up_starts_again_what_ends_and_stops_everything_on_an_interrupt(run_folder: Path) -> None:
    folder = run_folder / "up"
    parent = up_elsewhere(folder)
    try:
        await eventually((folder / "suite.json").exists, deadline_s=60)
        before = stand_ins_in(folder)
        os.kill(min(before), signal.SIGKILL)
        await eventually(lambda: stand_ins_in(folder) - before, deadline_s=20)
    finally:
        parent.send_signal(signal.SIGINT)
        output, _ = parent.communicate(timeout=40)

    assert parent.returncode == 0
    assert b"starting it again" in output
    assert b"stopping" in output
    assert processes_in(folder) == {}


def processes_in(folder: Path) -> dict[int, str]:
    """The command lines, by pid, of live processes that work in a suite's folder."""
    found = {}
    for process in psutil.process_iter():
        try:
            if process.status() != psutil.STATUS_ZOMBIE and Path(process.cwd()).is_relative_to(folder):
                found[process.pid] = " ".join(process.cmdline())
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return found
