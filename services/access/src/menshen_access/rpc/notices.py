"""The RPCs of the AdministrationService about public notices."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import asdict
from typing import Any

from menshen.access.v1 import administration_pb2 as pb

from menshen_access.announcing import NoticeFeed
from menshen_access.domain.notices import Notice
from menshen_access.rpc.convert_admin import ServedSites, who


class NoticeRpcs:
    """A part of the AdministrationServicer."""

    def __init__(self, sites: ServedSites, feed: NoticeFeed) -> None:
        self._notice_sites = sites
        self._notices = feed

    async def WatchNotices(
        self, request: pb.WatchNoticesRequest, context: Any
    ) -> AsyncIterator[pb.WatchNoticesResponse]:
        site = self._notice_sites.check(request.site)
        after = (request.cursor.epoch, request.cursor.position) if request.HasField("cursor") else None
        pages = self._notices.watch(site, after, until_now=request.until_now)
        async with aclosing(pages):
            async for page, (epoch, position) in pages:
                cursor = pb.NoticeCursor(epoch=epoch, position=position)
                yield pb.WatchNoticesResponse(notices=map(_notice_message, page), cursor=cursor)

    async def AcknowledgeNotices(
        self, request: pb.AcknowledgeNoticesRequest, context: Any
    ) -> pb.AcknowledgeNoticesResponse:
        site = self._notice_sites.check(request.site)
        place = request.cursor.epoch, request.cursor.position
        return pb.AcknowledgeNoticesResponse(acknowledged=await self._notices.acknowledge(site, place, who(context)))


def _notice_message(notice: Notice) -> pb.Notice:
    return pb.Notice(**asdict(notice))
