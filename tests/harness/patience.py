"""Waiting for something that will be true, without guessing how long it takes."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.002, 0.1


async def eventually(condition: Callable[[], T | Awaitable[T]], deadline_s: float = 10.0) -> T:
    """The first truthy result of `condition`, asked again and again. Fails with its last result at the deadline."""
    loop = asyncio.get_running_loop()
    give_up = loop.time() + deadline_s
    pause_s = _FIRST_PAUSE_S
    while True:
        answer = condition()
        result = await answer if inspect.isawaitable(answer) else answer
        if result:
            return result
        if loop.time() > give_up:
            raise AssertionError(f"still {result!r} after {deadline_s:g} s")
        await asyncio.sleep(pause_s)
        pause_s = min(pause_s * 1.5, _LONGEST_PAUSE_S)
