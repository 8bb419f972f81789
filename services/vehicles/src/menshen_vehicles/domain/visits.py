"""Announced visits of vehicles: a window at a site, approved by whoever announces it, withdrawn or not."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from menshen_vehicles.domain.words import Fault, code_fault, is_cardholder_id, line_fault, present

VISITOR: Final = "visitor"
"""The category of a vehicle that is made for a visit, unless another one is named."""
MAX_ACCESS_POINTS: Final = 64
MAX_OPEN: Final = 16
"""Visits of a vehicle to a site that are open at once: as many as the feed carries."""
VISIT_KEPT_MS: Final = 7 * 86_400_000
"""A visit stays in the feed this long after its window: leaving late is told from never having been announced."""
MAX_WINDOW_MS: Final = 366 * 86_400_000
MAX_REFERENCE: Final = 200

TICKET: Final = ("official_ticket", "valid")
"""The fact, and its value, that an official ticket gives the vehicle in the window of its visit."""
SOURCE: Final = "vehicles"
"""Who states the facts of vehicles."""


class VisitState(IntEnum):
    """Numbers equal the contract's."""

    UNSPECIFIED = 0
    READY = 1
    CANCELLED = 2


@dataclass(frozen=True, slots=True)
class Visit:
    """The vehicle may enter `site` in [from_ms, to_ms), by the access points named or by any that admits it.

    `code` is what the driver may show in place of the plate.
    """

    visit_id: str
    vehicle_id: str
    site: str
    host_id: str
    from_ms: int
    to_ms: int
    access_points: tuple[str, ...]
    state: VisitState
    single_entry: bool
    official_ticket: bool
    external_ref: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """What a vehicle's visit states of it, in [valid_from_ms, valid_to_ms)."""

    type: str
    value: str
    source: str
    valid_from_ms: int
    valid_to_ms: int


def facts_at(site: str, visits: tuple[Visit, ...]) -> tuple[Fact, ...]:
    """The facts that visits to a site state."""
    ticketed = (visit for visit in visits if visit.official_ticket and visit.site == site)
    return tuple(
        Fact(*TICKET, SOURCE, visit.from_ms, visit.to_ms) for visit in ticketed if visit.state is VisitState.READY
    )


def visit_faults(visit: Visit, now_ms: int) -> tuple[Fault, ...]:
    """Every field that is wrong in a visit to be announced."""
    is_window = 0 < visit.from_ms < visit.to_ms <= visit.from_ms + MAX_WINDOW_MS
    is_host = not visit.host_id or is_cardholder_id(visit.host_id)
    return present(
        (
            None
            if is_window
            else Fault("to_ms", "晚于开始、不超过 366 天的结束时间", "an end after the begin, at most 366 days later"),
            None if not is_window or visit.to_ms > now_ms else Fault("to_ms", "将来的时间", "a time to come"),
            None if is_host else Fault("host_id", "受访人编号,或留空", "the host's cardholder id, or empty"),
            *(code_fault("access_points", point) for point in visit.access_points[:MAX_ACCESS_POINTS]),
            None
            if len(visit.access_points) <= MAX_ACCESS_POINTS
            else Fault("access_points", f"最多 {MAX_ACCESS_POINTS} 个", f"at most {MAX_ACCESS_POINTS}"),
            line_fault("external_ref", visit.external_ref, MAX_REFERENCE),
        )
    )
