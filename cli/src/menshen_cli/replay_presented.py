"""`menshen replay FILE --site SITE`: presentations decided by the plan, policy and subjects of a running suite."""

import asyncio
import json
from collections.abc import AsyncIterable, AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import grpc
from menshen.access.v1 import administration_pb2
from menshen.access.v1 import replay_pb2 as pb
from menshen.access.v1.administration_pb2_grpc import AdministrationServiceStub
from menshen.access.v1.replay_pb2_grpc import ReplayServiceStub
from menshen_rulebook.plan import SitePlan, plan_from_mapping
from menshen_rulebook.replay.tally import Summary
from menshen_rulebook.vocabulary import Outcome
from menshen_servicekit.status import domain_error_of
from rich.console import Console

from menshen_cli.administering import ASK_S, identity
from menshen_cli.asked_policy import named_policy
from menshen_cli.local.language import LocalError
from menshen_cli.refusals import refusal_text
from menshen_cli.replay_offline import Answer, column_names, refuse_faults, tell_differences
from menshen_cli.replay_rows import Faults, Places, Readings, read_rows
from menshen_cli.replay_screens import screens
from menshen_cli.running import RunningSuite
from menshen_cli.written_files import check_new

AT_ONCE: Final = 500


@dataclass(frozen=True)
class Presented:
    """What is replayed, as the options of the command say it."""

    site: str
    policy: str
    columns: str
    both_ways: bool
    differences: Path | None
    purpose: str


@dataclass(frozen=True)
class Replayed:
    """What came back: the totals, and by line what changes from the policy in force to the one asked about."""

    totals: pb.PresentationTotals
    changed: dict[int, tuple[Answer, Answer]]


def replay_presented(file: Path, asked: Presented, who: str, folder: Path | None) -> None:
    """Show what the presentations came to; LocalError for a refusal, exit 1 and nothing sent for faulty rows."""
    if not asked.purpose.strip():
        raise LocalError("--site needs --purpose; it is recorded", "--site 需要 --purpose（将被记录）")
    if asked.differences is not None and not asked.policy:
        raise LocalError("--differences needs --policy", "--differences 需要 --policy")
    if asked.differences is not None:
        check_new(asked.differences)
    opening = pb.ReplayPresentationsRequest(
        site=asked.site, purpose=asked.purpose, **(named_policy(asked.policy) if asked.policy else {})
    )
    plan, readings, found = asyncio.run(_ask(file, asked, opening, who, folder))
    console = Console(highlight=False)
    console.print(screens(summary_of(found.totals), plan.utc_offset_minutes))
    if asked.policy:
        changed = [(row, *found.changed[row.line]) for row in readings.rows if row.line in found.changed]
        tell_differences(console, changed, asked.differences, plan.utc_offset_minutes)


async def _ask(
    file: Path, asked: Presented, opening: pb.ReplayPresentationsRequest, who: str, folder: Path | None
) -> tuple[SitePlan, Readings, Replayed]:
    async with RunningSuite(identity("", who), folder) as suite:
        channel = suite.channel("access")
        try:
            plan = await _plan(AdministrationServiceStub(channel), asked.site)
            readings = _read(file, asked, plan)
            answers = ReplayServiceStub(channel).ReplayPresentations(sent(opening, readings))
            return plan, readings, await received(answers)
        except grpc.aio.AioRpcError as error:
            raise LocalError(*refusal_text(domain_error_of(error))) from None


async def _plan(stub: Any, site: str) -> SitePlan:
    response = await stub.GetPlan(administration_pb2.GetPlanRequest(site=site), timeout=ASK_S)
    return plan_from_mapping({**json.loads(response.document), "site": site, "version": response.version})


def _read(file: Path, asked: Presented, plan: SitePlan) -> Readings:
    faults = Faults()
    places = Places(plan, both_ways=asked.both_ways)
    readings = read_rows(file, plan, places, column_names(asked.columns), None, faults, typed=True)
    refuse_faults(faults)
    return readings


async def sent(
    opening: pb.ReplayPresentationsRequest, readings: Readings
) -> AsyncIterator[pb.ReplayPresentationsRequest]:
    """The requests for these rows, in their order."""
    yield opening
    rows, types = readings.rows, readings.types
    for start in range(0, len(rows), AT_ONCE):
        yield pb.ReplayPresentationsRequest(
            presentations=[
                pb.ReplayedPresentation(
                    line=row.line,
                    at_ms=row.at_ms,
                    credential=row.credential,
                    credential_type=int(types.get(row.line, 0)),  # type: ignore[arg-type]
                    access_point=row.access_point_id,
                )
                for row in rows[start : start + AT_ONCE]
            ]
        )


async def received(answers: AsyncIterable[pb.ReplayPresentationsResponse]) -> Replayed:
    """Everything that comes back; LocalError when the replay ended without totals."""
    changed: dict[int, tuple[Answer, Answer]] = {}
    totals: pb.PresentationTotals | None = None
    async for answer in answers:
        changed.update({one.line: (_answer(one.in_force), _answer(one.asked)) for one in answer.differences})
        if answer.HasField("totals"):
            totals = answer.totals
    if totals is None:
        raise LocalError("access: the replay was cut short", "access：回放被中断")
    return Replayed(totals, changed)


def summary_of(totals: pb.PresentationTotals) -> Summary:
    """The totals as a replay in process has them."""
    return Summary(
        {_answer(one.answer): one.count for one in totals.answers},
        {(one.access_point, Outcome(one.outcome)): one.count for one in totals.points},
        _times(totals.hours),
        _times(totals.weekdays),
        [(one.credential, one.count) for one in totals.refused_most],
        totals.refused_credentials,
        totals.inside,
        totals.peak,
        totals.peak_at_ms,
    )


def _times(rows: Sequence[pb.CountedAtTime]) -> dict[tuple[int, Outcome], int]:
    return {(one.time, Outcome(one.outcome)): one.count for one in rows}


def _answer(answer: pb.ReplayAnswer) -> Answer:
    return Outcome(answer.outcome), answer.reason_code
