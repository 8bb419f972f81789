"""What long questions need: records read where they are worked on, and a process that decides nothing meanwhile."""

from collections.abc import Callable
from functools import partial
from typing import Any

from menshen_access.domain.subject_records import Page
from menshen_access.resting import Resting
from menshen_access.wiring.records_apart import read_everybody
from menshen_servicekit.clock import Clock


class Idle:
    """Was never asked for a decision."""

    asked = 0
    last_at = float("-inf")


def unhurried(clock: Clock) -> Resting:
    """Never rests."""
    return Resting(Idle(), clock)


def read_apart(database: Any) -> Callable[[str, bool], list[Page]]:
    """Reads everybody's records as the process apart does."""
    login = database.logins["access"]
    return partial(read_everybody, login.url, login.password_file)
