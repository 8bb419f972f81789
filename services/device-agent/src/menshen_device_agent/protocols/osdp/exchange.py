"""One command and the wait for its reply."""

from dataclasses import dataclass

from .frame import MARK, Frame
from .messages import AnyCommand
from .replies import Reply
from .settings import Settings

# A reply that has begun may pause this long between two reads (the standard: 20 ms between characters).
_GAP_MS = 40


@dataclass(slots=True)
class Exchange:
    """The outstanding command. A retry gives the same bytes: sequence number and MAC do not move."""

    command: AnyCommand
    address: int
    sequence: int
    wire: bytes
    tries_left: int
    deadline_ms: int = 0
    latest_ms: int = 0
    resting: bool = False

    def send(self, settings: Settings, now_ms: int) -> bytes:
        """The bytes for the line, with the mark byte; starts the wait."""
        self.tries_left -= 1
        self.resting = False
        sent = MARK + self.wire
        self.deadline_ms = now_ms + settings.line_ms(len(sent)) + settings.reply_ms
        self.latest_ms = self.deadline_ms + settings.longest_frame_ms
        return sent

    def answered_by(self, reply: Frame) -> bool:
        """BUSY and NAK in the clear may carry sequence 0: the PD may not know ours."""
        loose = reply.security is None and reply.code in (Reply.BUSY, Reply.NAK) and reply.sequence == 0
        return reply.address == self.address and (reply.sequence == self.sequence or loose)

    def receiving(self, now_ms: int) -> None:
        """A reply is under way: wait for its end, within the time of the longest frame."""
        self.deadline_ms = min(max(self.deadline_ms, now_ms + _GAP_MS), self.latest_ms)

    def postpone(self, until_ms: int) -> None:
        """The PD is busy: send again at `until_ms`, without spending a try; no reply is to come before."""
        self.tries_left += 1
        self.resting = True
        self.deadline_ms = self.latest_ms = until_ms

    def hasten(self, at_ms: int) -> None:
        """The PD got a broken command: send again at `at_ms`, if a try is left."""
        self.deadline_ms = self.latest_ms = at_ms
