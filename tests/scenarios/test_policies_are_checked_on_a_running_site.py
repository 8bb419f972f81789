"""`menshen policy check --site`: the plan a running site decides on is the plan a policy is checked against."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import grpc
import pytest
from menshen.access.v1 import administration_pb2 as pb
from scenarios.campus import CALL_S, Campus, policy_mapping

FAR_FUTURE_MS = 4_102_416_000_000


async def check(campus: Campus, policy: dict[str, Any], folder: Path, *more: str) -> subprocess.CompletedProcess[str]:
    file = folder / "policy.yaml"
    file.write_text(json.dumps(policy, ensure_ascii=False, indent=1), encoding="utf-8")
    command = [sys.executable, "-m", "menshen_cli", "policy", "check", str(file), "--site", campus.site, "--lang", "en"]
    command += ["--folder", str(campus.suite.folder), *more]
    return await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, timeout=60, check=False)


def policy(campus: Campus, **clauses: Any) -> dict[str, Any]:
    return {**policy_mapping(campus.site, 9001, FAR_FUTURE_MS), **clauses}


async def entry_of(campus: Campus) -> str:
    points = json.loads((await campus.plan()).document)["access_points"]
    return str(next(point["id"] for point in points if point["direction"] == "ENTRY"))


async def test_the_command_tells_what_the_running_site_would_suffer(campus: Campus, tmp_path: Path) -> None:
    entry = await entry_of(campus)
    where = {"access_points": [entry], "directions": ["EXIT"]}

    sound = await check(campus, policy(campus), tmp_path)
    unfit = await check(
        campus, policy(campus, requirements=[{"id": "x", "test": {"fact": "f"}, "where": where}]), tmp_path
    )
    faulty = await check(campus, policy(campus, closures=[{"access_point": "moon"}]), tmp_path)

    assert sound.returncode == 0, sound.stdout + sound.stderr
    assert unfit.returncode == 1
    assert f"{tmp_path / 'policy.yaml'}:" in unfit.stdout
    assert "ERROR CLAUSE_REACHES_NO_POINT" in unfit.stdout
    assert faulty.returncode == 1
    assert "closures[0].access_point: expected an access point that is defined" in faulty.stdout


async def test_the_facts_stated_travel_with_the_question(campus: Campus, tmp_path: Path) -> None:
    (tmp_path / "facts.yaml").write_text("sources: {hr: [work_proof]}\n", encoding="utf-8")
    asking = policy(campus, requirements=[{"id": "x", "test": {"fact": "health.test"}}])

    shown = await check(campus, asking, tmp_path, "--facts", str(tmp_path / "facts.yaml"))

    assert shown.returncode == 1
    assert "ERROR FACT_NOT_SUPPLIED: no source supplies the fact health.test" in shown.stdout


async def test_the_service_keeps_out_what_the_check_calls_an_error(campus: Campus) -> None:
    where = {"access_points": [await entry_of(campus)], "directions": ["EXIT"]}
    unfit = policy(campus, requirements=[{"id": "x", "test": {"fact": "f"}, "where": where}])
    before = (await campus.plan()).version

    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await campus.administration.ActivatePolicy(
            pb.ActivatePolicyRequest(site=campus.site, document=json.dumps(unfit), reason="scenario"), timeout=CALL_S
        )

    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert "CLAUSE_REACHES_NO_POINT" in (refused.value.details() or "")
    assert (await campus.plan()).version == before
