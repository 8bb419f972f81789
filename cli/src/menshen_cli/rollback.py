"""`menshen rollback SITE`: take the policy last put in the plan out of it, in one step."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

import grpc
import typer
from menshen.access.v1 import administration_pb2, guarding_pb2
from menshen.access.v1.administration_pb2_grpc import AdministrationServiceStub
from menshen.access.v1.guarding_pb2_grpc import GuardingServiceStub
from menshen_servicekit.status import domain_error_of
from rich.console import Console

from menshen_cli.administering import ASK_S, Folder, Reason, Site, Who, identity
from menshen_cli.local.language import LocalError, pick
from menshen_cli.losses import COUNT_S, tell_of_counting
from menshen_cli.refusals import refusal_text
from menshen_cli.running import RunningSuite

Ask = Callable[[Any, Any], Awaitable[Any]]
Version = Annotated[int, typer.Option(help="plan version you saw; the current one without it / 所见方案版本，默认当前")]
Policy = Annotated[str, typer.Option(help="the policy a trip names; else the last one / 绊线所指策略，默认最近一次")]

app = typer.Typer(add_completion=False)


@app.command()
def rollback(
    site: Site, reason: Reason, who: Who, plan_version: Version = 0, policy: Policy = "", folder: Folder = None
) -> None:
    """Take the policy last put in the plan out of it. 将最近放入方案的策略撤出。"""

    async def roll_back(guarding: Any, administration: Any) -> Any:
        seen = plan_version
        if not seen:
            plan = administration_pb2.GetPlanRequest(site=site)
            seen = (await administration.GetPlan(plan, timeout=ASK_S)).version
        request = guarding_pb2.RollBackPolicyRequest(
            site=site, reason=reason, expected_plan_version=seen, policy_id=policy
        )
        return await guarding.RollBackPolicy(request, timeout=COUNT_S)

    tell_of_counting()
    done = asked_of_guarding(site, who, folder, roll_back)
    taken, version = done.policy_id, done.plan_version
    told = pick(f"{taken} left the plan, now version {version}", f"{taken} 已撤出方案，现为版本 {version}")
    Console().print(told, markup=False)


def asked_of_guarding(site: str, who: str, folder: Folder, ask: Ask) -> Any:
    """What `ask(guarding, administration)` answers; LocalError with the service's own words when it refuses."""
    return asyncio.run(_ask(identity(site, who), folder, ask))


async def _ask(uri: str, folder: Folder, ask: Ask) -> Any:
    async with RunningSuite(uri, folder) as suite:
        channel = suite.channel("access")
        try:
            return await ask(GuardingServiceStub(channel), AdministrationServiceStub(channel))
        except grpc.aio.AioRpcError as error:
            raise LocalError(*refusal_text(domain_error_of(error))) from None
