"""The scripted morning from a bare start, as somebody without a terminal plays it."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

PEOPLE, DEADLINE_S = "2000", 240


@pytest.mark.morning
@pytest.mark.timeout(DEADLINE_S + 30)
async def test_the_scripted_morning_keeps_every_promise_and_leaves_nothing_behind(run_folder: Path) -> None:
    folder = run_folder / "demo"
    command = [sys.executable, "-m", "menshen_cli", "demo", "--people", PEOPLE, "--plain", "--folder", str(folder)]

    process = await asyncio.create_subprocess_exec(
        *command,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env={**os.environ, "LANG": "C.UTF-8"},
    )
    printed, _ = await asyncio.wait_for(process.communicate(), DEADLINE_S)

    told = printed.decode()
    assert [line for line in told.splitlines() if "✗" in line] == [], told
    assert process.returncode == 0, told
    assert "expectations met" in told
    assert not (folder / "suite.json").exists()
