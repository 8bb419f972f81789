"""However the history is cut into pages, a shadow counts the same."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from menshen_access.domain.asking import Asked
from menshen_access.domain.decided import decision_event
from menshen_access.domain.events import NO_SPOOL, canonical
from menshen_access.domain.shadows import KeptVersions, PageRow, ShadowState, Stride, Terms
from menshen_access.shadow_work import stride, versions_named
from menshen_rulebook.decide import decide
from menshen_rulebook.plan import plan_from_mapping, plan_to_json
from menshen_rulebook.records import pack
from menshen_rulebook.types import (
    FOREVER_MS,
    Credential,
    CredentialState,
    Identifier,
    IdentifierType,
    LiveState,
    Presentation,
    Subject,
    SubjectKind,
)

NINE_MS, MINUTE_MS = 1_772_413_200_000, 60_000
SITE = "north"
STANDING = {"version": 1, "language": 1, "site": SITE, "from": "2025-01-01T00:00:00+08:00"}
POINT = {"from_area": "outside", "to_area": "campus", "direction": "ENTRY", "access_point_class": "PEDESTRIAN"}
EVERY_DAY = ["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"]
PLAN = plan_from_mapping(
    {
        "site": SITE,
        "version": 7,
        "areas": [{"id": "outside"}, {"id": "campus"}],
        "access_points": [{"id": name, **POINT} for name in ("n-in", "s-in")],
        "schedules": [{"id": "noon", "intervals": [{"days": EVERY_DAY, "opens": "12:00", "closes": "13:00"}]}],
        "access_levels": [{"id": "l", "entries": [{"access_point": name} for name in ("n-in", "s-in")]}],
        "group_assignments": [{"level": "l", "group": "staff"}],
        "policies": [STANDING],
    }
)
DRAFT = f"""
{{version: 2, language: 1, site: {SITE}, from: 2025-01-01T00:00:00+08:00,
 hours: [{{access_point: n-in, schedule: noon}}]}}
"""
TERMS = Terms(DRAFT, FOREVER_MS, 0)


def person(category: str) -> Subject:
    card = Identifier(IdentifierType.CARD, category)
    credential = Credential(f"k-{category}", (card,), CredentialState.ACTIVE)
    return Subject(f"c:{category}", 3, SubjectKind.CARDHOLDER, category, SITE, credentials=(credential,))


PEOPLE = {name: person(name) for name in ("staff", "guest")}
KEPT = KeptVersions({7: plan_to_json(PLAN)}, {}, {(one.subject_id, one.version): pack(one) for one in PEOPLE.values()})


def row(sequence: int, category: str, point: str, at_ms: int) -> PageRow:
    subject = PEOPLE[category]
    digits = f"{at_ms:012x}"
    event_id = f"{digits[:8]}-{digits[8:]}-7000-8000-{sequence:012x}"
    shown = Presentation(event_id, SITE, point, "gate", at_ms, subject.credentials[0].identifiers)
    decision = decide(shown, (subject,), point, PLAN, LiveState(), at_ms)
    event = decision_event(Asked(shown, (), NO_SPOOL, at_ms), decision, (subject,), LiveState(), 0)
    return PageRow(sequence, at_ms, canonical(event.core), canonical(event.identity), None, is_deleted=False)


@st.composite
def histories(draw: st.DrawFn) -> list[PageRow]:
    """Decisions within a day from nine on, and places that are no decisions."""
    rows: list[PageRow] = []
    for sequence in range(1, draw(st.integers(1, 12)) + 1):
        at_ms = NINE_MS + MINUTE_MS * draw(st.integers(0, 600))
        made = row(sequence, draw(st.sampled_from(sorted(PEOPLE))), draw(st.sampled_from(("n-in", "s-in"))), at_ms)
        rows.append(made if draw(st.booleans()) else PageRow(sequence, at_ms, None, None, None, is_deleted=True))
    return rows


def totals(strides: Sequence[Stride]) -> tuple[Counter[Any], Counter[Any], list[Any]]:
    """Decisions and differences by key, and the differences in order."""
    decided: Counter[Any] = Counter()
    differing: Counter[Any] = Counter()
    for one in strides:
        decided.update({key: count.decided for key, count in one.counts.items()})
        differing.update({key: count.differing for key, count in one.counts.items()})
    return decided, differing, [each for one in strides for each in one.differing]


SOME = settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])


@SOME
@given(histories(), st.integers(1, 5))
def test_pages_of_any_size_add_up_to_the_same(rows: list[PageRow], size: int) -> None:
    pages = [rows[first : first + size] for first in range(0, len(rows), size)]

    whole, parts = stride(rows, KEPT, TERMS), [stride(page, KEPT, TERMS) for page in pages]

    decided, differing, listed = totals(parts)
    assert (decided, differing, listed) == totals([whole])
    assert [one.through_sequence for one in parts] == [page[-1].sequence for page in pages]
    assert sum(decided.values()) == sum(one.core is not None for one in rows)
    assert sum(differing.values()) == len(listed)


@SOME
@given(histories(), st.integers(0, 600))
def test_what_is_recorded_after_the_end_is_not_followed(rows: list[PageRow], minute: int) -> None:
    rows = sorted((one._replace(sequence=0) for one in rows), key=lambda one: one.recorded_at_ms)
    rows = [one._replace(sequence=place) for place, one in enumerate(rows, 1)]
    ends_at_ms = NINE_MS + MINUTE_MS * minute
    within = [one for one in rows if one.recorded_at_ms < ends_at_ms]

    found = stride(rows, KEPT, TERMS._replace(ends_at_ms=ends_at_ms))

    assert found.through_sequence == len(within)
    assert found.state is (ShadowState.RUNNING if len(within) == len(rows) else ShadowState.OVER)
    assert totals([found]) == (totals([stride(within, KEPT, TERMS)]) if within else totals([]))


def test_what_a_page_was_made_on_is_named_once() -> None:
    rows = [row(1, "staff", "n-in", NINE_MS), row(2, "guest", "n-in", NINE_MS), row(3, "staff", "s-in", NINE_MS)]

    named = versions_named([*rows, PageRow(4, NINE_MS, None, None, None, is_deleted=True)])

    assert (named.plans, named.circumstances, named.records) == ([7], [0], [("c:guest", 3), ("c:staff", 3)])
