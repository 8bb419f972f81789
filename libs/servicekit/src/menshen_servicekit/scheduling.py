"""How the kernel is asked to schedule a process (Linux; elsewhere nothing is asked)."""

import ctypes
import os
import platform
import struct
import sys
from typing import Final

SHORT_TURN_NS: Final = 100_000
"""The shortest that the kernel grants."""

KERNELS_CHOICE: Final = 0

_SCHED_SETATTR: Final = {"x86_64": 314, "aarch64": 274}
_ATTR: Final = "=IIQiIQQQ"
"""struct sched_attr of sched_setattr(2): size, policy, flags, nice, priority, runtime, deadline, period."""


def take_turns(turn_ns: int) -> bool:
    """Ask for turns of so long for this thread, and for threads and processes it starts from now on; whether it was
    granted.

    Whoever asks for shorter turns than what runs just then need not wait for the end of its turn when it wakes up; its
    share of the processor stays the same. Kernels before Linux 6.12 accept it and do as before.
    """
    number = _SCHED_SETATTR.get(platform.machine()) if sys.platform == "linux" else None
    if number is None or os.sched_getscheduler(0) != os.SCHED_OTHER:
        return False
    nice = os.getpriority(os.PRIO_PROCESS, 0)
    attributes = struct.pack(_ATTR, struct.calcsize(_ATTR), os.SCHED_OTHER, 0, nice, 0, turn_ns, 0, 0)
    refused: int = ctypes.CDLL(None).syscall(number, 0, ctypes.create_string_buffer(attributes), 0)
    return not refused
