"""One ledger per gate: what was presented and what physically happened there. No service reads them."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from menshen_servicekit.clock import Clock
from menshen_simulators.ledger import Entry, Fact, Ledger, read_ledger

from .university import GATES, LANE_OF, ZONES


class Ledgers:
    """Files `<gate>.jsonl` in a folder; `write` is the journal of an `Installation`.

    `tally` counts what was written by (kind, gate), for a live view; the files are the proof.
    """

    def __init__(self, folder: Path, clock: Clock) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder = folder
        self._ledgers = {
            gate_id: Ledger(self.path(gate_id), now_ms=clock.now_ms, monotonic=clock.monotonic) for gate_id in GATES
        }
        self._gate_of = dict(_devices())
        self.tally: Counter[tuple[str, str]] = Counter()

    def path(self, gate_id: str) -> Path:
        """The ledger of a gate."""
        return self._folder / f"{gate_id}.jsonl"

    def write(self, kind: str, device: str, **facts: Fact) -> None:
        """Enter it in the ledger of the gate the reader, door or panel belongs to; KeyError for a stranger."""
        gate_id = self._gate_of[device]
        self.tally[kind, gate_id] += 1
        self._ledgers[gate_id].write(kind, device, **facts)

    def entries(self, kind: str | None = None) -> Iterator[Entry]:
        """Everything in all ledgers, gate by gate, of one kind if given."""
        for gate_id in GATES:
            yield from (entry for entry in read_ledger(self.path(gate_id)) if kind in (None, entry.kind))

    def by_device(self, kind: str) -> Counter[str]:
        """How many entries of a kind each reader or door has."""
        return Counter(entry.device for entry in self.entries(kind))

    def close(self) -> None:
        """Release the files; they can still be read."""
        for ledger in self._ledgers.values():
            ledger.close()


def _devices() -> Iterator[tuple[str, str]]:
    for point, lane in LANE_OF.items():
        yield point, lane.gate_id
        yield lane.lane_id, lane.gate_id
    for zone in ZONES:
        yield zone.panel, zone.gate_id
