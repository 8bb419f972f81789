"""The process apart that a replay has to itself, from inside: recorded decisions are read and judged here.

Imports little: the process is started for each replay.
"""

from pathlib import Path

from menshen_access.domain.replayed import ReplayTally
from menshen_access.postgres.administration import Administration
from menshen_access.postgres.reading import HistoryReader
from menshen_access.postgres.replaying import RecordedDecisions
from menshen_access.postgres.sites import Sites
from menshen_access.replay_pages import JudgedPage, ReplayPages, Sources, Span
from menshen_access.replay_work import NotBegunError, judging_by
from menshen_access.wiring.connected import Connected


class _Apart:
    """The process apart: its loop, its one connection, and the replay, kept from page to page."""

    def __init__(self, database_url: str, password_file: Path | None, asked: tuple[bytes, int], span: Span) -> None:
        self._connected = Connected(database_url, password_file, "menshen-access-replay")
        pool, sites = self._connected.pool, Sites(self._connected.pool)
        sources = Sources(RecordedDecisions(pool), Administration(pool, sites), HistoryReader(pool, sites))
        self._pages = ReplayPages(sources, judging_by(*asked), span)

    @property
    def tally(self) -> ReplayTally:
        return self._pages.tally

    def page(self) -> JudgedPage:
        return self._connected.run(self._pages.next())


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
