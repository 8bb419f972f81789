"""A gate alone lets a one-time code and a visit in once, and an old card no more once its successor was shown there."""

import itertools
from dataclasses import replace
from pathlib import Path

from menshen_device_agent.edge.deciding import EdgeDecider
from menshen_device_agent.edge.holding import EdgeHolding, EdgeRecord, EdgeRecords
from menshen_device_agent.edge.used_up import MOST, UsedUp
from menshen_device_agent.events import Answer, Asked, Why
from menshen_device_agent.named_texts import NamedTexts
from menshen_rulebook.plan import SitePlan, plan_from_mapping
from menshen_rulebook.records import pack
from menshen_rulebook.types import (
    Credential,
    CredentialState,
    Identifier,
    IdentifierType,
    Outcome,
    PermitState,
    Subject,
    SubjectKind,
    Vehicle,
    VehicleClass,
    Visit,
    VisitState,
)
from menshen_servicekit.clock import ManualClock

NOW_MS = 1_772_409_600_000
CODE = Identifier(IdentifierType.QR, "ONE-TIME-CODE")
OLD, NEW = Identifier(IdentifierType.CARD, "0409"), Identifier(IdentifierType.CARD, "0410")
HOLDER = Subject(
    "c:1",
    1,
    SubjectKind.CARDHOLDER,
    "staff",
    "north",
    ("staff",),
    (
        Credential("k-code", (CODE,), CredentialState.ACTIVE, single_use=True),
        Credential("k-old", (OLD,), CredentialState.ACTIVE),
        Credential("k-new", (NEW,), CredentialState.ACTIVE, replaces="k-old"),
    ),
)
DAY_MS = 86_400_000
PASS = Identifier(IdentifierType.QR, "VISITOR-PASS")
VISIT = Visit("v-1", "north", NOW_MS - 1, NOW_MS + DAY_MS, VisitState.READY, single_entry=True)
VISITOR = Subject(
    "v:1",
    1,
    SubjectKind.CARDHOLDER,
    "visitor",
    "north",
    ("staff",),
    (Credential("k-pass", (PASS,), CredentialState.ACTIVE),),
    visits=(VISIT,),
)


def a_plan() -> SitePlan:
    way_in = {"from_area": "outside", "to_area": "campus", "direction": "ENTRY", "access_point_class": "PEDESTRIAN"}
    way_out = {"from_area": "campus", "to_area": "outside", "direction": "EXIT", "access_point_class": "PEDESTRIAN"}
    return plan_from_mapping(
        {
            "site": "north",
            "version": 1,
            "areas": [{"id": "outside"}, {"id": "campus"}],
            "access_points": [
                {"id": "n-in", **way_in},
                {"id": "n-out", **way_out},
                {"id": "lane-in", **way_in, "access_point_class": "MOTOR"},
                {"id": "lane-out", **way_out, "access_point_class": "MOTOR"},
            ],
            "access_levels": [{"id": "all", "entries": [{"access_point": "n-in"}, {"access_point": "n-out"}]}],
            "group_assignments": [{"level": "all", "group": "staff"}],
            "policies": [{"version": 1, "language": 1, "site": "north", "from": "2020-01-01T00:00:00+08:00"}],
        }
    )


class LoneGate:
    """A gate alone with its memory of what was used up."""

    def __init__(self, visitor: Subject = VISITOR, file: NamedTexts | None = None) -> None:
        self._numbers = itertools.count(1)
        records, plan, clock = EdgeRecords(), a_plan(), ManualClock(NOW_MS)
        records.apply([EdgeRecord("c:1", 1, pack(HOLDER), (CODE.key, OLD.key, NEW.key))])
        records.apply([EdgeRecord("v:1", 1, pack(visitor), (PASS.key,))])
        holding = EdgeHolding(records, plan, current_at_ms=NOW_MS)
        self.used_up = UsedUp(lambda identifiers: records.subjects(i.key for i in identifiers), plan.point, file)
        self._decider = EdgeDecider(
            "north", "n-1", clock, lambda: holding, lambda _: False, lambda _: False, used_up=self.used_up.among
        )

    def show(self, identifier: Identifier, at: str = "n-in") -> tuple[Asked, Answer]:
        asked = Asked(f"event-{next(self._numbers)}", at, NOW_MS, 0, (identifier,), "reader")
        answer = self._decider.decide(asked)
        self.used_up.learn(asked, answer)
        return asked, answer


def codes(answer: Answer) -> list[str]:
    return [reason.code for reason in answer.reasons]


def test_a_one_time_code_lets_in_once_and_out_afterwards() -> None:
    gate = LoneGate()

    answers = [gate.show(CODE, at)[1] for at in ("n-in", "n-in", "n-out")]

    assert [answer.outcome for answer in answers] == [Outcome.GRANT, Outcome.DENY, Outcome.GRANT]
    assert codes(answers[1]) == ["CREDENTIAL_USED"]


def test_leaving_does_not_use_a_code_up() -> None:
    gate = LoneGate()

    answers = [gate.show(CODE, at)[1] for at in ("n-out", "n-in")]

    assert [answer.outcome for answer in answers] == [Outcome.GRANT, Outcome.GRANT]


def test_a_code_on_which_nobody_passed_may_be_shown_again() -> None:
    gate = LoneGate()
    asked, _ = gate.show(CODE)

    gate.used_up.not_taken(asked.event_id)

    assert gate.show(CODE)[1].outcome is Outcome.GRANT


def test_the_old_card_opens_until_its_successor_is_shown_and_still_lets_its_holder_leave() -> None:
    gate = LoneGate()

    answers = [gate.show(card, at)[1] for card, at in ((OLD, "n-in"), (NEW, "n-in"), (OLD, "n-in"), (OLD, "n-out"))]

    assert [answer.outcome for answer in answers] == [
        Outcome.GRANT,
        Outcome.GRANT,
        Outcome.DENY,
        Outcome.GRANT_WITH_REMINDER,
    ]
    assert codes(answers[2]) == codes(answers[3]) == ["CREDENTIAL_REPLACED"]


def test_what_opens_in_an_emergency_uses_nothing_up() -> None:
    gate = LoneGate()
    asked, answer = LoneGate().show(CODE)

    gate.used_up.learn(asked, replace(answer, reasons=(Why("EMERGENCY_RELEASE"),)))

    assert gate.show(CODE)[1].outcome is Outcome.GRANT


def test_the_memory_is_bounded_and_forgets_the_oldest() -> None:
    holder = [
        replace(HOLDER, credentials=(Credential(f"k{n}", (CODE,), CredentialState.ACTIVE, single_use=True),))
        for n in range(MOST + 1)
    ]
    turn = iter(holder)
    memory = UsedUp(lambda _: (next(turn),), a_plan().point)
    asked, answer = LoneGate().show(CODE)

    for _ in holder:
        memory.learn(asked, answer)

    assert memory.among(holder[:1]) == frozenset()
    assert memory.among(holder[-1:]) == {f"k{MOST}"}


def test_a_single_entry_visit_lets_in_once_and_out_afterwards() -> None:
    gate = LoneGate()

    answers = [gate.show(PASS, at)[1] for at in ("n-in", "n-in", "n-out")]

    assert [answer.outcome for answer in answers] == [Outcome.GRANT, Outcome.DENY, Outcome.GRANT]
    assert codes(answers[1]) == ["VISIT_USED"]


def test_a_registered_car_without_a_permit_enters_once_by_its_visit_and_one_with_a_permit_uses_none() -> None:
    supplier = replace(VISITOR, kind=SubjectKind.VEHICLE, category="supplier", vehicle=Vehicle(VehicleClass.CAR))
    allowed = replace(supplier, vehicle=Vehicle(VehicleClass.CAR, PermitState.ACTIVE))

    gate = LoneGate(supplier)
    again = [gate.show(PASS, "lane-in")[1].outcome for _ in range(2)]
    free = LoneGate(allowed)
    freely = [free.show(PASS, "lane-in")[1].outcome for _ in range(2)]

    assert again == [Outcome.GRANT, Outcome.DENY]
    assert freely == [Outcome.GRANT] * 2


def test_a_visit_on_which_nobody_came_in_may_be_used_again() -> None:
    gate = LoneGate()
    asked, _ = gate.show(PASS)

    gate.used_up.not_taken(asked.event_id)

    assert gate.show(PASS)[1].outcome is Outcome.GRANT


def test_leaving_does_not_use_a_visit_up() -> None:
    gate = LoneGate()

    assert [gate.show(PASS, at)[1].outcome for at in ("n-out", "n-in")] == [Outcome.GRANT, Outcome.GRANT]


def test_each_visit_lets_in_once_for_itself() -> None:
    gate = LoneGate(replace(VISITOR, visits=(VISIT, replace(VISIT, visit_id="v-2"))))

    outcomes = [gate.show(PASS)[1].outcome for _ in range(3)]

    assert outcomes == [Outcome.GRANT, Outcome.GRANT, Outcome.DENY]


def test_a_visit_of_many_entries_and_a_visit_of_another_site_are_not_used_up() -> None:
    others = (replace(VISIT, visit_id="v-0", site="east"), replace(VISIT, visit_id="v-2", single_entry=False))
    gate = LoneGate(replace(VISITOR, visits=others))

    outcomes = [gate.show(PASS)[1].outcome for _ in range(2)]

    assert outcomes == [Outcome.GRANT, Outcome.GRANT]
    assert gate.used_up.among([replace(VISITOR, visits=others)]) == frozenset()


def test_a_gate_that_starts_again_remembers_what_was_used_up_and_what_was_given_back(tmp_path: Path) -> None:
    file = NamedTexts(tmp_path / "used_up.json")
    before = LoneGate(file=file)
    before.show(PASS)
    asked, _ = before.show(CODE)
    before.used_up.not_taken(asked.event_id)

    after = LoneGate(file=file)

    assert [after.show(shown)[1].outcome for shown in (PASS, CODE)] == [Outcome.DENY, Outcome.GRANT]


def test_what_was_used_up_before_a_start_is_given_back_by_its_event(tmp_path: Path) -> None:
    file = NamedTexts(tmp_path / "used_up.json")
    asked, _ = LoneGate(file=file).show(PASS)
    after = LoneGate(file=file)

    after.used_up.not_taken(asked.event_id)

    assert after.show(PASS)[1].outcome is Outcome.GRANT
