"""Ports for servers that must keep the same port through a restart.

Ports come in blocks of 32 below the range from which systems choose outgoing ports, so that nothing takes a port while
its server is down. The first port of a block is held listening: it marks the block as ours to every other suite on the
machine, and frees itself when this process ends.
"""

import random
import socket
import threading

from .language import LocalError

_FIRST, _END, _BLOCK = 20_000, 32_000, 32
LOOPBACK = "127.0.0.1"


class PortBlock:
    """One block of ports, handed out one by one."""

    def __init__(self, holder: socket.socket, first: int) -> None:
        self._holder = holder
        self._left = list(range(first + 1, first + _BLOCK))

    @classmethod
    def claim(cls) -> "PortBlock":
        """Claim a block nobody holds. Raises LocalError when all are taken."""
        starts = list(range(_FIRST, _END, _BLOCK))
        random.shuffle(starts)
        for start in starts:
            holder = _bound(start, reuse=False)
            if holder is not None:
                holder.listen(1)
                return cls(holder, start)
        raise LocalError(
            f"no free ports between {_FIRST} and {_END}: stop other suites first",
            f"{_FIRST} 至 {_END} 之间没有空闲端口：请先停止其他实例",
        )

    def take(self) -> int | None:
        """A port nobody listens on, or None when the block is used up."""
        while self._left:
            port = self._left.pop(0)
            probe = _bound(port, reuse=True)
            if probe is not None:
                probe.close()
                return port
        return None


_blocks: list[PortBlock] = []
_claiming = threading.Lock()


def free_port() -> int:
    """A loopback port that stays this process's own until the process ends."""
    with _claiming:
        port = _blocks[-1].take() if _blocks else None
        while port is None:
            _blocks.append(PortBlock.claim())
            port = _blocks[-1].take()
        return port


def _bound(port: int, *, reuse: bool) -> socket.socket | None:
    candidate = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    if reuse:
        candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        candidate.bind((LOOPBACK, port))
    except OSError:
        candidate.close()
        return None
    return candidate
