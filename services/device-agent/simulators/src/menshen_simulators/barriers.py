"""Barriers with vehicles, wired to the terminals of a relay board."""

import asyncio
from enum import Enum

from menshen_simulators.doors import Wiring
from menshen_simulators.ledger import Journal, no_journal
from menshen_simulators.relay_board import RelayBoard
from menshen_simulators.timers import Timers


class Boom(Enum):
    """Where a barrier's boom is."""

    DOWN = "DOWN"
    RISING = "RISING"
    UP = "UP"
    LOWERING = "LOWERING"


class Barrier:
    """A boom over a presence loop.

    A pulse of the lock relay raises it; it lowers `dwell_s` after the loop is clear and the pulse is over, and turns
    round while lowering if the loop is taken (anti-crush). While the release relay is dropped it stays up. Ledger:
    `BOOM` with the state, `PASSED`, `NOT_TAKEN`, `CRUSH_AVOIDED`, `FORCED`.
    """

    def __init__(
        self,
        board: RelayBoard,
        wiring: Wiring | None = None,
        *,
        name: str = "barrier",
        travel_s: float = 1.0,
        dwell_s: float = 2.0,
        passage_pulse_s: float = 0.1,
        journal: Journal = no_journal,
    ) -> None:
        self.name = name
        self.stuck = False
        self.boom = Boom.DOWN
        self._board = board
        self._wiring = wiring or Wiring()
        self._travel_s = travel_s
        self._dwell_s = dwell_s
        self._passage_pulse_s = passage_pulse_s
        self._journal = journal
        self._timers = Timers()
        self._motion: asyncio.TimerHandle | None = None
        self._loop_taken = False
        self._up = asyncio.Event()
        board.watch(self._wiring.lock_relay, self._relay_changed)
        if self._wiring.release_relay is not None:
            board.watch(self._wiring.release_relay, self._relay_changed)
        self._settle()

    def close(self) -> None:
        """End the barrier's timers."""
        self._timers.close()

    def set_loop(self, *, taken: bool) -> None:
        """A vehicle comes onto or leaves the presence loop."""
        self._loop_taken = taken
        self._board.set_input(self._wiring.presence_input, on=taken)
        if taken and self.boom is Boom.LOWERING:
            self._journal("CRUSH_AVOIDED", self.name)
        self._settle()

    async def drive(self, *, patience_s: float = 10.0, passage_s: float = 0.5) -> bool:
        """One vehicle that comes, waits for the boom and goes; whether it passed."""
        self.set_loop(taken=True)
        try:
            async with asyncio.timeout(patience_s):
                await self._up.wait()
        except TimeoutError:
            self._journal("NOT_TAKEN", self.name, stuck=self.stuck)
            self.set_loop(taken=False)
            return False
        await asyncio.sleep(passage_s)
        self._journal("PASSED", self.name)
        self._board.set_input(self._wiring.passage_input, on=True)
        self._timers.after(self._passage_pulse_s, lambda: self._board.set_input(self._wiring.passage_input, on=False))
        self.set_loop(taken=False)
        return True

    def force(self) -> None:
        """Lift or break the boom without an order."""
        self._journal("FORCED", self.name)
        self._timers.cancel(self._motion)
        self._move(Boom.UP)

    def _relay_changed(self, on: bool) -> None:  # noqa: ARG002 -- the boom follows all of its relays
        self._settle()

    def _settle(self) -> None:
        """Begin whatever motion the relays and the loop ask for."""
        raised = self._is_ordered_up()
        if self.stuck:
            return
        if (raised and self.boom in (Boom.DOWN, Boom.LOWERING)) or (self._loop_taken and self.boom is Boom.LOWERING):
            self._begin(Boom.RISING, self._travel_s, Boom.UP)
        elif self.boom is Boom.UP:
            self._timers.cancel(self._motion)
            if not raised and not self._loop_taken:
                self._motion = self._timers.after(self._dwell_s, self._lower)

    def _is_ordered_up(self) -> bool:
        outputs, release = self._board.outputs, self._wiring.release_relay
        return outputs[self._wiring.lock_relay] or (release is not None and not outputs[release])

    def _lower(self) -> None:
        self._begin(Boom.LOWERING, self._travel_s, Boom.DOWN)

    def _begin(self, motion: Boom, travel_s: float, end: Boom) -> None:
        self._timers.cancel(self._motion)
        self._move(motion)
        self._motion = self._timers.after(travel_s, lambda: self._arrive(end))

    def _arrive(self, end: Boom) -> None:
        self._move(end)
        self._settle()

    def _move(self, boom: Boom) -> None:
        self.boom = boom
        self._journal("BOOM", self.name, state=boom.value)
        self._board.set_input(self._wiring.contact_input, on=boom is not Boom.DOWN)
        if boom is Boom.UP:
            self._up.set()
        else:
            self._up.clear()
