"""What is counted of decisions."""

from collections.abc import Callable

from menshen_servicekit.clock import Clock
from menshen_servicekit.telemetry import Metrics

from menshen_access.domain.asking import Answer, Cause, Undecided

_BUCKETS_S = (0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.3, 1.0)


class DecisionMetrics:
    """Latency of decisions in this process, retries, repeats, and what was not decided, by cause.

    `asked` is how many were asked for, `last_at` when the last one was, in seconds of the monotonic clock.
    """

    def __init__(self, metrics: Metrics, clock: Clock) -> None:
        self._now = clock.monotonic
        self.asked = 0
        self.last_at = float("-inf")
        self._observe = metrics.histogram(
            "decision_seconds", "From presentation to answer in this process", buckets=_BUCKETS_S
        ).observe
        self.stale = metrics.counter("decision_stale", "Decisions made again because something changed").inc
        self._repeated = metrics.counter("decision_repeated", "Presentations answered with a stored decision").inc
        undecided = metrics.counter("decision_undecided", "Presentations the centre did not decide", ["cause"])
        self._undecided = {cause: undecided.labels(cause.name).inc for cause in Cause}

    def timed(self, answer: Callable[[Answer], None]) -> Callable[[Answer], None]:
        """The same answer, with its time since now observed."""
        self.asked += 1
        began = self.last_at = self._now()

        def finish(given: Answer) -> None:
            self._observe(self._now() - began)
            if isinstance(given, Undecided):
                self._undecided[given.cause]()
            elif given.is_repeated:
                self._repeated()
            answer(given)

        return finish

    def refused(self, cause: Cause) -> None:
        """A presentation that never came to a decision."""
        self._undecided[cause]()
