"""The loop of a process apart, and its one connection to PostgreSQL."""

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, Final, TypeVar

from menshen_servicekit.postgres import OUTAGES, SLOW, Pool, close_pool, open_pool

T = TypeVar("T")
_SCHEMA: Final = "access"
_STATEMENT_S: Final = 30.0
"""The process runs when nobody else does: it may be a while before it sees an answer."""


class Connected:
    """Opened in the process apart and used by nothing but its one thread; ends with the process if it is not closed."""

    def __init__(self, database_url: str, password_file: Path | None, application: str) -> None:
        """ConnectionError while PostgreSQL does not answer."""
        self._loop = asyncio.Runner()
        self.pool: Pool = self.run(
            open_pool(
                database_url,
                password_file,
                schema=_SCHEMA,
                application=application,
                statement_timeout_s=_STATEMENT_S,
                max_size=1,
            )
        )

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Do it on the loop; ConnectionError for an outage, TimeoutError for what took too long.

        The driver's own errors do not cross from one process to another.
        """
        try:
            return self._loop.run(work)
        except OUTAGES as outage:
            raise ConnectionError(str(outage)) from None
        except SLOW as slow:
            raise TimeoutError(str(slow)) from None

    def close(self) -> None:
        """Close the connection and the loop."""
        try:
            self.run(close_pool(self.pool))
        finally:
            self._loop.close()
