"""Who may open a door on the spot: a guard no secured entry, nobody against an interlock; nobody is kept in."""

from dataclasses import dataclass

import pytest
from menshen_device_agent.by_hand import ByHand
from menshen_servicekit.status import DomainError, Trouble


@dataclass
class ADoor:
    """What is known of a door."""

    access_points: tuple[str, ...] = ("n-in",)
    is_released: bool = False
    is_secured: bool = False


def refusal(door: ADoor, *, by_operator: bool = False, barred_by: str = "") -> DomainError | None:
    by_hand = ByHand(
        lambda access_point: access_point == "n-out", lambda access_point: "" if access_point == "n-out" else barred_by
    )
    try:
        by_hand.check(door, by_operator=by_operator)
    except DomainError as error:
        return error
    return None


def test_a_guard_opens_no_secured_entry_and_an_operator_does() -> None:
    door = ADoor(is_secured=True)

    refused = refusal(door)

    assert refused is not None
    assert (refused.trouble, refused.code) == (Trouble.FORBIDDEN, "ENTRY_SECURED")
    assert refusal(door, by_operator=True) is None


def test_a_guard_opens_an_entry_that_nobody_has_secured() -> None:
    assert refusal(ADoor()) is None


@pytest.mark.parametrize("by_operator", [True, False])
def test_nobody_opens_against_an_interlock_and_its_open_door_is_named(by_operator: bool) -> None:
    refused = refusal(ADoor(), by_operator=by_operator, barred_by="outer")

    assert refused is not None
    assert (refused.trouble, refused.code) == (Trouble.CONFLICT, "INTERLOCK_OPEN")
    assert "outer" in refused.message_zh
    assert "outer" in refused.message_en


@pytest.mark.parametrize(
    "door",
    [
        ADoor(("n-out",), is_secured=True),
        ADoor(("n-in", "n-out"), is_secured=True),
        ADoor(is_released=True, is_secured=True),
    ],
    ids=["way out", "both ways", "released"],
)
def test_a_way_out_and_a_released_door_are_refused_to_nobody(door: ADoor) -> None:
    assert refusal(door, barred_by="outer") is None
