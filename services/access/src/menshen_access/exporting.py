"""Giving the history away as it is stored, link by link: broken or not, for whoever verifies it elsewhere."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Final, Protocol

from menshen_servicekit.clock import Clock

from menshen_access.domain.chain import StoredLink
from menshen_access.feeding import EventPlace, checked, epoch_ended
from menshen_access.querying import Querying, Question

PAGE: Final = 500


class ChainSource(Protocol):
    """The history in PostgreSQL."""

    async def end(self, site: str) -> tuple[int, int]:
        """(epoch, last sequence) of a site."""

    async def links(self, site: str, after: int, through: int, limit: int) -> list[StoredLink]:
        """Links of the chain with the bytes that still exist, in sequence."""


@dataclass(frozen=True, slots=True)
class ExportPage:
    """Links in sequence. The first page has none: it says what will come. `read_at_ms` is from before the end was read,
    so that a head signed until then has its link in the export.
    """

    epoch: int
    through: int
    read_at_ms: int
    links: list[StoredLink]


class Exporting:
    """Exports of all sites; a page is read when the one before was taken."""

    def __init__(self, source: ChainSource, querying: Querying, clock: Clock) -> None:
        self._source = source
        self._querying = querying
        self._clock = clock

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
            links = await self._source.links(site, sequence, through, PAGE)
            await self._check_epoch(site, epoch)
            if not links:
                return
            sequence = links[-1].link.sequence
            yield ExportPage(epoch, through, read_at_ms, links)

    async def _check_epoch(self, site: str, epoch: int) -> None:
        current, _ = await self._source.end(site)
        if current != epoch:
            raise epoch_ended(epoch, current)
