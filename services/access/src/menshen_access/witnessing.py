"""Signed heads of the chain, kept outside the database: who rewrites history must also rewrite these.

One JSON line per head in `<folder>/<site>.jsonl`: site, epoch, sequence, hash (hex), at_ms, signature (hex, Ed25519
over `statement_of`). A head that has not moved is not written again.
"""

import asyncio
import errno
import os
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Final, Protocol

from menshen_servicekit.clock import Clock

from menshen_access.domain.heads import SignedHead, line_of, statement_of

PAUSE_S: Final = 60.0


class Heads(Protocol):
    """Where the head is read."""

    async def head(self, site: str) -> tuple[int, int, bytes]:
        """(epoch, sequence, hash) of the last link."""


class Witness:
    """Writes the heads of one site; the folder should be on another machine's disk."""

    def __init__(self, site: str, heads: Heads, sign: Callable[[bytes], bytes], folder: Path, clock: Clock) -> None:
        self._site = site
        self._heads = heads
        self._sign = sign
        self._file = folder / f"{site}.jsonl"
        self._clock = clock
        self._last: tuple[int, int] | None = None

    async def run(self) -> None:
        """Write a head every minute; raises OSError when the folder refuses, to be run again."""
        while True:
            await self.write()
            await asyncio.sleep(PAUSE_S)

    async def write(self) -> SignedHead | None:
        """Write the head as it stands; None when it has not moved."""
        epoch, sequence, link = await self._heads.head(self._site)
        if self._last == (epoch, sequence):
            return None
        head = SignedHead(self._site, epoch, sequence, link.hex(), self._clock.now_ms())
        signed = SignedHead(**{**asdict(head), "signature": self._sign(statement_of(head)).hex()})
        await asyncio.to_thread(self._append, signed)
        self._last = epoch, sequence
        return signed

    def _append(self, head: SignedHead) -> None:
        """Write a line of its own, also behind one that was torn."""
        self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self._file, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            size = os.fstat(descriptor).st_size
            torn = size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"
            line = b"\n" * torn + line_of(head)
            if os.write(descriptor, line) != len(line):
                raise OSError(errno.ENOSPC, "the head was not written whole", str(self._file))
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
