"""A guard's post at a site: its reviews and the alarms a guard may see."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import grpc
from menshen.access.v1 import review_pb2
from menshen.access.v1.review_pb2_grpc import ReviewServiceStub
from menshen.safety.v1 import safety_pb2
from menshen.safety.v1.safety_pb2_grpc import AlarmServiceStub

from menshen_cli.local.language import LocalError

OPEN, TAKEN = review_pb2.REVIEW_STATE_OPEN, review_pb2.REVIEW_STATE_TAKEN
_ASK_S = 5.0


class Post:
    """On channels of the caller's. `points` limits it to some access points; empty for all of the site."""

    def __init__(self, site: str, points: frozenset[str], access: grpc.aio.Channel, safety: grpc.aio.Channel) -> None:
        self._site = site
        self._points = points
        self._reviews: Any = ReviewServiceStub(access)
        self._alarms: Any = AlarmServiceStub(safety)

    async def reviews(self) -> list[review_pb2.Review]:
        """The reviews of the last day, newest first, decided ones too."""
        found = await self._reviews.ListReviews(review_pb2.ListReviewsRequest(site=self._site), timeout=_ASK_S)
        return [review for review in found.reviews if not self._points or review.access_point in self._points]

    async def review_changes(self) -> AsyncIterator[review_pb2.Review]:
        """Undecided reviews, then every change, until the stream breaks. The caller bounds the wait."""
        request = review_pb2.WatchReviewsRequest(site=self._site, access_points=sorted(self._points))
        async for change in self._reviews.WatchReviews(request, wait_for_ready=True):
            yield change.review

    async def next_open(self) -> review_pb2.Review:
        """The first review nobody has taken, once there is one. The caller bounds the wait."""
        async with aclosing(self.review_changes()) as changes:  # type: ignore[type-var]
            async for review in changes:
                if review.state == OPEN:
                    return review
        raise LocalError("the stream of reviews ended", "复核通知已中断")

    async def take(self, review_id: str) -> review_pb2.Review:
        """Take a review; a post that has taken it already may do so again."""
        request = review_pb2.TakeReviewRequest(site=self._site, review_id=review_id)
        return (await self._reviews.TakeReview(request, timeout=_ASK_S)).review  # type: ignore[no-any-return]

    async def resolve(self, review_id: str, note: str, *, passes: bool) -> review_pb2.Review:
        """Pass or refuse a review this post has taken. A note that begins with `#` gives a call record's number."""
        record, why = call_record(note)
        request = review_pb2.ResolveReviewRequest(
            site=self._site, review_id=review_id, note=why, telephone_record=record
        )
        setattr(request, "pass", passes)
        return (await self._reviews.ResolveReview(request, timeout=_ASK_S)).review  # type: ignore[no-any-return]

    async def alarms(self) -> list[safety_pb2.Alarm]:
        """Alarms not closed that a guard may see."""
        found = await self._alarms.ListAlarms(safety_pb2.ListAlarmsRequest(site=self._site), timeout=_ASK_S)
        return [alarm for alarm in found.alarms if alarm.state != safety_pb2.ALARM_STATE_CLOSED]

    async def alarm_changes(self) -> AsyncIterator[safety_pb2.Alarm]:
        """The same, then every change, until the stream breaks."""
        request = safety_pb2.WatchAlarmsRequest(site=self._site)
        async for change in self._alarms.WatchAlarms(request, wait_for_ready=True):
            yield change.alarm


def call_record(note: str) -> tuple[str, str]:
    """(number of the call record, the rest) of a note such as `#T-7 announced by the host`; no number without `#`."""
    first, _, rest = note.strip().partition(" ")
    return (first[1:], rest.strip()) if first.startswith("#") else ("", note)
