"""Recorded decisions, read and judged in the process that a replay has to itself."""

from pathlib import Path

from menshen_access.domain.replayed import ReplayTally
from menshen_access.replay_pages import JudgedPage, Span
from menshen_access.replay_process import Seat
from menshen_access.wiring import recorded_apart


class RecordedWork:
    """Implements replaying.JudgedApart. The process has a connection of its own, which ends with it."""

    def __init__(self, database_url: str, password_file: Path | None) -> None:
        self._database = database_url, password_file

    async def begin(self, seat: Seat, plan: bytes, policy_version: int, span: Span) -> None:
        """See the port."""
        await seat.run(recorded_apart.begin, *self._database, plan, policy_version, span)

    async def page(self, seat: Seat) -> JudgedPage:
        """See the port."""
        return await seat.run(recorded_apart.page)

    async def tally(self, seat: Seat) -> ReplayTally:
        """See the port."""
        return await seat.run(recorded_apart.tally)
