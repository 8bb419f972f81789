"""The ReviewService."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing
from typing import Any

from menshen.access.v1 import review_pb2 as pb
from menshen.access.v1.review_pb2_grpc import ReviewServiceServicer
from menshen_servicekit.status import DomainError, FieldTrouble, Trouble

from menshen_access.domain.administration import Review, ReviewState
from menshen_access.reviewing import Ending, Reviewing
from menshen_access.rpc.convert_admin import ServedSites, who
from menshen_access.rpc.rendering import review_message

PhotoOf = Callable[[str, Sequence[str]], Awaitable[str]]
"""The photo reference of the first of these subjects that has one, empty for none."""


class ReviewServicer(ReviewServiceServicer):
    """Turns messages into calls of the use case and back."""

    def __init__(self, sites: ServedSites, reviewing: Reviewing, photo_of: PhotoOf) -> None:
        self._sites = sites
        self._reviewing = reviewing
        self._photo_of = photo_of

    async def ListReviews(self, request: pb.ListReviewsRequest, context: Any) -> pb.ListReviewsResponse:
        site = self._sites.check(request.site)
        found = await self._reviewing.listed(site, _state(request.state))
        return pb.ListReviewsResponse(reviews=[await self._message(site, review) for review in found])

    async def WatchReviews(
        self, request: pb.WatchReviewsRequest, context: Any
    ) -> AsyncIterator[pb.WatchReviewsResponse]:
        site = self._sites.check(request.site)
        wanted = frozenset(request.access_points)
        changes = self._reviewing.watch(site)
        async with aclosing(changes):
            async for review in changes:
                if not wanted or review.access_point in wanted:
                    yield pb.WatchReviewsResponse(review=await self._message(site, review))

    async def TakeReview(self, request: pb.TakeReviewRequest, context: Any) -> pb.TakeReviewResponse:
        site = self._sites.check(request.site)
        review = await self._reviewing.take(site, request.review_id, who(context))
        return pb.TakeReviewResponse(review=await self._message(site, review))

    async def ResolveReview(self, request: pb.ResolveReviewRequest, context: Any) -> pb.ResolveReviewResponse:
        site = self._sites.check(request.site)
        ending = Ending(getattr(request, "pass"), request.note, request.telephone_record)
        review = await self._reviewing.resolve(site, request.review_id, who(context), ending)
        return pb.ResolveReviewResponse(review=await self._message(site, review))

    async def _message(self, site: str, review: Review) -> pb.Review:
        return review_message(review, await self._photo_of(site, review.subject_ids))


def _state(number: int) -> ReviewState:
    if number not in set(ReviewState):
        fault = FieldTrouble("state", "应为已知的复核状态", "expected a known state of a review")
        raise DomainError(Trouble.INVALID, "STATE_INVALID", "复核状态无效", "no such state of a review", [fault])
    return ReviewState(number)
