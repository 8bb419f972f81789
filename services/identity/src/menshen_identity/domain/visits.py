"""Visits in their simplest form: booked with a window, cancelled or not."""

from dataclasses import dataclass
from enum import IntEnum

from menshen_identity.domain.people import MAX_REFERENCE, name_fault
from menshen_identity.domain.words import Fault, code_fault, is_cardholder_id, line_fault, present, site_fault

VISITOR = "visitor"
"""The category of a cardholder made by a visit."""
MAX_ACCESS_POINTS = 64
MAX_WINDOW_MS = 366 * 86_400_000


class VisitState(IntEnum):
    """Numbers equal the contract's."""

    UNSPECIFIED = 0
    READY = 1
    CANCELLED = 2


@dataclass(frozen=True, slots=True)
class Visit:
    """A visitor may enter `site` in [from_ms, to_ms), by the access points named or by any that admits visitors.

    `host_groups` are the host's groups as the visitor's last change found them; known in the feed alone.
    """

    visit_id: str
    site: str
    cardholder_id: str
    host_id: str
    from_ms: int
    to_ms: int
    access_points: tuple[str, ...]
    state: VisitState
    single_entry: bool
    external_ref: str
    host_groups: tuple[str, ...] = ()


def visit_faults(visit: Visit, visitor_name: str, now_ms: int, known_sites: frozenset[str]) -> tuple[Fault, ...]:
    """Every field that is wrong in a visit to be booked."""
    is_window = 0 < visit.from_ms < visit.to_ms <= visit.from_ms + MAX_WINDOW_MS
    return present(
        (
            site_fault("site", visit.site, known_sites),
            name_fault("visitor_name", visitor_name)
            if visitor_name
            else Fault("visitor_name", "访客姓名", "the visitor's name"),
            None if is_cardholder_id(visit.host_id) else Fault("host_id", "受访人编号", "the host's cardholder id"),
            None
            if is_window
            else Fault(
                "visit.to_ms", "晚于开始、不超过 366 天的结束时间", "an end after the begin, at most 366 days later"
            ),
            None if not is_window or visit.to_ms > now_ms else Fault("visit.to_ms", "将来的时间", "a time to come"),
            *(code_fault("visit.access_points", point) for point in visit.access_points[:MAX_ACCESS_POINTS]),
            None
            if len(visit.access_points) <= MAX_ACCESS_POINTS
            else Fault("visit.access_points", f"最多 {MAX_ACCESS_POINTS} 个", f"at most {MAX_ACCESS_POINTS}"),
            line_fault("visit.external_ref", visit.external_ref, MAX_REFERENCE),
        )
    )
