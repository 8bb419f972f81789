"""The stream that keeps the edge current, and the upload of spooled events."""

import asyncio
from pathlib import Path
from typing import TypedDict

import grpc
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from menshen.access.v1 import access_pb2
from menshen.access.v1.access_pb2_grpc import AccessServiceStub
from menshen_rulebook.policy import LANGUAGE
from menshen_rulebook.records import SCHEMA
from menshen_rulebook.types import Hold, HoldScope, Order, OrderKind, ThreatLevel

from menshen_device_agent.edge.holding import EdgeCursor, EdgeRecord
from menshen_device_agent.edge.keeping import EdgeKeeper
from menshen_device_agent.peers.convert import positioned
from menshen_device_agent.spool import SpoolEntry

SILENCE_S = 30.0
UPLOAD_TIMEOUT_S = 10.0
_ORDER_KINDS = frozenset(map(int, OrderKind))


class BesideThePlan(TypedDict):
    """The live values of a site that every agent holds."""

    holds: tuple[Hold, ...]
    threat_levels: tuple[ThreatLevel, ...]
    stale_sources: frozenset[str]
    orders: tuple[Order, ...]


class Ed25519Check:
    """Checks snapshots with the site's public key (PEM)."""

    def __init__(self, site: str, key_file: Path) -> None:
        key = load_pem_public_key(key_file.read_bytes())
        if not isinstance(key, Ed25519PublicKey):
            raise ValueError(f"{key_file} holds no Ed25519 public key")  # noqa: TRY004  (the file is wrong, not a type)
        self._key = key
        self._site = site

    def holds(self, cursor: EdgeCursor, digest: bytes, signature: bytes) -> bool:
        statement = f"menshen edge snapshot\n{self._site}\n{cursor.epoch}\n{cursor.position}\n".encode() + digest
        try:
            self._key.verify(signature, statement)
        except InvalidSignature:
            return False
        return True


class EdgeLink:
    """Owns the stream while `run` runs; whoever owns the link runs it again, after a pause."""

    def __init__(self, channel: grpc.aio.Channel, site: str, keeper: EdgeKeeper) -> None:
        self._stub = AccessServiceStub(channel)
        self._site = site
        self._keeper = keeper

    async def run(self) -> None:
        """Follow the centre until the stream breaks, falls silent or says what does not hold."""
        call = self._stub.SyncEdge(self._request())
        try:
            while True:
                async with asyncio.timeout(SILENCE_S):
                    response = await call.read()
                if not isinstance(response, access_pb2.SyncEdgeResponse):
                    raise ConnectionError("the stream ended")
                self._take(response)
        finally:
            call.cancel()

    def _request(self) -> access_pb2.SyncEdgeRequest:
        request = access_pb2.SyncEdgeRequest(site=self._site, record_schema=SCHEMA, policy_language=LANGUAGE)
        cursor = self._keeper.holding.cursor
        if cursor is not None:
            request.cursor.epoch, request.cursor.position = cursor.epoch, cursor.position
        return request

    def _take(self, response: access_pb2.SyncEdgeResponse) -> None:
        body = response.WhichOneof("body")
        if body == "begin":
            self._keeper.begin()
        elif body == "records":
            records = [EdgeRecord(r.subject_id, r.version, r.record, tuple(r.keys)) for r in response.records.records]
            cursor = _cursor(response.cursor) if response.HasField("cursor") else None
            self._keeper.records(records, cursor)
        elif body == "end":
            self._keeper.end(_cursor(response.end.cursor), response.end.digest, response.end.signature)
        elif body == "plan":
            self._keeper.plan(response.plan.version, response.plan.plan)
        elif body == "holds":
            self._keeper.holds(response.holds.version, **beside_the_plan(self._site, response.holds))
        elif body == "digest":
            self._keeper.digest(_cursor(response.digest.cursor), response.digest.digest, response.digest.now_ms)


class AccessReceiver:
    """Uploads spooled entries."""

    def __init__(self, channel: grpc.aio.Channel, site: str) -> None:
        self._stub = AccessServiceStub(channel)
        self._site = site

    async def store(self, epoch: int, entries: list[SpoolEntry]) -> int:
        """Store entries and return the watermark; ConnectionError while the centre does not take them."""
        request = access_pb2.UploadEventsRequest(
            site=self._site, events=[positioned(entry.body, epoch, entry.number) for entry in entries]
        )
        try:
            response = await self._stub.UploadEvents(request, timeout=UPLOAD_TIMEOUT_S)
        except grpc.aio.AioRpcError as error:
            raise ConnectionError(error.code().name) from error
        return response.recorded.number if response.recorded.epoch == epoch else 0


def _cursor(message: access_pb2.EdgeCursor) -> EdgeCursor:
    return EdgeCursor(message.epoch, message.position)


def beside_the_plan(site: str, message: access_pb2.EdgeHolds) -> BesideThePlan:
    """What holds for the site beside its plan, as `EdgeKeeper.holds` takes it."""
    return {
        "holds": tuple(_hold(site, hold) for hold in message.holds),
        "threat_levels": tuple(ThreatLevel(one.level, one.area) for one in message.threat_levels),
        "stale_sources": frozenset(message.stale_sources),
        "orders": tuple(_order(order) for order in message.orders),
    }


def _hold(site: str, message: access_pb2.EdgeHold) -> Hold:
    if message.access_point:
        return Hold(message.hold_id, message.origin, HoldScope.ACCESS_POINT, message.access_point)
    if message.area:
        return Hold(message.hold_id, message.origin, HoldScope.AREA, message.area)
    return Hold(message.hold_id, message.origin, HoldScope.SITE, site)


def _order(message: access_pb2.EdgeOrder) -> Order:
    """A kind this agent does not know orders nothing."""
    kind = OrderKind(message.kind) if int(message.kind) in _ORDER_KINDS else OrderKind.UNSPECIFIED
    return Order(message.order_id, message.origin, message.access_point, kind, message.until_ms)
