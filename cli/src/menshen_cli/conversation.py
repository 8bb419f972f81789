"""A guard's post at a terminal: what comes shows itself, what is typed is done, and neither waits for the other."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from typing import TypeVar

import grpc
from menshen.access.v1 import review_pb2
from menshen.safety.v1 import safety_pb2
from rich.console import Console, RenderableType
from rich.text import Text

from menshen_cli.alarms import alarm_table
from menshen_cli.local.language import LocalError, pick
from menshen_cli.post import OPEN, TAKEN, Post
from menshen_cli.post_screens import guard_text, review_panel, standing
from menshen_cli.refusals import refusal_of
from menshen_cli.typed_lines import TypedLines

T = TypeVar("T")
_RETRY_S, _STEADY_S = 1.0, 5.0
_PASSING = frozenset({grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.CANCELLED})
"""What a service says, or the channel for it, while it is away; anything else stays as it is."""


def usage() -> str:
    """What may be typed."""
    return pick(
        "t 1 take · p 1 [#CALL] NOTE let through · r 1 NOTE refuse · Enter list · q leave",
        "t 1 受理 · p 1 [#来电编号] 说明 放行 · r 1 说明 拒绝 · 回车 列表 · q 退出",
    )


class Conversation:
    """Numbers are given to reviews as they come and kept: what the guard types means the review the guard read."""

    def __init__(self, post: Post, console: Console, typed: TypedLines) -> None:
        self._post = post
        self._console = console
        self._typed = typed
        self._numbers: dict[str, int] = {}
        self._reviews: dict[int, review_pb2.Review] = {}
        self._alarms: set[str] = set()
        self._prompted = False

    async def run(self) -> None:
        """Until the guard leaves. LocalError when a service refuses the post."""
        self._say(usage())
        await self._list()
        parts = (
            self._listen(),
            self._follow("access", self._post.review_changes, self._review_is),
            self._follow("safety", self._post.alarm_changes, self._alarm_is),
        )
        tasks = [asyncio.ensure_future(part) for part in parts]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _listen(self) -> None:
        while True:
            self._prompt()
            line = await self._typed.next()
            self._prompted = False
            words = (line or "").split(maxsplit=2)
            if line is None or words == ["q"]:
                return
            await (self._told("access", self._obey(words)) if words else self._list())

    async def _told(self, service: str, deed: Awaitable[None]) -> None:
        """Do it; a refusal is for the guard to read and ends nothing."""
        try:
            await deed
        except LocalError as refusal:
            self._say(str(refusal))
        except grpc.aio.AioRpcError as refusal:
            self._say(str(refusal_of(service, refusal)))

    async def _list(self) -> None:
        await self._told("access", self._list_reviews())
        await self._told("safety", self._list_alarms())

    async def _list_reviews(self) -> None:
        """Those that wait, oldest first: the newest stands next to the prompt."""
        undecided = [review for review in reversed(await self._post.reviews()) if review.state in (OPEN, TAKEN)]
        for review in undecided:
            self._show(review)
        if not undecided:
            self._say(pick("no reviews", "没有待处理的复核"))

    async def _list_alarms(self) -> None:
        for alarm in await self._post.alarms():
            self._show_alarm(alarm)

    async def _obey(self, words: list[str]) -> None:
        review, deed = self._chosen(words), words[0]
        if deed == "t":
            self._review_is(await self._on_time(review, self._post.take(review.review_id)))
        elif len(words) < 3:
            raise LocalError(f"say why: {deed} {words[1]} NOTE", f"须填写说明：{deed} {words[1]} 说明")
        else:
            await self._on_time(review, self._post.take(review.review_id))
            decided = self._post.resolve(review.review_id, words[2], passes=deed == "p")
            self._review_is(await self._on_time(review, decided))

    def _chosen(self, words: list[str]) -> review_pb2.Review:
        if words[0] not in ("t", "p", "r") or len(words) < 2:
            raise LocalError(f"not understood. {usage()}", f"无法识别。{usage()}")
        number = int(words[1]) if words[1].isdecimal() else 0
        if number not in self._reviews:
            raise LocalError(f"there is no review {words[1]}", f"没有编号为 {words[1]} 的复核")
        return self._reviews[number]

    async def _on_time(self, review: review_pb2.Review, deed: Awaitable[review_pb2.Review]) -> review_pb2.Review:
        """What the deed gives; LocalError that says who was faster where somebody was."""
        try:
            return await deed
        except grpc.aio.AioRpcError as refusal:
            if refusal.code() is not grpc.StatusCode.FAILED_PRECONDITION:
                raise
            found = [now for now in await self._post.reviews() if now.review_id == review.review_id]
            told = standing(found[0]) if found else str(refusal_of("access", refusal))
            number = self._numbers[review.review_id]
            raise LocalError(f"[{number}] too late: {told}", f"[{number}] 已晚一步：{told}") from None

    async def _follow(self, service: str, changes: Callable[[], AsyncIterator[T]], take: Callable[[T], None]) -> None:
        """Take every change, for ever; say so when they stop coming, once for a service that cannot hold the stream."""
        loop, was_told = asyncio.get_running_loop(), False
        while True:
            began = loop.time()
            with suppress(grpc.aio.AioRpcError):
                await self._take_all(service, changes, take)
            if not was_told or loop.time() - began > _STEADY_S:
                was_told = True
                self._say(pick(f"{service} is away; its news comes once it is back", f"{service} 暂不可用，恢复后续报"))
            await asyncio.sleep(_RETRY_S)

    async def _take_all(self, service: str, changes: Callable[[], AsyncIterator[T]], take: Callable[[T], None]) -> None:
        try:
            async for change in changes():
                take(change)
        except grpc.aio.AioRpcError as refusal:
            if refusal.code() not in _PASSING:
                raise refusal_of(service, refusal) from None
            raise

    def _review_is(self, review: review_pb2.Review) -> None:
        """A change: a review nobody has shown yet comes in full, of another one how it stands."""
        known = self._reviews.get(self._numbers.get(review.review_id, 0))
        if known is None:
            if review.state in (OPEN, TAKEN):
                self._show(review)
        elif known.version < review.version:
            number = self._keep(review)
            self._say(f"[{number}] {review.access_point}  {standing(review)}")

    def _show(self, review: review_pb2.Review) -> None:
        self._say(f"[{self._keep(review)}]", review_panel(review))

    def _keep(self, review: review_pb2.Review) -> int:
        number = self._numbers.setdefault(review.review_id, len(self._numbers) + 1)
        self._reviews[number] = review
        return number

    def _alarm_is(self, alarm: safety_pb2.Alarm) -> None:
        if alarm.alarm_id not in self._alarms and alarm.state != safety_pb2.ALARM_STATE_CLOSED:
            self._show_alarm(alarm)

    def _show_alarm(self, alarm: safety_pb2.Alarm) -> None:
        self._alarms.add(alarm.alarm_id)
        self._say(alarm_table([alarm]))
        if alarm.kind == safety_pb2.ALARM_KIND_BLACKLISTED:
            self._say(f"{alarm.source}: {guard_text('BLACKLISTED')}")

    def _say(self, *parts: RenderableType) -> None:
        """Print, and ask again where the guard was being asked."""
        prompted, self._prompted = self._prompted, False
        if prompted:
            self._console.print()
        for part in parts:
            self._console.print(Text(part) if isinstance(part, str) else part)
        if prompted:
            self._prompt()

    def _prompt(self) -> None:
        self._prompted = True
        self._console.print("> ", end="")
