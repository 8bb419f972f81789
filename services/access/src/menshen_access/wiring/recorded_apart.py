"""The process apart that a replay has to itself, from inside: recorded decisions are read and judged here.

Imports little: the process is started for each replay.
"""

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, Final, TypeVar

from menshen_servicekit.postgres import OUTAGES, SLOW, open_pool

from menshen_access.domain.replayed import ReplayTally
from menshen_access.postgres.administration import Administration
from menshen_access.postgres.reading import HistoryReader
from menshen_access.postgres.replaying import RecordedDecisions
from menshen_access.postgres.sites import Sites
from menshen_access.replay_pages import JudgedPage, ReplayPages, Sources, Span
from menshen_access.replay_work import NotBegunError, judging_by

T = TypeVar("T")
_SCHEMA: Final = "access"
_STATEMENT_S: Final = 30.0
"""The process runs when nobody else does: it may be a while before it sees an answer."""


class _Apart:
    """The process apart: its loop, its one connection, and the replay, kept from page to page."""

    def __init__(self, database_url: str, password_file: Path | None, asked: tuple[bytes, int], span: Span) -> None:
        self._loop = asyncio.Runner()
        sources = self._loop.run(_connected(database_url, password_file))
        self._pages = ReplayPages(sources, judging_by(*asked), span)

    @property
    def tally(self) -> ReplayTally:
        return self._pages.tally

    def page(self) -> JudgedPage:
        return self._run(self._pages.next())

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        try:
            return self._loop.run(work)
        except OUTAGES as outage:
            # The driver's own errors do not cross from one process to another.
            raise ConnectionError(str(outage)) from None
        except SLOW as slow:
            raise TimeoutError(str(slow)) from None


async def _connected(database_url: str, password_file: Path | None) -> Sources:
    pool = await open_pool(
        database_url,
        password_file,
        schema=_SCHEMA,
        application="menshen-access-replay",
        statement_timeout_s=_STATEMENT_S,
        max_size=1,
    )
    sites = Sites(pool)
    return Sources(RecordedDecisions(pool), Administration(pool, sites), HistoryReader(pool, sites))


_apart: _Apart | None = None


def begin(database_url: str, password_file: Path | None, plan: bytes, policy_version: int, span: Span) -> None:
    """Connect; see `replaying.JudgedApart`."""
    global _apart  # noqa: PLW0603  (a process pool has no other place for what its process keeps)
    _apart = _Apart(database_url, password_file, (plan, policy_version), span)


def page() -> JudgedPage:
    """The next page of the replay that was begun."""
    return _begun().page()


def tally() -> ReplayTally:
    """What it has come to so far."""
    return _begun().tally


def _begun() -> _Apart:
    if _apart is None:
        raise NotBegunError
    return _apart
