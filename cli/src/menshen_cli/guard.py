"""`menshen guard SITE/POST`: a guard's post. Reviews with photo, reasons and what to say; alarms a guard may see."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import grpc
import typer
from menshen.access.v1 import review_pb2
from menshen.access.v1.review_pb2_grpc import ReviewServiceStub
from menshen.safety.v1 import safety_pb2
from menshen.safety.v1.safety_pb2_grpc import AlarmServiceStub
from menshen_rulebook.decision import Reason
from menshen_rulebook.reasons import render
from menshen_rulebook.vocabulary import Audience, Language, Outcome
from menshen_servicekit.identity import Role, spiffe_uri
from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.table import Table

from menshen_cli.alarms import alarm_table
from menshen_cli.local.language import LocalError, pick
from menshen_cli.running import RunningSuite

_ASK_S, _WAIT_S = 5.0, 30.0
_OPEN, _TAKEN = review_pb2.REVIEW_STATE_OPEN, review_pb2.REVIEW_STATE_TAKEN
_COMMANDS = "t 1 | p 1 NOTE | r 1 NOTE | q"

app = typer.Typer(add_completion=False)


@app.command()
def guard(
    post: Annotated[str, typer.Argument(help="campus and post, e.g. north/n1 / 校区与岗位")],
    at: Annotated[list[str] | None, typer.Option(help="only these access points / 仅限这些通行点")] = None,
    *,
    once: Annotated[bool, typer.Option("--once", help="take one review, decide, end / 只处理一次")] = False,
    passes: Annotated[str, typer.Option("--pass", help="with --once: let through, with this note / 放行并注明")] = "",
    refuse: Annotated[str, typer.Option(help="with --once: refuse, with this note / 拒绝并注明")] = "",
    folder: Annotated[Path | None, typer.Option(help="run folder / 运行目录")] = None,
) -> None:
    """Take, pass and refuse reviews. 受理、放行、拒绝复核。"""
    site, _, name = post.partition("/")
    if once and bool(passes) == bool(refuse):
        raise typer.BadParameter(pick("--once needs either --pass or --refuse", "--once 须配合 --pass 或 --refuse"))
    try:
        asyncio.run(
            _stand(
                site, name or "gate", frozenset(at or ()), folder, once=once, note=passes or refuse, passes=bool(passes)
            )
        )
    except grpc.aio.AioRpcError as refusal:
        raise LocalError(f"{refusal.details()}", f"{refusal.details()}") from None


def review_panel(review: review_pb2.Review) -> RenderableType:
    """A review as the guard reads it: where, whom to compare with, why, and what to say."""
    table = Table(pick("reason", "理由"), pick("for you", "门岗须知"), pick("say", "对来人说"), show_edge=False)
    for reason in review.reasons:
        table.add_row(reason.code, f"{reason.guard.zh}\n{reason.guard.en}", f"{reason.holder.zh}\n{reason.holder.en}")
    photo = review.photo_ref or pick("none on record", "无存档照片")
    state = review_pb2.ReviewState.Name(review.state).removeprefix("REVIEW_STATE_")
    head = f"{review.access_point}  {state}  {', '.join(review.subject_ids)}\n{pick('photo', '照片')}: {photo}"
    return Panel(Group(head, table), title=review.review_id)


class Post:
    """A guard's post at a site, on channels of the caller's."""

    def __init__(self, site: str, points: frozenset[str], access: grpc.aio.Channel, safety: grpc.aio.Channel) -> None:
        self._site = site
        self._points = points
        self._reviews: Any = ReviewServiceStub(access)
        self._alarms: Any = AlarmServiceStub(safety)

    async def undecided(self) -> list[review_pb2.Review]:
        """Open reviews and those somebody has taken, newest first."""
        found = await self._reviews.ListReviews(review_pb2.ListReviewsRequest(site=self._site), timeout=_ASK_S)
        return [r for r in found.reviews if r.state in (_OPEN, _TAKEN) and self._is_ours(r)]

    async def next_open(self) -> review_pb2.Review:
        """The first review nobody has taken, once there is one. The caller bounds the wait."""
        request = review_pb2.WatchReviewsRequest(site=self._site, access_points=sorted(self._points))
        async for change in self._reviews.WatchReviews(request):
            if change.review.state == _OPEN:
                return change.review  # type: ignore[no-any-return]
        raise LocalError("the stream of reviews ended", "复核通知已中断")

    async def take(self, review_id: str) -> review_pb2.Review:
        """Take a review."""
        request = review_pb2.TakeReviewRequest(site=self._site, review_id=review_id)
        return (await self._reviews.TakeReview(request, timeout=_ASK_S)).review  # type: ignore[no-any-return]

    async def resolve(self, review_id: str, note: str, *, passes: bool) -> review_pb2.Review:
        """Pass or refuse a review this post has taken."""
        request = review_pb2.ResolveReviewRequest(site=self._site, review_id=review_id, note=note, **{"pass": passes})
        return (await self._reviews.ResolveReview(request, timeout=_ASK_S)).review  # type: ignore[no-any-return]

    async def alarms(self) -> list[safety_pb2.Alarm]:
        """Alarms not closed that a guard may see."""
        found = await self._alarms.ListAlarms(safety_pb2.ListAlarmsRequest(site=self._site), timeout=_ASK_S)
        return [alarm for alarm in found.alarms if alarm.state != safety_pb2.ALARM_STATE_CLOSED]

    def _is_ours(self, review: review_pb2.Review) -> bool:
        return not self._points or review.access_point in self._points


async def _stand(
    site: str, name: str, points: frozenset[str], folder: Path | None, *, once: bool, note: str, passes: bool
) -> None:
    async with RunningSuite(spiffe_uri(Role.GUARD, name, site), folder) as suite:
        post = Post(site, points, suite.channel("access"), suite.channel("safety"))
        if once:
            await _decide_one(post, note, Console(), passes=passes)
        else:
            await _converse(post, Console())


async def _decide_one(post: Post, note: str, console: Console, *, passes: bool) -> None:
    try:
        async with asyncio.timeout(_WAIT_S):
            review = await post.next_open()
    except TimeoutError:
        raise LocalError(f"no review within {_WAIT_S:g} s", f"{_WAIT_S:g} 秒内没有复核") from None
    console.print(review_panel(await post.take(review.review_id)))
    console.print(review_panel(await post.resolve(review.review_id, note, passes=passes)))


async def _converse(post: Post, console: Console) -> None:
    while True:
        reviews, alarms = await post.undecided(), await post.alarms()
        _show(console, reviews, alarms)
        answer = await asyncio.to_thread(console.input, f"{_COMMANDS} > ")
        words = answer.split(maxsplit=2)
        if words[:1] == ["q"]:
            return
        review = _chosen(reviews, words)
        if review is not None:
            await _obey(post, console, review, words)


def _show(console: Console, reviews: Sequence[review_pb2.Review], alarms: list[safety_pb2.Alarm]) -> None:
    for number, review in enumerate(reviews, start=1):
        console.print(f"[{number}]", review_panel(review))
    if not reviews:
        console.print(pick("no reviews", "没有待处理的复核"))
    if alarms:
        console.print(alarm_table(alarms))
        for alarm in alarms:
            if alarm.kind == safety_pb2.ALARM_KIND_BLACKLISTED:
                console.print(f"{alarm.source}: {guard_text('BLACKLISTED')}")


def guard_text(code: str) -> str:
    """What a reason tells a guard, in both languages."""
    reason = Reason(code, "", Outcome.DENY)
    return " / ".join(render(reason, language, Audience.GUARD) for language in (Language.ZH, Language.EN))


def _chosen(reviews: Sequence[review_pb2.Review], words: list[str]) -> review_pb2.Review | None:
    if len(words) < 2 or not words[1].isdecimal() or not 0 < int(words[1]) <= len(reviews):
        return None
    return reviews[int(words[1]) - 1]


async def _obey(post: Post, console: Console, review: review_pb2.Review, words: list[str]) -> None:
    try:
        if words[0] == "t":
            console.print(review_panel(await post.take(review.review_id)))
        elif words[0] in ("p", "r"):
            note = words[2] if len(words) > 2 else ""
            await post.take(review.review_id)
            console.print(review_panel(await post.resolve(review.review_id, note, passes=words[0] == "p")))
    except grpc.aio.AioRpcError as refusal:
        console.print(refusal.details())
