"""Many reads of one tag become one sighting.

A UHF reader repeats a tag 10 to 100 times a second. A sighting begins with the first read that is strong enough and is
complete as soon as the TID is known, or when it has not come within `tid_wait_ms` (a TID not read is no mismatch).
The tag is not sighted again until it has been away for `absence_ms`.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Sighting:
    """One tag in front of one antenna."""

    epc: str
    tid: str | None
    antenna_port: int
    reads: int


@dataclass(frozen=True, slots=True)
class SightingRules:
    """When reads count."""

    absence_ms: int = 5_000
    tid_wait_ms: int = 250
    least_reads: int = 2
    least_rssi_raw: int = 0
    most_tags: int = 256


@dataclass(slots=True)
class _Track:
    first_ms: int
    last_ms: int
    antenna_port: int
    reads: int = 0
    tid: str | None = None
    sighted: bool = False


@dataclass(slots=True)
class SightingFilter:
    """Reads in, sightings out. Holds at most `most_tags` tags; the longest unseen give way."""

    rules: SightingRules = field(default_factory=SightingRules)
    _tracks: dict[str, _Track] = field(default_factory=dict)

    def read(self, epc: str, tid: str | None, antenna_port: int, rssi_raw: int | None, now_ms: int) -> list[Sighting]:
        """Take one read; a reader without a signal strength is never gated by it."""
        if rssi_raw is not None and rssi_raw < self.rules.least_rssi_raw:
            return []
        track = self._tracks.pop(epc, None)
        if track is None or now_ms - track.last_ms >= self.rules.absence_ms or self._other_tag(track, tid):
            track = _Track(now_ms, now_ms, antenna_port)
        self._tracks[epc] = track
        track.last_ms = now_ms
        track.reads += 1
        track.tid = track.tid or tid
        while len(self._tracks) > self.rules.most_tags:
            del self._tracks[next(iter(self._tracks))]
        return self._complete(epc, track, now_ms)

    def tick(self, now_ms: int) -> list[Sighting]:
        """Complete what has waited long enough for a TID and forget tags that went away."""
        gone = [epc for epc, track in self._tracks.items() if now_ms - track.last_ms >= self.rules.absence_ms]
        for epc in gone:
            del self._tracks[epc]
        return [sighting for epc, track in self._tracks.items() for sighting in self._complete(epc, track, now_ms)]

    def next_deadline_ms(self) -> int | None:
        """When `tick` may complete a sighting."""
        waiting = (t.first_ms + self.rules.tid_wait_ms for t in self._tracks.values() if not t.sighted)
        return min(waiting, default=None)

    def _complete(self, epc: str, track: _Track, now_ms: int) -> list[Sighting]:
        waited = now_ms - track.first_ms >= self.rules.tid_wait_ms
        if track.sighted or track.reads < self.rules.least_reads or (track.tid is None and not waited):
            return []
        track.sighted = True
        return [Sighting(epc, track.tid, track.antenna_port, track.reads)]

    @staticmethod
    def _other_tag(track: _Track, tid: str | None) -> bool:
        return tid is not None and track.tid is not None and tid != track.tid
