"""Presentations that wait for a guard. An exit opens by itself when nobody has decided in time."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace

from menshen_device_agent.interlocking import DoorSide, Lock, held_shut, open_to_all
from menshen_device_agent.journal import Journal
from menshen_device_agent.presenting import Shown

LIMIT = 256


@dataclass(slots=True)
class _Waiting:
    shown: Shown
    door: DoorSide
    show: Callable[[Shown], None]
    timer: asyncio.TimerHandle | None


class Reviews:
    """Owns the timers; `close` stops them. `opens_itself` says whether an access point is an exit for people."""

    def __init__(
        self,
        journal: Journal,
        opens_itself: Callable[[str], bool],
        open_after_s: float,
        forget_after_s: float = 600.0,
        bars: Callable[[str], str] = open_to_all,
    ) -> None:
        self._lock = Lock(journal, bars)
        self._opens_itself = opens_itself
        self._open_after_s = open_after_s
        self._forget_after_s = forget_after_s
        self._waiting: dict[str, _Waiting] = {}

    def hold(self, shown: Shown, door: DoorSide, show: Callable[[Shown], None]) -> None:
        """Wait for the guard; the longest waiting gives way beyond the limit."""
        event_id = shown.asked.event_id
        exits = self._opens_itself(shown.asked.access_point)
        loop = asyncio.get_running_loop()
        if exits:
            timer = loop.call_later(self._open_after_s, self._open, event_id, "REVIEW_TIMEOUT")
        else:
            timer = loop.call_later(self._forget_after_s, self._drop, event_id)
        self._waiting[event_id] = _Waiting(shown, door, show, timer)
        while len(self._waiting) > LIMIT:
            self._drop(next(iter(self._waiting)))

    def resolved(self, event_id: str, *, opens: bool) -> None:
        """A guard decided, or the centre let an exit open."""
        if opens:
            self._open(event_id, "REVIEW_PASSED")
        else:
            self._drop(event_id)

    def close(self) -> None:
        """Stop the timers."""
        for event_id in tuple(self._waiting):
            self._drop(event_id)

    def _open(self, event_id: str, cause: str) -> None:
        waiting = self._drop(event_id)
        if waiting is None:
            return
        asked, answer = waiting.shown.asked, waiting.shown.answer
        detail = {"cause": cause, "review_id": answer.review_id}
        barred_by = self._lock.obey(asked, answer, waiting.door, detail)
        waiting.show(replace(waiting.shown, answer=held_shut(answer, barred_by)) if barred_by else waiting.shown)

    def _drop(self, event_id: str) -> _Waiting | None:
        waiting = self._waiting.pop(event_id, None)
        if waiting is not None and waiting.timer is not None:
            waiting.timer.cancel()
        return waiting
