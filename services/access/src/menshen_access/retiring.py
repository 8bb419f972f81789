"""Telling identity which credentials are retired, because their successor was used.

The history is the outbox: a place in it moves on when identity has answered, and identity does the same thing twice
without a second effect. So an outage of either delays a retirement and loses none. Gates do not wait for it: the commit
that granted the successor retired the old credential there.
"""

from typing import Final, Protocol

import structlog
from menshen_servicekit.telemetry import Metrics

from menshen_access.domain.retirements import Retired, Retirement, RetirementPage, Source
from menshen_access.noticeboard import Noticeboard, Topic, within

POLL_S: Final = 5.0

_log = structlog.get_logger(__name__)


_TOPICS: Final = {Source.GRANTS: Topic.RETIREMENTS, Source.REVIEWS: Topic.REVIEWS}


class RetirementLog(Protocol):
    """Retirements of a site in the order of the history, or of the ends of reviews."""

    async def place(self, site: str, source: Source) -> int:
        """How far identity was told; 0 at first."""

    async def after(self, site: str, source: Source, place: int) -> RetirementPage:
        """The next ones."""

    async def told(self, site: str, source: Source, place: int) -> None:
        """Keep the place."""


class Office(Protocol):
    """Identity."""

    async def retire(self, site: str, retired: Retired) -> Retirement | None:
        """Tell it; None when it will never take this. Raises ConnectionError when it is to be told again."""


class RetirementCourier:
    """Tells identity of one site's retirements; whoever runs it holds the site's lease."""

    def __init__(self, site: str, log: RetirementLog, office: Office, board: Noticeboard, metrics: Metrics) -> None:
        self._site = site
        self._log = log
        self._office = office
        self._board = board
        self._told = metrics.counter("retirements_told", "Credentials whose successor was used", ["site", "answer"])

    async def follow(self, source: Source) -> None:
        """Tell for ever. Outages of PostgreSQL or identity end it; run it again."""
        while True:
            came = self._board.next(_TOPICS[source], self._site)
            if not await self.step(source):
                await within(came, POLL_S)

    async def step(self, source: Source) -> bool:
        """Tell the next ones; whether there are more."""
        place = await self._log.place(self._site, source)
        page = await self._log.after(self._site, source, place)
        for retired in page.retired:
            answer = await self._office.retire(self._site, retired)
            word = answer.name if answer is not None else "REFUSED"
            self._told.labels(self._site, word).inc()
            if answer in (None, Retirement.NOT_SUCCEEDED):
                _log.error("retirement_refused", site=self._site, event_id=retired.event_id, answer=word)
        if page.place > place:
            await self._log.told(self._site, source, page.place)
        return page.has_more
