"""What a grant uses up, over random holders whose credentials succeed each other in any way, rings included."""

from hypothesis import given
from hypothesis import strategies as st
from menshen_rulebook.decide import decide
from menshen_rulebook.plan import SitePlan, plan_from_mapping
from menshen_rulebook.types import (
    Credential,
    CredentialState,
    Identifier,
    IdentifierType,
    LiveState,
    Outcome,
    Presentation,
    Retire,
    Subject,
    SubjectKind,
    UseOnce,
)
from menshen_rulebook.uses import retired_by, retired_id, used_up

NOW_MS = 1_772_409_600_000
EVENT = "01957b2e-0000-7000-8000-000000000001"
IDS = ("a", "b", "c", "d")
_RANDOM = st.tuples(st.sampled_from(CredentialState), st.sampled_from((None, *IDS)), st.booleans())
OPENS = (Outcome.GRANT, Outcome.GRANT_WITH_REMINDER)


def a_plan() -> SitePlan:
    point = {"id": "n-in", "from_area": "outside", "to_area": "campus", "direction": "ENTRY"}
    return plan_from_mapping(
        {
            "site": "north",
            "version": 1,
            "areas": [{"id": "outside"}, {"id": "campus"}],
            "access_points": [{**point, "access_point_class": "PEDESTRIAN"}],
            "access_levels": [{"id": "all", "entries": [{"access_point": "n-in"}]}],
            "group_assignments": [{"level": "all", "group": "staff"}],
            "policies": [{"version": 1, "language": 1, "site": "north", "from": "2020-01-01T00:00:00+08:00"}],
        }
    )


PLAN = a_plan()
holders = st.lists(_RANDOM, min_size=1, max_size=len(IDS)).map(
    lambda drawn: Subject(
        "c:1",
        1,
        SubjectKind.CARDHOLDER,
        "staff",
        "north",
        ("staff",),
        tuple(
            Credential(name, (card(name),), state, single_use=single_use, replaces=replaces)
            for name, (state, replaces, single_use) in zip(IDS, drawn, strict=False)
        ),
    )
)


def card(name: str) -> Identifier:
    return Identifier(IdentifierType.CARD, f"0{name.upper()}")


def show(holder: Subject, credential: Credential, used: frozenset[str]) -> tuple[Outcome, set[str], set[str]]:
    """The outcome, what a grant used up, and what it retired."""
    shown = Presentation(EVENT, "north", "n-in", "n-1", NOW_MS, credential.identifiers)
    decision = decide(shown, (holder,), "n-in", PLAN, LiveState(used_ids=used), NOW_MS)
    effects = decision.effects
    return (
        decision.outcome,
        {effect.used_id for effect in effects if isinstance(effect, UseOnce)},
        {effect.credential_id for effect in effects if isinstance(effect, Retire)},
    )


@given(holders)
def test_a_grant_uses_up_what_the_edge_remembers_of_it(holder: Subject) -> None:
    for credential in holder.credentials:
        outcome, used, retired = show(holder, credential, frozenset())
        if outcome in OPENS:
            assert used == set(used_up(holder, credential, NOW_MS, leads_out=False))
            assert {retired_id(name) for name in retired} <= used


@given(holders)
def test_nothing_retires_itself_nor_what_is_stolen_or_out_of_use(holder: Subject) -> None:
    never = {CredentialState.STOLEN, CredentialState.REPLACED, CredentialState.RETURNED, CredentialState.DESTROYED}
    for credential in holder.credentials:
        retired = retired_by(holder, credential, NOW_MS)
        assert credential not in retired
        assert len({one.credential_id for one in retired}) == len(retired)
        assert not any(one.state in never for one in retired)


@given(holders, st.lists(st.sampled_from(IDS), min_size=2, max_size=8))
def test_once_a_successor_was_granted_what_it_retired_never_opens_again(holder: Subject, order: list[str]) -> None:
    by_id = {credential.credential_id: credential for credential in holder.credentials}
    used: frozenset[str] = frozenset()
    retired: set[str] = set()
    for name in order:
        if name in by_id:
            outcome, now_used, now_retired = show(holder, by_id[name], used)
            assert not (outcome in OPENS and name in retired)
            used |= now_used
            retired |= now_retired
