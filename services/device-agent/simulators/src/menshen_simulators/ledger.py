"""What was presented and what physically happened, written by the simulators and read by no service.

One JSON object a line: `number`, `kind`, `device`, `at_ms` (epoch milliseconds), `monotonic_ms`, `facts`. Each entry is
one appending write, so that a killed simulator loses at most the line it was writing.
"""

import itertools
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

Fact = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Entry:
    """One line. `number` counts from 1 in each opening of the ledger."""

    number: int
    kind: str
    device: str
    at_ms: int
    monotonic_ms: int
    facts: dict[str, Fact]


class Ledger:
    """Appends entries to a file; several ledgers may write to one file.

    `now_ms` gives epoch milliseconds, `monotonic` seconds; both are the caller's.
    """

    def __init__(self, path: Path, *, now_ms: Callable[[], int], monotonic: Callable[[], float]) -> None:
        self._now_ms = now_ms
        self._monotonic = monotonic
        self._numbers = itertools.count(1)
        self._descriptor: int | None = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def write(self, kind: str, device: str, **facts: Fact) -> None:
        """Append one entry; ValueError after close()."""
        if self._descriptor is None:
            raise ValueError("ledger is closed")
        entry = {
            "number": next(self._numbers),
            "kind": kind,
            "device": device,
            "at_ms": self._now_ms(),
            "monotonic_ms": round(self._monotonic() * 1000),
            "facts": facts,
        }
        os.write(self._descriptor, json.dumps(entry, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")

    def close(self) -> None:
        """Release the file; may be called twice."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


Journal = Callable[..., None]
"""How a simulator writes: `Ledger.write` or `no_journal`."""


def no_journal(kind: str, device: str, **facts: Fact) -> None:
    """Write nothing."""


def read_ledger(path: Path) -> Iterator[Entry]:
    """Entries in the order of writing; an unfinished last line is left out."""
    with path.open("rb") as lines:
        for line in lines:
            if line.endswith(b"\n"):
                yield Entry(**json.loads(line))


def count(path: Path, kind: str, device: str | None = None, **facts: Fact) -> int:
    """How many entries are of `kind`, of `device` if given, and carry all of `facts`."""
    return sum(
        entry.kind == kind
        and (device is None or entry.device == device)
        and all(entry.facts.get(name) == fact for name, fact in facts.items())
        for entry in read_ledger(path)
    )
