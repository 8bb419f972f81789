"""The time-boxed window in which a PD that holds SCBK-D may be given its own key."""

from .handshake import Handshake
from .secure_channel import KeyKind


class InstallWindow:
    """Outside the window only the own key is asked for. Inside, both in turn: the PD may have taken the key already,
    its acknowledgement lost."""

    def __init__(self, handshake: Handshake) -> None:
        self._handshake = handshake
        self.until_ms: int | None = None

    @property
    def probing(self) -> bool:
        """The handshake under way asks for SCBK-D; its failure is no breach."""
        return self._handshake.kind is KeyKind.DEFAULT

    def open(self, until_ms: int) -> None:
        self.until_ms = until_ms
        self._handshake.kind = KeyKind.DEFAULT

    def close(self) -> bool:
        """Whether it was open."""
        was_open = self.until_ms is not None
        self.until_ms = None
        self._handshake.kind = KeyKind.OWN
        return was_open

    def over(self, now_ms: int) -> bool:
        return self.until_ms is not None and now_ms >= self.until_ms

    def keyed(self) -> None:
        """The PD took the key: the next handshake uses it."""
        self._handshake.kind = KeyKind.OWN

    def failed(self) -> None:
        """The handshake failed: try the other key next."""
        if self.until_ms is not None:
            self._handshake.kind = KeyKind.OWN if self.probing else KeyKind.DEFAULT
