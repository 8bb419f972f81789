"""A gate alone lets nobody in before whoever opens the day, and remembers who did."""

from menshen_device_agent.edge.deciding import EdgeDecider
from menshen_device_agent.edge.holding import EdgeHolding, EdgeRecord, EdgeRecords
from menshen_device_agent.edge.opened import OpenedDays
from menshen_device_agent.events import Answer, Asked, EventKind, Why
from menshen_rulebook.plan import SitePlan, plan_from_mapping
from menshen_rulebook.records import pack
from menshen_rulebook.types import (
    Credential,
    CredentialState,
    Identifier,
    IdentifierType,
    Outcome,
    Subject,
    SubjectKind,
)
from menshen_servicekit.clock import ManualClock

NOW_MS = 1_772_409_600_000
DAY_MS = 86_400_000


def a_plan() -> SitePlan:
    common = {"from_area": "campus", "access_point_class": "PEDESTRIAN", "opened_by": ["keeper"]}
    return plan_from_mapping(
        {
            "site": "north",
            "version": 1,
            "areas": [{"id": "campus"}, {"id": "lab"}],
            "access_points": [
                {"id": "d-in", "to_area": "lab", "direction": "INNER", **common},
                {"id": "e-in", "to_area": "lab", "direction": "INNER", **common},
            ],
            "access_levels": [{"id": "all", "entries": [{"access_point": "d-in"}, {"access_point": "e-in"}]}],
            "group_assignments": [{"level": "all", "group": "staff"}],
            "policies": [{"version": 1, "language": 1, "site": "north", "from": "2020-01-01T00:00:00+08:00"}],
        }
    )


def a_record(card: str, *groups: str) -> EdgeRecord:
    identifier = Identifier(IdentifierType.CARD, card)
    credential = Credential(f"k{card}", (identifier,), CredentialState.ACTIVE)
    subject = Subject(f"c:{card}", 1, SubjectKind.CARDHOLDER, "staff", "north", groups, (credential,))
    return EdgeRecord(subject.subject_id, 1, pack(subject), (identifier.key,))


class Darkroom:
    """A gate alone with its memory of openings."""

    def __init__(self) -> None:
        self.clock = ManualClock(NOW_MS)
        records = EdgeRecords()
        records.apply([a_record("AA"), a_record("KK", "keeper")])
        self.plan = a_plan()
        holding = EdgeHolding(records, self.plan, current_at_ms=NOW_MS + DAY_MS)
        self.opened = OpenedDays(self.plan.point)
        self._decider = EdgeDecider(
            "north",
            "north-1",
            self.clock,
            lambda: holding,
            lambda _: False,
            lambda _: False,
            used=self.opened.used_ids,
        )

    def present(self, card: str, at: str = "d-in") -> Outcome:
        identifiers = (Identifier(IdentifierType.CARD, card),)
        asked = Asked(f"event-{card}", at, self.clock.now_ms(), 0, identifiers, "reader")
        answer = self._decider.decide(asked)
        self.opened.learn(asked, answer)
        return answer.outcome


def test_everybody_waits_for_the_first_person_and_enters_afterwards() -> None:
    darkroom = Darkroom()

    outcomes = [darkroom.present(card) for card in ("AA", "KK", "AA")]

    assert outcomes == [Outcome.DENY, Outcome.GRANT, Outcome.GRANT]


def test_another_access_point_is_not_opened_with_it() -> None:
    darkroom = Darkroom()
    darkroom.present("KK")

    assert darkroom.present("AA", "e-in") is Outcome.DENY


def test_the_next_day_waits_for_its_own_first_person() -> None:
    darkroom = Darkroom()
    darkroom.present("KK")

    darkroom.clock.advance_ms(DAY_MS)

    assert darkroom.present("AA") is Outcome.DENY


def test_a_first_person_who_did_not_come_in_has_opened_nothing() -> None:
    darkroom = Darkroom()
    darkroom.present("KK")
    darkroom.present("AA")

    darkroom.opened.not_taken("event-AA")
    still = darkroom.present("AA")
    darkroom.opened.not_taken("event-KK")

    assert (still, darkroom.present("AA")) == (Outcome.GRANT, Outcome.DENY)


def test_what_the_centre_granted_is_open_when_the_centre_falls_silent() -> None:
    darkroom = Darkroom()
    asked = Asked("event-1", "d-in", NOW_MS, 0, (), "reader")

    darkroom.opened.learn(asked, Answer("event-1", EventKind.CENTRE, Outcome.GRANT, (), NOW_MS))

    assert darkroom.present("AA") is Outcome.GRANT


def test_an_emergency_release_opens_no_day() -> None:
    darkroom = Darkroom()
    asked = Asked("event-1", "d-in", NOW_MS, 0, (), "reader")
    released = Answer("event-1", EventKind.EDGE, Outcome.GRANT, (Why("EMERGENCY_RELEASE"),), NOW_MS)

    darkroom.opened.learn(asked, released)

    assert darkroom.present("AA") is Outcome.DENY
