"""How a process apart lets those that decide go first, and ends with the service."""

import multiprocessing
import os
import signal
import sys
import threading
from contextlib import suppress
from typing import Final

from menshen_servicekit.scheduling import KERNELS_CHOICE, take_turns

_NICE: Final = 10


def give_way() -> None:
    """Let every process that decides go first, leave Ctrl-C to the service, and end with it however it ends."""
    step_back()
    if sys.platform == "linux":
        # Whoever wakes up beside it need not wait for the end of its turn. Where a container forbids it, it is merely
        # nice. It stays in its session: where the kernel weighs sessions, this counts inside one alone.
        with suppress(OSError):
            os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))


def step_back() -> None:
    """As `give_way`, for what people wait for: it has its share on a machine that is never idle."""
    take_turns(KERNELS_CHOICE)
    os.nice(_NICE)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_the_service, daemon=True).start()


def _end_with_the_service() -> None:
    service = multiprocessing.parent_process()
    if service is not None:
        service.join()
        os._exit(0)
