"""Whether a PD is there, by what it proves and when."""


class Liveness:
    """`online` is None until either is told. Only authentic replies are proof."""

    def __init__(self, lost_after_ms: int) -> None:
        self.online: bool | None = None
        self._lost_after_ms = lost_after_ms
        self._since_ms: int | None = None

    def begin(self, now_ms: int) -> None:
        """The wait for the first proof starts at the first call."""
        if self._since_ms is None:
            self._since_ms = now_ms

    def proved(self, now_ms: int) -> bool:
        """Whether this proof brings the PD online."""
        self._since_ms = now_ms
        came = not self.online
        self.online = True
        return came

    def leave(self) -> bool:
        """Whether going offline is news."""
        news = self.online is not False
        self.online = False
        return news

    @property
    def deadline_ms(self) -> int | None:
        """When the PD goes offline without further proof; None when it is offline."""
        if self.online is False or self._since_ms is None:
            return None
        return self._since_ms + self._lost_after_ms
