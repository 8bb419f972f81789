"""The rule of guarded changes: when a loss is too large, what an approval covers, and who may give the second one."""

import itertools
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from menshen_access.domain.guarded_change import (
    UNCOMPUTED,
    Approval,
    Bound,
    Loss,
    LossCount,
    LossTally,
    PointLoss,
    Unseen,
    loss_of,
)
from menshen_access.domain.policy_life import (
    ActRefusedError,
    Deliberation,
    Outline,
    PolicyAct,
    PolicyState,
    Refusal,
    StoredPolicy,
    Transition,
    begun,
    first_approvers,
    second_approvals,
    take,
    take_second,
)
from menshen_access.foresight_work import joined, what_is_lost
from menshen_access.guarded_refusals import activation_guarded, nobody_needed, policy_guarded
from menshen_access.postgres.losses import loss_of_text, text_of_loss
from menshen_rulebook.plan import plan_from_mapping, plan_to_json
from menshen_rulebook.records import pack, unpack
from menshen_rulebook.types import (
    FOREVER_MS,
    Credential,
    CredentialState,
    Identifier,
    IdentifierType,
    PermitState,
    Subject,
    SubjectKind,
    Vehicle,
    VehicleClass,
)

LI, WANG, ZHOU, SUN = "operator/li", "operator/wang", "operator/zhou", "operator/sun"
BOUND = Bound()
COUNTS = st.integers(0, 400).flatmap(
    lambda passing: st.integers(0, passing).map(lambda losing: LossCount(passing, losing))
)
LIMIT = Unseen("occupancy", "hall", "10")
POINTS = st.lists(
    st.builds(PointLoss, st.sampled_from(["n-in", "s-in", "hall"]), st.integers(0, 400), st.integers(1, 400)),
    unique_by=lambda one: one.access_point,
).map(tuple)
LOSSES = st.builds(Loss, COUNTS, COUNTS, POINTS, unseen=st.sampled_from([(), (LIMIT,)]))


def people(losing: int, passing: int, *points: tuple[str, int]) -> Loss:
    return Loss(LossCount(passing, losing), points=tuple(PointLoss(*one) for one in points or (("n-in", losing),)))


def cars(losing: int, passing: int = 100) -> Loss:
    return Loss(LossCount(passing, 30), LossCount(passing, 30), (PointLoss("drive", 30 - losing, losing),))


@pytest.mark.parametrize(
    ("losing", "passing", "exceeds"),
    [
        (19, 19, False),  # a tiny site
        (20, 20, True),
        (20, 400, False),  # 5 % exactly
        (21, 419, True),
        (3_000, 60_000, False),
        (3_001, 60_000, True),
    ],
)
def test_a_loss_is_too_large_from_twenty_and_above_the_share(losing: int, passing: int, exceeds: bool) -> None:
    assert BOUND.exceeded_by(people(losing, passing)) is exceeds
    assert BOUND.exceeded_by(Loss(vehicles=LossCount(passing, losing))) is exceeds


def test_vehicles_are_held_against_the_bound_by_themselves() -> None:
    assert BOUND.exceeded_by(Loss(LossCount(10_000, 0), LossCount(100, 30)))


def test_what_cannot_be_computed_is_too_large_except_where_nothing_is() -> None:
    assert BOUND.exceeded_by(UNCOMPUTED)
    assert not Bound(share_percent=100).exceeded_by(UNCOMPUTED)
    assert not Bound(share_percent=100).exceeded_by(people(400, 400))


@given(LOSSES, st.integers(0, 100))
def test_what_was_approved_covers_itself(loss: Loss, share: int) -> None:
    assert Bound(share).covers(loss, loss)


@given(LOSSES, LOSSES)
def test_a_loss_within_the_bound_is_covered_by_whatever_was_approved(approved: Loss, loss: Loss) -> None:
    points = tuple(PointLoss(one.access_point, min(one.people, 19), min(one.vehicles, 19)) for one in loss.points)
    small = Loss(loss.people, loss.vehicles, points)
    if not BOUND.exceeded_by(small):
        assert BOUND.covers(approved, small)


@pytest.mark.parametrize(
    ("approved", "now", "covered"),
    [
        (people(30, 100), people(30, 100), True),
        (people(30, 100), people(49, 100), True),  # nineteen more: nobody would be asked about these alone
        (people(30, 100), people(50, 100), False),
        (people(50, 100), people(30, 100), True),
        (people(30, 100, ("n-in", 30)), people(30, 100, ("s-in", 30)), False),  # as many, elsewhere
        (people(30, 100), UNCOMPUTED, False),
        (UNCOMPUTED, people(30, 100), False),
        (UNCOMPUTED, UNCOMPUTED, True),
        (cars(0), cars(30), False),  # as many as people were to lose it
        (cars(30), cars(11), True),
        (replace(people(30, 100), unseen=(LIMIT,)), people(30, 100), True),
        (people(30, 100), replace(people(30, 100), unseen=(LIMIT,)), False),
    ],
)
def test_an_approval_covers_what_has_not_grown_beyond_the_bound(approved: Loss, now: Loss, covered: bool) -> None:
    assert BOUND.covers(approved, now) is covered


@given(LOSSES, st.sets(st.sampled_from([LI, WANG, ZHOU])))
def test_only_the_word_of_somebody_else_counts(loss: Loss, but: set[str]) -> None:
    given = [Approval(who, 1, loss) for who in (LI, WANG)]

    assert BOUND.is_approved(loss, given, but) is not ({LI, WANG} <= but)


def approved() -> tuple[StoredPolicy, list[Transition]]:
    """Written by Li and Wang, checked by Zhou, approved by Zhou."""
    policy = begun("p", "a: 0", Outline(from_ms=100), LI)
    done = []
    for act, who in (
        (PolicyAct.DRAFT, LI),
        (PolicyAct.REVISE, WANG),
        (PolicyAct.CHECK, ZHOU),
        (PolicyAct.APPROVE, ZHOU),
    ):
        policy, transition = take(policy, act, Deliberation(who, 1, "because"))
        done.append(transition)
    return policy, done


@pytest.mark.parametrize(
    ("who", "refusal"),
    [
        (LI, Refusal.SAME_PERSON),
        (WANG, Refusal.SAME_PERSON),
        ("", Refusal.SAME_PERSON),
        (ZHOU, Refusal.SAME_APPROVER),
    ],
)
def test_neither_a_writer_nor_the_first_approver_approves_for_the_second_time(who: str, refusal: Refusal) -> None:
    with pytest.raises(ActRefusedError) as refused:
        take_second(*approved(), Deliberation(who, 2, "seen"), people(30, 100))

    assert refused.value.refusal is refusal


def test_a_third_person_approves_for_the_second_time_and_what_they_saw_is_kept() -> None:
    policy, done = approved()

    changed, transition = take_second(policy, done, Deliberation(SUN, 2, "seen"), people(30, 100))

    assert (changed.state, changed.revision) == (PolicyState.APPROVED, policy.revision + 1)
    assert first_approvers([*done, transition]) == {ZHOU}
    assert second_approvals(changed, [*done, transition]) == (Approval(SUN, 2, people(30, 100)),)


@pytest.mark.parametrize("state", [state for state in PolicyState if state is not PolicyState.APPROVED])
def test_only_an_approved_policy_is_approved_for_the_second_time(state: PolicyState) -> None:
    policy = StoredPolicy("p", Outline(), "a: 0", 100, state=state, writers=frozenset({LI}))

    with pytest.raises(ActRefusedError) as refused:
        take_second(policy, (), Deliberation(SUN, 2, "seen"), people(30, 100))

    assert refused.value.refusal is Refusal.OUT_OF_TURN


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 50), st.sets(st.sampled_from("abc"))), max_size=12))
def test_a_loss_adds_up(kinds: list[tuple[bool, int, set[str]]]) -> None:
    tallies = {True: LossTally(), False: LossTally()}
    for is_person, subjects, lost in kinds:
        tallies[is_person].add(subjects, lost)

    loss = loss_of(tallies[True], tallies[False])

    for is_person, count in ((True, loss.people), (False, loss.vehicles)):
        assert count.passing == sum(one[1] for one in kinds if one[0] is is_person)
        assert count.losing == sum(one[1] for one in kinds if one[0] is is_person and one[2])
    for point, walking, driving in loss.points:
        for is_person, losing in ((True, walking), (False, driving)):
            assert losing == sum(one[1] for one in kinds if one[0] is is_person and point in one[2])
    assert all(first.losing >= second.losing for first, second in itertools.pairwise(loss.points))


@given(st.one_of(LOSSES, st.just(UNCOMPUTED)))
def test_a_loss_is_stored_and_read_as_it_is(loss: Loss) -> None:
    assert loss_of_text(text_of_loss(loss)) == loss


def test_a_loss_stored_before_points_were_told_apart_is_read() -> None:
    old = '{"people": [9, %d], "vehicles": [9, 2], "points": [["n-in", 2]]}'

    assert loss_of_text(old % 0).points == (PointLoss("n-in", 0, 2),)
    assert loss_of_text(old % 2).points == (PointLoss("n-in", 2, 0),)


@settings(max_examples=25)
@given(st.lists(LOSSES, min_size=1, max_size=3))
def test_the_larger_of_several_counts_decides_and_nothing_unseen_is_lost(losses: list[Loss]) -> None:
    largest = BOUND.largest(losses)

    assert BOUND.exceeded_by(largest) >= any(BOUND.exceeded_by(replace(one, unseen=())) for one in losses)
    assert {*largest.unseen} == {unseen for one in losses for unseen in one.unseen}
    assert not BOUND.largest([*losses, UNCOMPUTED]).is_computed


def test_a_large_share_of_few_and_a_small_share_of_many_hide_each_other_in_no_order() -> None:
    for losses in itertools.permutations([people(100, 10_000), people(90, 100), people(3, 3)]):
        assert BOUND.largest(losses).people == LossCount(100, 90)


def test_what_cannot_be_seen_needs_a_second_approver_where_enough_pass() -> None:
    unseen = Loss(LossCount(100, 0), unseen=(LIMIT,))

    refused = policy_guarded(unseen, BOUND)

    assert BOUND.exceeded_by(unseen)
    assert not BOUND.exceeded_by(Loss(LossCount(19, 0), unseen=(LIMIT,)))
    assert "the limit of hall (10)" in refused.message_en
    assert "hall 的人数上限（10）" in refused.message_zh
    assert "more than" not in refused.message_en


def test_a_refusal_names_the_numbers_the_bound_and_the_points_in_both_languages() -> None:
    points = [PointLoss("n-in", 30), PointLoss("s-in", 4), PointLoss("hall", 2), PointLoss("lab", 1)]
    loss = Loss(LossCount(100, 30), LossCount(7, 0), tuple(points))

    refused = policy_guarded(loss, BOUND)

    for message in (refused.message_zh, refused.message_en):
        assert [part for part in ("30", "100", "30.0 %", "5", "n-in", "s-in", "hall") if part not in message] == []
        assert "lab" not in message


def test_each_refusal_says_what_to_do() -> None:
    assert "draft" in activation_guarded(people(30, 100), BOUND).message_en
    assert "could not be computed" in policy_guarded(UNCOMPUTED, BOUND).message_en
    assert "未能核算" in policy_guarded(UNCOMPUTED, BOUND).message_zh
    assert nobody_needed(people(1, 100), BOUND).code == "NO_SECOND_APPROVER_NEEDED"


def record(number: int, kind: SubjectKind, category: str = "staff", ends_ms: int = FOREVER_MS) -> bytes:
    type_ = IdentifierType.EPC if kind is SubjectKind.VEHICLE else IdentifierType.CARD
    identifier = Identifier(type_, f"{number:024X}" if kind is SubjectKind.VEHICLE else f"{number:08X}")
    credential = Credential(f"k{number}", (identifier,), CredentialState.ACTIVE, 0, ends_ms)
    vehicle = Vehicle(VehicleClass.CAR, PermitState.ACTIVE, plate=f"京A{number:05d}")
    return pack(
        Subject(
            f"s:{number}",
            1,
            kind,
            category,
            "s",
            credentials=(credential,),
            vehicle=vehicle if kind is SubjectKind.VEHICLE else None,
        )
    )


def plan(closures: list[dict[str, object]]) -> bytes:
    point = {"from_area": "outside", "to_area": "campus", "direction": "ENTRY"}
    mapping = {
        "site": "s",
        "version": 1,
        "areas": [{"id": "outside"}, {"id": "campus"}],
        "access_points": [
            {"id": "walk", "access_point_class": "PEDESTRIAN", **point},
            {"id": "side", "access_point_class": "PEDESTRIAN", **point},
            {"id": "drive", "access_point_class": "MOTOR", **point},
        ],
        "access_levels": [{"id": "all", "entries": [{"access_point": name} for name in ("walk", "side", "drive")]}],
        "group_assignments": [{"level": "all", "group": "staff"}],
        "policies": [{"language": 1, "version": 1, "site": "s", "from_ms": 1, "closures": closures}],
    }
    return plan_to_json(plan_from_mapping(mapping))


def test_people_and_vehicles_are_counted_who_pass_somewhere_and_lose_it_for_a_time() -> None:
    people_, cars = SubjectKind.CARDHOLDER, SubjectKind.VEHICLE
    known = [record(1, people_), record(2, people_), record(3, people_, "stranger"), record(4, people_, ends_ms=99)]
    records = [*known, record(5, cars), record(6, cars)]
    page = joined([(unpack(one).subject_id, one) for one in records])
    closures = [{"access_point": name, "from_ms": 200, "to_ms": 300} for name in ("walk", "drive")]

    loss = what_is_lost([page], plan([]), plan(closures), 100, 1_000)
    none = what_is_lost([page], plan([]), plan(closures), 300, 1_000)

    assert (loss.people, loss.vehicles) == (LossCount(2, 2), LossCount(2, 2))
    assert sorted(loss.points) == [("drive", 0, 2), ("walk", 2, 0)]
    assert (none.people, none.vehicles, none.points) == (LossCount(2, 0), LossCount(2, 0), ())


@pytest.mark.parametrize(
    ("rule", "zh", "en"),
    [
        ("interlock", "互锁", "the interlock"),
        ("first_person", "首人规则", "the first person"),
        ("company", "同行规则", "the company"),
        ("drivers", "驾驶人核对", "the check of drivers"),
    ],
)
def test_a_refusal_names_the_rule_that_no_count_sees(rule: str, zh: str, en: str) -> None:
    refused = policy_guarded(Loss(LossCount(100, 0), unseen=(Unseen(rule, "n-in", "x"),)), BOUND)

    assert f"n-in 的{zh}（x）" in refused.message_zh
    assert f"{en} of n-in (x)" in refused.message_en
