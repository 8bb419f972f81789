"""What an agent reported of zones that are not known here: it waits for them, as an agent tells a change once."""

import asyncio
from collections.abc import Collection

from menshen.safety.v1 import safety_pb2

LIMIT = 1_000


class WaitingReports:
    """Of one stream, the last report of each fire line and each door; whoever looks at them or adds has the `turn`."""

    def __init__(self) -> None:
        self.turn = asyncio.Lock()
        self._reports: dict[tuple[str, str], safety_pb2.HoldZonesRequest] = {}

    def __len__(self) -> int:
        return len(self._reports)

    def keep(self, request: safety_pb2.HoldZonesRequest) -> bool:
        """Keep it in place of what was reported before of the same; False when there are too many."""
        key = zone_and_door(request)
        if key not in self._reports and len(self._reports) >= LIMIT:
            return False
        self._reports[key] = request
        return True

    def outdated_by(self, request: safety_pb2.HoldZonesRequest) -> None:
        """This report was taken: what was reported before of the same counts no longer."""
        self._reports.pop(zone_and_door(request), None)

    def of(self, zones: Collection[str]) -> list[safety_pb2.HoldZonesRequest]:
        """Those of these zones, the fire line of each before its doors, whose answers belong to its release."""
        return [self._reports[key] for key in sorted(self._reports) if key[0] in zones]


def zone_and_door(request: safety_pb2.HoldZonesRequest) -> tuple[str, str]:
    """What a report is about; no door for a fire line."""
    if request.WhichOneof("body") == "door":
        return request.door.zone_id, request.door.door
    return request.panel.zone_id, ""
