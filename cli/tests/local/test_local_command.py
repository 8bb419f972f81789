"""The command table, the doctor, the certificates and the tether."""

import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest
from harness.patience import eventually
from menshen_cli.__main__ import SUBCOMMANDS, main
from menshen_cli.local.language import LocalError
from menshen_cli.local.pki import ALL_SITES_OPERATOR, Pki
from menshen_cli.local.ports import free_port
from menshen_cli.local.processes import ProcessEndedError, ProcessSlowError, Program, StartedProcess
from menshen_cli.local.runfolder import RunFolder
from typer.testing import CliRunner


def test_an_unknown_command_is_refused_with_the_list_of_known_ones(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MENSHEN_LANGUAGE", "zh")

    assert main(["open-sesame"]) == 2

    shown = capsys.readouterr().err
    assert "没有命令 'open-sesame'" in shown
    assert all(subcommand.name in shown for subcommand in SUBCOMMANDS)


def test_a_call_without_a_command_shows_the_list(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0

    assert "doctor" in capsys.readouterr().out


@pytest.mark.parametrize(("language", "title"), [("en", "Menshen doctor"), ("zh", "门神环境检查")])
def test_the_doctor_finds_this_machine_well(language: str, title: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from menshen_cli.doctor import app

    monkeypatch.setenv("MENSHEN_LANGUAGE", language)

    result = CliRunner().invoke(app)

    assert result.exit_code == 0, result.output
    assert title in result.output
    assert "PostgreSQL" in result.output


def test_the_doctor_ends_badly_when_a_server_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    from menshen_cli.doctor import app

    monkeypatch.setenv("MENSHEN_ENVIRONMENT", "production")

    result = CliRunner().invoke(app)

    assert result.exit_code == 1
    assert "✗" in result.output


def test_a_folder_that_is_in_use_ends_up_with_a_sentence_and_no_traceback(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    claimed = RunFolder.claim(tmp_path / "busy")

    assert main(["up", "--folder", str(claimed.path)]) == 1

    claimed.release()
    assert f"process {os.getpid()}" in capsys.readouterr().err


def test_a_folder_with_other_peoples_files_is_never_taken_for_a_run_folder(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")

    with pytest.raises(LocalError, match="not a run folder"):
        RunFolder.claim(tmp_path)

    assert (tmp_path / "thesis.txt").exists()


def test_clearing_a_run_folder_keeps_it_claimed(tmp_path: Path) -> None:
    claimed = RunFolder.claim(tmp_path / "run")
    (claimed.path / "logs").mkdir()

    claimed.clear()

    assert [entry.name for entry in claimed.path.iterdir()] == ["menshen.lock"]
    with pytest.raises(LocalError, match="already runs"):
        RunFolder.claim(claimed.path)
    claimed.release()


def test_a_certificate_names_its_identity_and_keeps_its_key_private(pki: Pki) -> None:
    files = pki.tls(ALL_SITES_OPERATOR)

    assert stat.S_IMODE(files.key_file.stat().st_mode) == 0o600
    assert pki.tls(ALL_SITES_OPERATOR) is files
    with pytest.raises(ValueError, match="SPIFFE"):
        pki.tls("spiffe://elsewhere/service/access")


def test_an_authority_is_kept_when_the_folder_is_opened_again(tmp_path: Path) -> None:
    first = Pki(tmp_path).tls(ALL_SITES_OPERATOR).trust_file.read_bytes()

    assert Pki(tmp_path).tls(ALL_SITES_OPERATOR).trust_file.read_bytes() == first


def test_ports_asked_for_by_many_threads_are_all_different() -> None:
    with ThreadPoolExecutor(8) as threads:
        ports = list(threads.map(lambda _: free_port(), range(80)))

    assert len(set(ports)) == 80


def python_program(folder: Path, code: str) -> Program:
    return Program("script", [sys.executable, "-c", code], folder, folder / "script.log", dict(os.environ))


def test_a_program_that_ends_early_is_reported_with_the_end_of_its_log(tmp_path: Path) -> None:
    process = StartedProcess(python_program(tmp_path, "import sys; print('so it goes'); sys.exit(3)"))

    with pytest.raises(ProcessEndedError, match=r"status 3.*\n.*so it goes") as ended:
        process.wait_until(lambda: False, deadline_s=20)

    assert "状态 3" in ended.value.zh


def test_a_program_that_is_never_ready_is_reported(tmp_path: Path) -> None:
    process = StartedProcess(python_program(tmp_path, "import signal; signal.pause()"))
    try:
        with pytest.raises(ProcessSlowError, match=r"0\.1 s"):
            process.wait_until(lambda: False, deadline_s=0.1)
    finally:
        process.kill()


def test_a_program_that_ignores_the_request_to_stop_is_ended_with_its_children(tmp_path: Path) -> None:
    code = (
        "import signal, subprocess, sys; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import signal; signal.pause()'], start_new_session=True)\n"
        "open('child', 'w').write(str(child.pid)); signal.pause()"
    )
    process = StartedProcess(python_program(tmp_path, code))
    process.wait_until(lambda: (tmp_path / "child").exists() and bool((tmp_path / "child").read_text()), 20)

    status = process.stop(grace_s=0.2)

    assert status == -9
    assert not lives(int((tmp_path / "child").read_text()))


async def test_what_a_parent_started_ends_when_the_parent_does(tmp_path: Path) -> None:
    code = (
        "import sys, os; from pathlib import Path\n"
        "from menshen_cli.local.processes import Program, StartedProcess\n"
        "folder = Path(sys.argv[1]); argv = [sys.executable, '-c', 'import signal; signal.pause()']\n"
        "print(StartedProcess(Program('left', argv, folder, folder / 'log', dict(os.environ))).pid); os._exit(0)"
    )

    parent = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, timeout=30, check=True)

    await eventually(lambda: not lives(int(parent.stdout)))


def test_trouble_is_told_in_the_language_of_the_locale(monkeypatch: pytest.MonkeyPatch) -> None:
    trouble = LocalError("closed", "已关闭")
    for variable in ("MENSHEN_LANGUAGE", "LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(variable, raising=False)

    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    assert str(trouble) == "已关闭"
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    assert str(trouble) == "closed"


def lives(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
