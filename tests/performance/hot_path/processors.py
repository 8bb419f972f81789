"""Processor time by process: what a decision costs whoever works for it. It holds on a machine that others use too."""

from collections.abc import Mapping
from dataclasses import dataclass

import psutil
from menshen_cli.local.servers import OwnServer, Server
from menshen_cli.local.suite import Suite

SETTLE_S = 1.5
"""The keeper is a second behind the decisions: its work for them is counted with them."""


@dataclass(frozen=True, slots=True)
class Processors:
    """Running processes by the name of what they are."""

    pids: Mapping[str, int]

    def spent_s(self) -> dict[str, float]:
        """Seconds of processor time since each process began, with that of its children."""
        return {name: sum(map(_seconds, _family(pid))) for name, pid in self.pids.items()}


def processors_of(suite: Suite, redis: Server, generator: int) -> Processors:
    """Everything that works for a decision; a server that is not ours is left out."""
    pids = {"access": suite.pid("access"), "keeper": suite.pid("access-keeper"), "generator": generator}
    for name, server in (("Redis", redis), ("PostgreSQL", suite.postgres)):
        if isinstance(server, OwnServer) and server.pid is not None:
            pids[name] = server.pid
    return Processors(pids)


def _family(pid: int) -> list[psutil.Process]:
    whole = psutil.Process(pid)
    return [whole, *whole.children(recursive=True)]


def _seconds(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(times.user + times.system)
