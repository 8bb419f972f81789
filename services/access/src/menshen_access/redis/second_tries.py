"""Calls that lost their connection on the way and wait, for a moment, until the primary is found again."""

import asyncio
from collections.abc import Callable, Iterable
from typing import Final

from menshen_access.redis.resp import RespClient

RELOCATION_S: Final = 0.2
"""A connection lost is found again within this time or not soon: a caller that waited longer waits for nothing."""
MOST_TRIES: Final = 3
"""How often one call is made at most."""
MOST_WAITING: Final = 2_000


class SecondTries:
    """Resumes each call that waits exactly once: when its client takes commands again, or when its time is over."""

    def __init__(self, clients: Iterable[RespClient]) -> None:
        self._waiting: dict[RespClient, dict[Callable[[], None], asyncio.TimerHandle]] = {}
        for client in set(clients):
            self._waiting[client] = {}
            client.tell_connected(lambda client=client: self._resume_all(client))  # type: ignore[misc]

    def wait(self, client: RespClient, tries: int, answer_by: float, resume: Callable[[], None]) -> bool:
        """Whether the call may be made once more; `resume` is then called, never within this call.

        Not for a client away for longer, nor after MOST_TRIES, nor past `answer_by` on the loop's clock.
        """
        loop, waiting = asyncio.get_running_loop(), self._waiting[client]
        until = min(answer_by, client.lost_at + RELOCATION_S)
        if tries >= MOST_TRIES or until <= loop.time() or len(waiting) >= MOST_WAITING:
            return False

        def give_up() -> None:
            del waiting[resume]
            resume()

        waiting[resume] = loop.call_at(until, give_up)
        return True

    def _resume_all(self, client: RespClient) -> None:
        waiting = self._waiting[client]
        resumed, self._waiting[client] = tuple(waiting.items()), {}
        for resume, timer in resumed:
            timer.cancel()
            resume()
