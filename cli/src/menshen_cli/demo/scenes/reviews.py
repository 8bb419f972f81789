"""A guard decides: the command of the guard's post itself takes the review."""

import asyncio
import sys

from menshen.access.v1 import decision_pb2

from ..cast import REVIEWED
from ..expectations import require
from ..lanes import REVIEW
from .stage import Stage, answered

_POST, _POINT = "lake/l2", "l2-p1-in"
_NOTE = "work order seen, face compared"
_GUARD_S = 15.0


async def guard_review(stage: Stage) -> None:
    """A contractor without a work proof waits until the guard has compared the photo."""
    async with stage.expectations.check("guard_review") as line:
        async with asyncio.TaskGroup() as group:
            guard = group.create_task(_guard(stage))
            passage = await stage.hardware.lanes.walk(_POINT, REVIEWED.card, review_s=_GUARD_S)
            require(answered(passage).outcome == REVIEW, REVIEW, answered(passage).outcome)
        printed = guard.result()
        require(REVIEWED.photo_ref in printed, f"the photo {REVIEWED.photo_ref} at the post", printed[-300:])
        require(passage.passed, "that the contractor passes")
        await stage.recorded(answered(passage), decision_pb2.EVENT_KIND_ACTED, decision_pb2.EVENT_KIND_TAKEN)
        line.measured = f"photo {REVIEWED.photo_ref}"


async def _guard(stage: Stage) -> str:
    """Run `menshen guard` once; what it printed."""
    arguments = ["guard", _POST, "--folder", str(stage.suite.folder), "--at", _POINT, "--once", "--pass", _NOTE]
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "menshen_cli",
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        async with asyncio.timeout(_GUARD_S):
            printed, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    text = printed.decode(errors="replace")
    require(process.returncode == 0, "that the guard's command succeeds", text[-300:])
    return text
