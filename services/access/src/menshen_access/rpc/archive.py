"""The ArchiveService."""

from collections.abc import AsyncIterator, Iterable
from contextlib import aclosing
from typing import Any, Final

from menshen.access.v1 import archive_pb2 as pb
from menshen.access.v1.archive_pb2_grpc import ArchiveServiceServicer

from menshen_access.domain.chain import StoredLink, promises_of
from menshen_access.exporting import Exporting
from menshen_access.feeding import EventPlace
from menshen_access.querying import Question
from menshen_access.rpc.convert_admin import ServedSites, who

MOST_BYTES: Final = 32 * 1024
"""A response is full beyond this; one event alone may be larger. Decisions wait while one is sent."""


class ArchiveServicer(ArchiveServiceServicer):
    """Turns messages into calls of the use case and back."""

    def __init__(self, sites: ServedSites, exporting: Exporting) -> None:
        self._sites = sites
        self._exporting = exporting

    async def ExportHistory(
        self, request: pb.ExportHistoryRequest, context: Any
    ) -> AsyncIterator[pb.ExportHistoryResponse]:
        question = Question(self._sites.check(request.site), who(context), "ExportHistory", request.purpose)
        after = EventPlace(request.after.epoch, request.after.sequence) if request.HasField("after") else None
        pages = self._exporting.export(question, after, request.through)
        async with aclosing(pages):
            async for page in pages:
                for part in page.parts or [b""]:
                    answer = pb.ExportHistoryResponse.FromString(part)
                    answer.epoch, answer.through, answer.read_at_ms = page.epoch, page.through, page.read_at_ms
                    yield answer


def packed(links: Iterable[StoredLink]) -> list[bytes]:
    """The links in responses that are not too large and say nothing else, as they are sent; none without links."""
    parts: list[bytes] = []
    part: list[pb.HistoryLink] = []
    size = 0
    for message in map(_message, links):
        size += message.ByteSize()
        if part and size > MOST_BYTES:
            parts.append(pb.ExportHistoryResponse(links=part).SerializeToString())
            part, size = [], message.ByteSize()
        part.append(message)
    return [*parts, pb.ExportHistoryResponse(links=part).SerializeToString()] if part else parts


def _message(stored: StoredLink) -> pb.HistoryLink:
    link = stored.link
    core, identity, health = (
        pb.RetainedClass(commitment=promise, stored=one, salt=salt)
        for promise, one, salt in zip(promises_of(link), stored.stored, stored.salts, strict=True)
    )
    return pb.HistoryLink(
        sequence=link.sequence,
        epoch=link.epoch,
        event_id=link.event_id,
        kind=link.kind,  # type: ignore[arg-type]  # open enum: kinds this build does not name are given as they are
        core=core,
        identity=identity,
        health=health,
        previous=link.previous,
        hash=link.hash,
    )
