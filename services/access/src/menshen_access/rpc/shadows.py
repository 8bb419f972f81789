"""The ShadowService."""

from typing import Any

from menshen.access.v1 import shadow_pb2 as pb
from menshen.access.v1.shadow_pb2_grpc import ShadowServiceServicer

from menshen_access.domain.shadows import Count, CountKey, Shadow, ShownDifference
from menshen_access.querying import Question
from menshen_access.rpc.convert_admin import ServedSites, before_sequence, page_size, who
from menshen_access.shadowing import Shadowing


class ShadowServicer(ShadowServiceServicer):
    """Turns messages into calls of the use case and back."""

    def __init__(self, sites: ServedSites, shadowing: Shadowing) -> None:
        self._sites = sites
        self._shadowing = shadowing

    async def StartShadow(self, request: pb.StartShadowRequest, context: Any) -> pb.StartShadowResponse:
        site = self._sites.check(request.site)
        started = await self._shadowing.start(site, request.policy_id, request.hours, request.reason, who(context))
        return pb.StartShadowResponse(shadow=_shadow_message(started, started.through_sequence))

    async def StopShadow(self, request: pb.StopShadowRequest, context: Any) -> pb.StopShadowResponse:
        await self._shadowing.stop(self._sites.check(request.site), request.shadow_id, request.reason, who(context))
        return pb.StopShadowResponse()

    async def ListShadows(self, request: pb.ListShadowsRequest, context: Any) -> pb.ListShadowsResponse:
        site, shadow_id = self._sites.check(request.site), request.shadow_id
        if not shadow_id:
            shadows, end = await self._shadowing.listed(site)
            return pb.ListShadowsResponse(shadows=[_shadow_message(one, end) for one in shadows])
        shadow, end, counts = await self._shadowing.counted(site, shadow_id)
        return pb.ListShadowsResponse(
            shadows=[_shadow_message(shadow, end)], counts=[_count_message(*one) for one in counts]
        )

    async def ListShadowDifferences(
        self, request: pb.ListShadowDifferencesRequest, context: Any
    ) -> pb.ListShadowDifferencesResponse:
        site = self._sites.check(request.site)
        question = Question(site, who(context), "ListShadowDifferences", request.purpose)
        after = before_sequence(request.page_token) if request.page_token else 0
        size = page_size(request.page_size)
        found, following = await self._shadowing.differences(question, request.shadow_id, after, size)
        token = str(following) if following else ""
        return pb.ListShadowDifferencesResponse(differences=map(_difference_message, found), next_page_token=token)


def _shadow_message(shadow: Shadow, end: int) -> pb.Shadow:
    totals = shadow.totals
    return pb.Shadow(
        shadow_id=shadow.shadow_id,
        policy_id=shadow.policy_id,
        document_sha256=shadow.sha256,
        state=int(shadow.state),  # type: ignore[arg-type]
        started_at_ms=shadow.started_at_ms,
        ends_at_ms=shadow.ends_at_ms,
        ended_at_ms=shadow.ended_at_ms,
        started_by=shadow.started_by,
        reason=shadow.reason,
        ended_by=shadow.ended_by,
        end_reason=shadow.end_reason,
        from_sequence=shadow.from_sequence,
        through_sequence=shadow.through_sequence,
        lag=max(0, end - shadow.through_sequence) if shadow.runs else 0,
        decided=totals.decided,
        differing=totals.differing,
        unjudged=totals.unjudged,
        kept=shadow.kept,
    )


def _count_message(key: CountKey, count: Count) -> pb.ShadowCount:
    return pb.ShadowCount(
        access_point=key.access_point,
        outcome=key.outcome,  # type: ignore[arg-type]
        outcome_under=key.outcome_under,  # type: ignore[arg-type]
        decided=count.decided,
        differing=count.differing,
    )


def _difference_message(shown: ShownDifference) -> pb.ShadowDifference:
    one = shown.difference
    return pb.ShadowDifference(
        sequence=one.sequence,
        event_id=one.event_id,
        kind=one.kind,  # type: ignore[arg-type]
        access_point=one.access_point,
        at_ms=one.at_ms,
        outcome=one.outcome,  # type: ignore[arg-type]
        reason_code=one.reason_code,
        outcome_under=one.outcome_under,  # type: ignore[arg-type]
        reason_code_under=one.reason_code_under,
        subject_ids=shown.subject_ids,
    )
