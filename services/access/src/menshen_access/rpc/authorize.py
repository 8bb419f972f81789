"""Authorize: an agent's stream from its hello to its end."""

import asyncio
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, Final

import grpc
from menshen.access.v1 import access_pb2
from menshen_servicekit.identity import Role, caller_of
from menshen_servicekit.status import DomainError, FieldTrouble, Trouble

from menshen_access.domain.commands import GivenCommand
from menshen_access.domain.events import SpoolPosition
from menshen_access.ports import (
    Generations,
    NotReadyError,
    Pulses,
    ReviewEnd,
    ReviewOutcomes,
    StoreAwayError,
    Watermarks,
)
from menshen_access.rpc.agent_stream import AgentStream, Binding, StreamParts
from menshen_access.rpc.convert import review_resolution, spool_position
from menshen_access.rpc.outbox import Outbox
from menshen_access.site_views import SiteView, SiteViews

HELLO_S: Final = 5.0
FINISH_S: Final = 1.0
_Response = access_pb2.AuthorizeResponse


@dataclass(frozen=True, slots=True)
class AuthorizeParts:
    """What the call works with."""

    streams: StreamParts
    views: SiteViews
    watermarks: Watermarks
    reviews: ReviewOutcomes
    pulses: Pulses
    generations: Generations
    stopping: asyncio.Event


class AuthorizeCall:
    """The bidirectional call. The agent's name and site are those of its certificate."""

    def __init__(self, parts: AuthorizeParts) -> None:
        self._parts = parts

    async def __call__(self, _requests: Any, context: Any) -> None:
        caller = caller_of(context)
        if caller is None or caller.role is not Role.AGENT or caller.site is None:
            raise DomainError(Trouble.FORBIDDEN, "NOT_AN_AGENT", "仅限设备代理", "only device agents hold this stream")
        binding, epoch = await self._greet(caller.site, caller.name, context)
        parts = self._parts
        outbox = Outbox()
        with ExitStack() as watches:
            watches.callback(
                parts.watermarks.watch(binding.site, binding.agent_id, lambda mark: outbox.put(_acknowledgement(mark)))
            )
            watches.callback(
                parts.reviews.watch(binding.site, binding.access_points, lambda end: outbox.put(_resolution(end)))
            )
            outbox.put(await self._welcome(binding, epoch))
            watches.callback(
                parts.pulses.watch(binding.site, binding.access_points, lambda given: outbox.put(_pulse(given)))
            )
            watches.callback(parts.generations.watch_turns(binding.site, lambda: outbox.put(_upload_due())))
            await self._serve(AgentStream(parts.streams, binding, outbox), outbox, context)

    async def _greet(self, site: str, agent_id: str, context: Any) -> tuple[Binding, int]:
        """The hello, checked against the plan."""
        async with asyncio.timeout(HELLO_S):
            message = await context.read()
        if message is grpc.aio.EOF or message.WhichOneof("body") != "hello":
            raise DomainError(Trouble.INVALID, "HELLO_EXPECTED", "首条消息应为 hello", "the first message is a hello")
        if not self._parts.views.serves(site):
            raise DomainError(Trouble.NOT_FOUND, "SITE_UNKNOWN", "未知校区", "this service does not serve the site")
        hello = message.hello
        binding = Binding(site, agent_id, frozenset(hello.access_points), frozenset(hello.doors))
        await self._check(binding)
        return binding, hello.spool_epoch

    async def _check(self, binding: Binding) -> None:
        views = self._parts.views
        try:
            view = await views.load(binding.site)
            if mismatches(binding, view):
                view = await views.renew(binding.site, view)
        except (NotReadyError, StoreAwayError) as error:
            raise DomainError(
                Trouble.NOT_READY, "PLAN_AWAY", "站点数据尚未就绪", "the site's plan is not there yet"
            ) from error
        found = mismatches(binding, view)
        if found:
            names = ", ".join(found)
            fields = [FieldTrouble("hello", f"{name}：未按此登记", f"{name}: not registered so") for name in found]
            raise DomainError(
                Trouble.CONFLICT, "HELLO_MISMATCH", f"与登记不符：{names}", f"not as registered: {names}", fields
            )

    async def _welcome(self, binding: Binding, epoch: int) -> access_pb2.AuthorizeResponse:
        """Without PostgreSQL the agent resumes from the start of its epoch: what it repeats is known already."""
        try:
            recorded = await self._parts.watermarks.recorded(binding.site, binding.agent_id, epoch)
        except StoreAwayError:
            recorded = SpoolPosition(epoch, 0)
        now_ms = self._parts.streams.clock.now_ms()
        return _Response(welcome=access_pb2.AgentWelcome(recorded=spool_position(recorded), now_ms=now_ms))

    async def _serve(self, stream: AgentStream, outbox: Outbox, context: Any) -> None:
        """Read, report and write until the agent leaves or the process stops; then finish what was taken."""
        async with asyncio.TaskGroup() as group:
            writing = group.create_task(outbox.write_to(context.write))
            reporting = group.create_task(stream.report())
            reading = group.create_task(stream.read_from(context.read))
            stopping = group.create_task(self._parts.stopping.wait())
            await asyncio.wait({reading, stopping, writing}, return_when=asyncio.FIRST_COMPLETED)
            reading.cancel()
            stopping.cancel()
            try:
                async with asyncio.timeout(FINISH_S):
                    await stream.finish()
            except TimeoutError:
                pass
            reporting.cancel()
            outbox.end()


def mismatches(binding: Binding, view: SiteView) -> tuple[str, ...]:
    """What a hello names and the plan does not: access points, doors, and doors of its access points left out."""
    plan = view.plan
    points = {point.access_point_id: point for point in plan.access_points}
    doors = {door.door_id for door in plan.doors}
    wrong = {f"access point {name}" for name in binding.access_points - points.keys()}
    wrong |= {f"door {name}" for name in binding.doors - doors}
    used = {points[name].door_id for name in binding.access_points & points.keys()}
    wrong |= {f"door {name} of its access points" for name in used - binding.doors if name}
    return tuple(sorted(wrong))


def _upload_due() -> access_pb2.AuthorizeResponse:
    """Live data come and go with a generation: a tail may be missing after one, and what edges did in between."""
    return _Response(upload_due=access_pb2.UploadDue())


def _acknowledgement(recorded: SpoolPosition) -> access_pb2.AuthorizeResponse:
    return _Response(acknowledgement=access_pb2.Acknowledgement(recorded=spool_position(recorded)))


def _pulse(given: GivenCommand) -> access_pb2.AuthorizeResponse:
    return _Response(
        pulse=access_pb2.Pulse(
            event_id=given.command_id,
            access_point=given.access_point,
            operator=given.origin,
            reason=given.reason,
            expires_at_ms=given.until_ms,
        )
    )


def _resolution(end: ReviewEnd) -> access_pb2.AuthorizeResponse:
    return _Response(review=review_resolution(end))
