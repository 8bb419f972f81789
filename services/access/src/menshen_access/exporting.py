"""Giving the history away as it is stored, link by link: broken or not, for whoever verifies it elsewhere.

Links are read and packed apart from the decisions, which an export of years would else stand in the way of.
"""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Final, Protocol

from menshen_servicekit.clock import Clock

from menshen_access.feeding import EventPlace, checked, epoch_ended
from menshen_access.querying import Querying, Question
from menshen_access.resting import Resting

PAGE: Final = 200


class ChainEnd(Protocol):
    """The history in PostgreSQL."""

    async def end(self, site: str) -> tuple[int, int]:
        """(epoch, last sequence) of a site."""


class PackedLinks(Protocol):
    """Links of the chain with the bytes that still exist, as they are sent."""

    async def page(self, site: str, after: int, through: int, limit: int) -> tuple[int, list[bytes]]:
        """The last sequence of a page and the page in parts that are small; the sequence given and none at the end.

        DomainError UNAVAILABLE when whoever packs was cut short.
        """


@dataclass(frozen=True, slots=True)
class ExportPage:
    """Links in sequence, in parts. The first page has none: it says what will come. `read_at_ms` is from before the end
    was read, so that a head signed until then has its link in the export.
    """

    epoch: int
    through: int
    read_at_ms: int
    parts: list[bytes]


class Exporting:
    """Exports of all sites; a page is read when the one before was taken, and decisions have had their time."""

    def __init__(
        self, source: ChainEnd, packed: PackedLinks, querying: Querying, clock: Clock, resting: Resting
    ) -> None:
        self._source = source
        self._packed = packed
        self._querying = querying
        self._clock = clock
        self._resting = resting

    async def export(
        self, question: Question, after: EventPlace | None, through: int
    ) -> AsyncGenerator[ExportPage, None]:
        """Everything after a place up to `through`, 0 for the end as it is now.

        DomainError INVALID without a purpose; OUT_OF_RANGE for a place of another epoch or ahead of the history, and
        when the epoch ends meanwhile.
        """
        site = question.site
        await self._querying.write_down(question, {"after": after.sequence if after else 0, "through": through})
        read_at_ms = self._clock.now_ms()
        epoch, end = await self._source.end(site)
        sequence = checked(after.epoch, after.sequence, epoch, end) if after is not None else 0
        through = max(min(through, end) if through else end, sequence)
        yield ExportPage(epoch, through, read_at_ms, [])
        while sequence < through:
            began = self._resting.now()
            sequence, parts = await self._packed.page(site, sequence, through, PAGE)
            took_s = self._resting.now() - began
            await self._check_epoch(site, epoch)
            if not parts:
                return
            yield ExportPage(epoch, through, read_at_ms, parts)
            await self._resting.after(took_s)

    async def _check_epoch(self, site: str, epoch: int) -> None:
        current, _ = await self._source.end(site)
        if current != epoch:
            raise epoch_ended(epoch, current)
