"""Doors with people, wired to the terminals of a relay board.

What they do physically goes to the ledger: a grant that nobody used and a passage nobody granted are facts there.
"""

import asyncio
from dataclasses import dataclass

from menshen_simulators.ledger import Journal, no_journal
from menshen_simulators.relay_board import RelayBoard
from menshen_simulators.timers import Timers


@dataclass(frozen=True, slots=True)
class Wiring:
    """Terminals of one gate on one board.

    `lock_relay` on grants; `release_relay` is energised in the normal state and releases when it drops (None: not
    wired). Inputs are on for: `contact` leaf or boom not closed, `rex` button pressed, `presence` somebody or a vehicle
    before the gate, `passage` a short pulse per person or vehicle, `tamper` housing open.
    """

    lock_relay: int = 0
    release_relay: int | None = 1
    contact_input: int = 0
    rex_input: int = 1
    presence_input: int = 2
    passage_input: int = 3
    tamper_input: int = 5


class Door:
    """A leaf with a lock.

    `fail_safe` says what a lock without power does. `stuck` keeps the leaf shut though the lock is free. Ledger:
    `UNLOCKED`, `LOCKED`, `OPENED`, `CLOSED`, `PASSED`, `FORCED`, `NOT_TAKEN`, `REX`, `TAMPER`.
    """

    def __init__(
        self,
        board: RelayBoard,
        wiring: Wiring | None = None,
        *,
        name: str = "door",
        fail_safe: bool = True,
        passage_pulse_s: float = 0.1,
        journal: Journal = no_journal,
    ) -> None:
        self.name = name
        self.stuck = False
        self._board = board
        self._wiring = wiring or Wiring()
        self._fail_safe = fail_safe
        self._passage_pulse_s = passage_pulse_s
        self._journal = journal
        self._timers = Timers()
        self._lock_power = True
        self._rex = False
        self._open = False
        self._held_open = False
        self._free = asyncio.Event()
        board.watch(self._wiring.lock_relay, self._relay_changed)
        if self._wiring.release_relay is not None:
            board.watch(self._wiring.release_relay, self._relay_changed)
        self._settle()

    @property
    def is_unlocked(self) -> bool:
        """Whether the lock is free, by grant, release, exit button or loss of power."""
        return self._free.is_set()

    @property
    def is_open(self) -> bool:
        return self._open

    def close(self) -> None:
        """End the door's timers."""
        self._timers.close()

    def approach(self) -> None:
        """Somebody stands before the door."""
        self._board.set_input(self._wiring.presence_input, on=True)

    def leave(self) -> None:
        """Nobody stands before the door."""
        self._board.set_input(self._wiring.presence_input, on=False)

    async def walk(self, *, patience_s: float = 5.0, passage_s: float = 0.3, persons: int = 1) -> int:
        """People who wait for the lock, go through one after the other and let the leaf close; how many passed.

        More than one person on one unlocking is tailgating. Nobody passes a door that stays locked or is stuck.
        """
        self.approach()
        try:
            if not await self._wait_until_free(patience_s) or self.stuck:
                self._journal("NOT_TAKEN", self.name, stuck=self.stuck)
                return 0
            self._swing(opened=True)
            for _ in range(persons):
                await self._pass_one(passage_s / persons)
            if not self._held_open:
                self._swing(opened=False)
            return persons
        finally:
            self.leave()

    def force(self) -> None:
        """Open the leaf against the lock."""
        self._journal("FORCED", self.name)
        self._swing(opened=True)

    def hold_open(self) -> None:
        """Wedge the leaf: it opens if it can and stays open."""
        self._held_open = True
        if self.is_unlocked and not self.stuck:
            self._swing(opened=True)

    def let_close(self) -> None:
        """Take the wedge away and shut the leaf."""
        self._held_open = False
        self._swing(opened=False)

    def press_rex(self, duration_s: float = 0.5) -> None:
        """Press the exit button: it frees the lock in hardware, whatever the board says."""
        self._journal("REX", self.name)
        self._set_rex(pressed=True)
        self._timers.after(duration_s, lambda: self._set_rex(pressed=False))

    def set_tamper(self, *, opened: bool) -> None:
        """Open or shut the housing."""
        self._journal("TAMPER", self.name, opened=opened)
        self._board.set_input(self._wiring.tamper_input, on=opened)

    def set_lock_power(self, *, on: bool) -> None:
        """Cut or restore the power of the lock itself."""
        self._lock_power = on
        self._settle()

    async def _wait_until_free(self, patience_s: float) -> bool:
        try:
            async with asyncio.timeout(patience_s):
                await self._free.wait()
        except TimeoutError:
            return False
        return True

    async def _pass_one(self, pace_s: float) -> None:
        self._journal("PASSED", self.name)
        self._board.set_input(self._wiring.passage_input, on=True)
        await asyncio.sleep(self._passage_pulse_s)
        self._board.set_input(self._wiring.passage_input, on=False)
        await asyncio.sleep(max(self._passage_pulse_s, pace_s - self._passage_pulse_s))

    def _swing(self, *, opened: bool) -> None:
        if opened == self._open:
            return
        self._open = opened
        self._journal("OPENED" if opened else "CLOSED", self.name)
        self._board.set_input(self._wiring.contact_input, on=opened)

    def _set_rex(self, *, pressed: bool) -> None:
        self._rex = pressed
        self._board.set_input(self._wiring.rex_input, on=pressed)
        self._settle()

    def _relay_changed(self, on: bool) -> None:  # noqa: ARG002 -- the lock follows all of its relays
        self._settle()

    def _settle(self) -> None:
        free = self._lock_is_free()
        if free == self.is_unlocked:
            return
        if free:
            self._free.set()
        else:
            self._free.clear()
        self._journal("UNLOCKED" if free else "LOCKED", self.name)

    def _lock_is_free(self) -> bool:
        if self._rex:
            return True
        if not self._lock_power:
            return self._fail_safe
        outputs, release = self._board.outputs, self._wiring.release_relay
        return outputs[self._wiring.lock_relay] or (release is not None and not outputs[release])
