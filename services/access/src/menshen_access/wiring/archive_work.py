"""Links of the chain, read and packed in a process of their own that gives way to all others."""

import asyncio
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Final

from menshen_servicekit.status import DomainError, Trouble

from menshen_access.giving_way import give_way
from menshen_access.postgres.reading import HistoryReader
from menshen_access.postgres.sites import Sites
from menshen_access.rpc.archive import packed
from menshen_access.wiring.connected import Connected

_MOST_S: Final = 60.0


class LinksApart:
    """Implements exporting.PackedLinks. The process is started by the first page and serves every export."""

    def __init__(self, database_url: str, password_file: Path | None) -> None:
        self._database = database_url, password_file
        self._pool: ProcessPoolExecutor | None = None

    async def page(self, site: str, after: int, through: int, limit: int) -> tuple[int, list[bytes]]:
        """See the port. A page that nobody waits for any more is read to its end: it is short."""
        if self._pool is None:
            spawn = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(1, mp_context=spawn, initializer=_begin, initargs=self._database)
        try:
            async with asyncio.timeout(_MOST_S):
                return await asyncio.get_running_loop().run_in_executor(self._pool, _page, site, after, through, limit)
        except (BrokenProcessPool, TimeoutError):
            await self.close()
            raise DomainError(
                Trouble.UNAVAILABLE,
                "EXPORT_ENDED",
                "导出进程已中断，请重复同一命令继续",
                "the work was cut short; the same command goes on",
            ) from None

    async def close(self) -> None:
        """End the process, in the middle of a page too."""
        pool, self._pool = self._pool, None
        if pool is None:
            return
        # Before Python 3.14 a pool has no way of its own to end work that has begun.
        processes = list((pool._processes or {}).values())
        pool.shutdown(wait=False, cancel_futures=True)
        for process in processes:
            process.terminate()


class _Apart:
    """The process apart: its loop and its one connection, kept from page to page."""

    def __init__(self, database_url: str, password_file: Path | None) -> None:
        self._connected = Connected(database_url, password_file, "menshen-access-archive")
        self._reader = HistoryReader(self._connected.pool, Sites(self._connected.pool))

    def page(self, site: str, after: int, through: int, limit: int) -> tuple[int, list[bytes]]:
        links = self._connected.run(self._reader.links(site, after, through, limit))
        return links[-1].link.sequence if links else after, packed(links)


_apart: _Apart | None = None


def _begin(database_url: str, password_file: Path | None) -> None:
    global _apart  # noqa: PLW0603  (a process pool has no other place for what its process keeps)
    give_way()
    _apart = _Apart(database_url, password_file)


def _page(site: str, after: int, through: int, limit: int) -> tuple[int, list[bytes]]:
    if _apart is None:
        raise RuntimeError("the process was not begun")
    return _apart.page(site, after, through, limit)
