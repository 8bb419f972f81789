"""The states of a session and what leads from one to the next.

SYNC -> IDENTIFY -> CAPABILITIES -> CHALLENGE -> CRYPTOGRAM -> ACTIVE
                                                    `-> KEYING -> SYNC   (inside an install window only)
"""

from collections.abc import Mapping
from enum import Enum, auto


class State(Enum):
    """What the session is about to send, or waits to have answered."""

    SYNC = auto()
    IDENTIFY = auto()
    CAPABILITIES = auto()
    CHALLENGE = auto()
    CRYPTOGRAM = auto()
    KEYING = auto()
    ACTIVE = auto()


class Signal(Enum):
    """ADVANCE: the reply was the one hoped for. KEYLESS: so it was, but under SCBK-D. RESTART: anything else."""

    ADVANCE = auto()
    KEYLESS = auto()
    RESTART = auto()


TRANSITIONS: Mapping[State, Mapping[Signal, State]] = {
    State.SYNC: {
        Signal.ADVANCE: State.IDENTIFY,
        Signal.KEYLESS: State.SYNC,
        Signal.RESTART: State.SYNC,
    },
    State.IDENTIFY: {
        Signal.ADVANCE: State.CAPABILITIES,
        Signal.KEYLESS: State.SYNC,
        Signal.RESTART: State.SYNC,
    },
    State.CAPABILITIES: {
        Signal.ADVANCE: State.CHALLENGE,
        Signal.KEYLESS: State.SYNC,
        Signal.RESTART: State.SYNC,
    },
    State.CHALLENGE: {
        Signal.ADVANCE: State.CRYPTOGRAM,
        Signal.KEYLESS: State.SYNC,
        Signal.RESTART: State.SYNC,
    },
    State.CRYPTOGRAM: {
        Signal.ADVANCE: State.ACTIVE,
        Signal.KEYLESS: State.KEYING,
        Signal.RESTART: State.SYNC,
    },
    State.KEYING: {
        Signal.ADVANCE: State.SYNC,
        Signal.KEYLESS: State.SYNC,
        Signal.RESTART: State.SYNC,
    },
    State.ACTIVE: {
        Signal.ADVANCE: State.ACTIVE,
        Signal.KEYLESS: State.SYNC,
        Signal.RESTART: State.SYNC,
    },
}
