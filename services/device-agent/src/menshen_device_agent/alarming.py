"""Alarms on their way to safety: kept on disk until it has them, in order, each with an id of its own."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from menshen_servicekit.clock import Clock

from menshen_device_agent.spool import Spool


@dataclass(frozen=True, slots=True)
class Alarm:
    """One alarm; `kind` is a name of menshen.safety.v1.AlarmKind without its prefix."""

    alarm_id: str
    kind: str
    source: str
    event_id: str
    raised_at_ms: int
    detail: Mapping[str, str]


class AlarmSink(Protocol):
    """Where alarms go. Two implementations: the outbox to safety, and a list."""

    def raise_alarm(self, kind: str, source: str, event_id: str, detail: dict[str, str]) -> None:
        """Never fails and never waits."""


class AlarmReceiver(Protocol):
    """Stores alarms. Two implementations: safety, and a list."""

    async def store(self, body: bytes) -> None:
        """Store one alarm, idempotent by its id; raises OSError while it cannot."""


class AlarmOutbox:
    """Owns its spool while `run` runs. Raising never fails and never waits."""

    def __init__(
        self,
        spool: Spool,
        clock: Clock,
        new_id: Callable[[], str],
        encode: Callable[[Alarm], bytes],
        receiver: AlarmReceiver,
    ) -> None:
        self._spool = spool
        self._clock = clock
        self._new_id = new_id
        self._encode = encode
        self._receiver = receiver
        self._raised = asyncio.Event()
        self._again = False

    def raise_alarm(self, kind: str, source: str, event_id: str, detail: dict[str, str]) -> None:
        """Put an alarm on its way."""
        alarm = Alarm(self._new_id(), kind, source, event_id, self._clock.now_ms(), detail)
        self._spool.append(self._encode(alarm))
        self._raised.set()

    def resend(self) -> None:
        """Deliver all that is kept once more, in a later run if this one ends: safety may have been restored.

        It knows an alarm by its id.
        """
        self._spool.rewind_all()
        self._again = True
        self._raised.set()

    async def run(self) -> None:
        """Deliver in order; raises OSError when safety is away, to be run again after a pause."""
        while True:
            self._again = False
            for entry in self._spool.after(self._spool.acknowledged, 100):
                await self._receiver.store(entry.body)
                if self._again:
                    break
                self._spool.acknowledge(self._spool.epoch, entry.number)
            self._spool.prune()
            if not self._spool.unacknowledged and not self._again:
                self._raised.clear()
                await self._raised.wait()

    def close(self) -> None:
        """Close the spool."""
        self._spool.close()
