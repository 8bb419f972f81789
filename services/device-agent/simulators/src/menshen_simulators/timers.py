"""Timers with one owner, so that closing a simulator leaves nothing behind."""

import asyncio
from collections.abc import Callable


class Timers:
    """Delayed calls on the running loop; `close()` cancels those that are left."""

    def __init__(self) -> None:
        self._pending: set[asyncio.TimerHandle] = set()
        self._closed = False

    def after(self, delay_s: float, call: Callable[[], None]) -> asyncio.TimerHandle | None:
        """Call `call` once after `delay_s`; nothing after close()."""
        if self._closed:
            return None

        def ring() -> None:
            self._pending.discard(handle)
            call()

        handle = asyncio.get_running_loop().call_later(delay_s, ring)
        self._pending.add(handle)
        return handle

    def cancel(self, handle: asyncio.TimerHandle | None) -> None:
        if handle is not None:
            handle.cancel()
            self._pending.discard(handle)

    def close(self) -> None:
        self._closed = True
        for handle in self._pending:
            handle.cancel()
        self._pending.clear()
