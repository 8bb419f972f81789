"""SyncEdge and UploadEvents of the AccessService, as calls that its servicer passes on."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing
from typing import Any

from menshen.access.v1 import access_pb2 as pb
from menshen.access.v1 import decision_pb2
from menshen_servicekit.identity import caller_of
from menshen_servicekit.status import DomainError, FieldTrouble, Trouble

from menshen_access.domain.administration import HoldSet
from menshen_access.domain.commands import GivenOrder
from menshen_access.domain.events import EventPayload
from menshen_access.domain.reported import Reported
from menshen_access.domain.subject_records import HeldSubject
from menshen_access.edge_sync import Begin, Digest, EdgeSync, End, Holds, Place, Plan, Records, Step
from menshen_access.ports import NotReadyError, StoreAwayError
from menshen_access.rpc.convert import MalformedError, reported_of, spool_position
from menshen_access.rpc.convert_admin import ServedSites
from menshen_access.uploading import Uploading, check_count

Prepare = Callable[[str, str, Sequence[Reported]], Awaitable[Sequence[EventPayload]]]
"""What reports of an agent record; raises NotReadyError or StoreAwayError."""


class SyncEdgeCall:
    """Streams what the edge holds."""

    def __init__(self, sites: ServedSites, sync: EdgeSync, schema: int) -> None:
        self._sites = sites
        self._sync = sync
        self._schema = schema

    async def __call__(self, request: pb.SyncEdgeRequest, context: Any) -> AsyncIterator[pb.SyncEdgeResponse]:
        site = self._sites.check(request.site)
        after = Place(request.cursor.epoch, request.cursor.position) if request.HasField("cursor") else None
        steps = self._sync.follow(site, after, request.record_schema, request.policy_language)
        async with aclosing(steps):
            async for step in steps:
                yield self._message(step)

    def _message(self, step: Step) -> pb.SyncEdgeResponse:
        match step:
            case Begin():
                return pb.SyncEdgeResponse(
                    begin=pb.EdgeSnapshotBegin(subjects=step.subjects, record_schema=self._schema)
                )
            case Records():
                records = pb.EdgeRecords(records=map(_record, step.subjects))
                return pb.SyncEdgeResponse(records=records, cursor=_cursor(step.place))
            case End():
                end = pb.EdgeSnapshotEnd(cursor=_cursor(step.place), digest=step.digest, signature=step.signature)
                return pb.SyncEdgeResponse(end=end, cursor=_cursor(step.place))
            case Plan():
                return pb.SyncEdgeResponse(plan=pb.EdgePlan(version=step.version, plan=step.document))
            case Holds():
                return pb.SyncEdgeResponse(holds=holds_message(step.held))
            case Digest():
                digest = pb.EdgeDigest(cursor=_cursor(step.place), digest=step.digest, now_ms=step.now_ms)
                return pb.SyncEdgeResponse(digest=digest, cursor=_cursor(step.place))


def _record(subject: HeldSubject) -> pb.EdgeRecord:
    return pb.EdgeRecord(
        subject_id=subject.subject_id, version=subject.version, record=subject.record, keys=subject.keys
    )


def _cursor(place: Place | None) -> pb.EdgeCursor | None:
    return None if place is None else pb.EdgeCursor(epoch=place.epoch, position=place.position)


def holds_message(held: HoldSet) -> pb.EdgeHolds:
    """What holds for the site beside its plan."""
    return pb.EdgeHolds(
        version=held.version,
        holds=[
            pb.EdgeHold(hold_id=hold.hold_id, origin=hold.origin, area=hold.area, access_point=hold.access_point)
            for hold in held.holds
        ],
        threat_levels=[pb.EdgeThreatLevel(area=one.area, level=one.level) for one in held.threat_levels],
        stale_sources=sorted(held.stale_sources),
        orders=map(_order, held.orders),
    )


def _order(order: GivenOrder) -> pb.EdgeOrder:
    kind = decision_pb2.OrderKind.Name(int(order.kind))
    return pb.EdgeOrder(
        order_id=order.order_id,
        access_point=order.access_point,
        kind=kind,
        origin=order.origin,
        until_ms=order.until_ms,
    )


class UploadCall:
    """Takes a batch of an agent's spool."""

    def __init__(self, sites: ServedSites, prepare: Prepare, uploading: Uploading) -> None:
        self._sites = sites
        self._prepare = prepare
        self._uploading = uploading

    async def __call__(self, request: pb.UploadEventsRequest, context: Any) -> pb.UploadEventsResponse:
        site = self._sites.check(request.site)
        check_count(len(request.events))
        caller = caller_of(context)
        agent_id = caller.name if caller is not None else ""
        reports = [_reported(site, agent_id, place, message) for place, message in enumerate(request.events)]
        try:
            events = await self._prepare(site, agent_id, reports)
        except (NotReadyError, StoreAwayError) as error:
            raise DomainError(
                Trouble.UNAVAILABLE, "STORE_AWAY", "暂时无法接收上传", "uploads cannot be taken now"
            ) from error
        upload = await self._uploading.store(site, agent_id, events)
        return pb.UploadEventsResponse(recorded=spool_position(upload.recorded), inserted=upload.inserted)


def _reported(site: str, agent_id: str, place: int, message: pb.AgentEvent) -> Reported:
    try:
        return reported_of(site, agent_id, message)
    except MalformedError as error:
        fault = FieldTrouble(f"events[{place}]", str(error), str(error))
        raise DomainError(
            Trouble.INVALID, "EVENT_INVALID", "上传的事件无效", "an event of the batch is not valid", [fault]
        ) from error
