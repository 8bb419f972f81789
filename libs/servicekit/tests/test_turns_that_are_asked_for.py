"""What the kernel is asked for, as the kernel tells it."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from menshen_servicekit.scheduling import KERNELS_CHOICE, SHORT_TURN_NS

ASKING = """
import os
from pathlib import Path
from menshen_servicekit.scheduling import take_turns
os.nice(3)
print(Path("/proc/self/sched").read_text())
print("granted", take_turns({first}), take_turns({then}), os.getpriority(os.PRIO_PROCESS, 0))
print(Path("/proc/self/sched").read_text())
"""

IDLE = """
import os
from menshen_servicekit.scheduling import take_turns
os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
print(take_turns(100_000), os.sched_getscheduler(0))
"""


def run(program: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=30
    ).stdout


def turns(first: int, then: int) -> tuple[str, list[int]]:
    """What asking twice gave, and the turns in nanoseconds before and afterwards."""
    program = ASKING.format(first=first, then=then)
    told = run(program)
    [granted] = [line for line in told.splitlines() if line.startswith("granted")]
    return granted, [int(number) for number in re.findall(r"se\.slice\s*:\s*(\d+)", told)]


needs_the_kernel = pytest.mark.skipif(
    not Path("/proc/self/sched").exists() or "se.slice" not in Path("/proc/self/sched").read_text(),
    reason="this kernel tells no turns",
)


@needs_the_kernel
def test_a_process_that_asks_has_short_turns_and_stays_as_nice_as_it_was() -> None:
    granted, [before, afterwards] = turns(SHORT_TURN_NS, SHORT_TURN_NS)

    assert granted == "granted True True 3"
    assert afterwards == SHORT_TURN_NS < before


@needs_the_kernel
def test_what_gives_way_has_the_turns_of_the_kernels_choice_again() -> None:
    _, [before, afterwards] = turns(SHORT_TURN_NS, KERNELS_CHOICE)

    assert afterwards == before


def test_what_has_another_class_asks_for_nothing() -> None:
    assert run(IDLE).split() == ["False", str(os.SCHED_IDLE)]
