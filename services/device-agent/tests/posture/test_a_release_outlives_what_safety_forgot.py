"""A safety whose database was restored to before a release: no door closes on it, and none stays open for ever."""

from collections.abc import Callable
from pathlib import Path

import pytest
from menshen_device_agent.bindings import ZoneBinding
from menshen_device_agent.model.zone import PanelState
from menshen_device_agent.named_texts import NamedTexts
from menshen_device_agent.releasing import Releases, ZoneControl, ZoneWord
from menshen_servicekit.status import DomainError

from .doorway import Doorway

ZONE = "n-fire"
EARLIER, HELD, LATER = (f"0199aa00-0000-7000-8000-00000000000{number}" for number in (1, 2, 3))


Doorways = Callable[..., Doorway]


def released(doorway: Doorways, folder: Path) -> tuple[Releases, Doorway]:
    """One zone with one door, released under the id HELD by a safety that is there."""
    door = doorway()
    zone = ZoneControl(ZoneBinding(ZONE, ("door",), None, None, None, line_fault_releases=True), [door.control])
    file = NamedTexts(folder / "released.json")
    made = Releases([zone], file, door.journal, door.alarms, lambda: 0, lambda *_: None)
    made.safety_online = True
    made.safety_says([ZoneWord(ZONE, HELD, "")])
    assert door.control.is_released
    return made, door


@pytest.mark.parametrize("ended", ["", EARLIER])
async def test_a_safety_that_no_longer_knows_a_release_ends_nothing_and_leaves_the_reset_to_the_spot(
    doorway: Doorways, tmp_path: Path, ended: str
) -> None:
    releases, door = released(doorway, tmp_path)
    with pytest.raises(DomainError) as refused:
        releases.reset(ZONE)
    assert refused.value.code == "HELD_BY_SAFETY"

    releases.safety_says([ZoneWord(ZONE, "", ended)])

    assert door.control.is_released
    releases.reset(ZONE)
    assert not door.control.is_released


async def test_a_zone_that_safety_no_longer_knows_stays_open_and_is_reset_on_the_spot(
    doorway: Doorways, tmp_path: Path
) -> None:
    releases, door = released(doorway, tmp_path)

    releases.safety_says([])
    with pytest.raises(DomainError) as refused:
        releases.reset(ZONE)
    assert refused.value.code == "HELD_BY_SAFETY"
    releases.safety_says([], [ZONE])
    assert door.control.is_released
    releases.safety_says([ZoneWord(ZONE, HELD, "")])
    with pytest.raises(DomainError):
        releases.reset(ZONE)
    releases.safety_says([], [ZONE])

    releases.reset(ZONE)
    assert not door.control.is_released


async def test_a_zone_that_safety_no_longer_knows_is_not_reset_while_its_panel_is_in_alarm(
    doorway: Doorways, tmp_path: Path
) -> None:
    releases, door = released(doorway, tmp_path)
    releases.safety_says([], [ZONE])
    releases.panel_is(releases.zones[ZONE], PanelState.ALARM, 0)

    with pytest.raises(DomainError) as refused:
        releases.reset(ZONE)

    assert refused.value.code == "PANEL_IN_ALARM"
    assert door.control.is_released


@pytest.mark.parametrize("ended", [HELD, LATER])
async def test_a_reset_of_the_release_or_of_a_later_one_ends_it(doorway: Doorways, tmp_path: Path, ended: str) -> None:
    releases, door = released(doorway, tmp_path)

    releases.safety_says([ZoneWord(ZONE, "", ended)])

    assert not door.control.is_released


async def test_a_release_that_safety_raises_anew_is_reset_at_safety_again(doorway: Doorways, tmp_path: Path) -> None:
    releases, door = released(doorway, tmp_path)

    releases.safety_says([ZoneWord(ZONE, "", EARLIER)])
    releases.safety_says([ZoneWord(ZONE, LATER, "")])

    with pytest.raises(DomainError):
        releases.reset(ZONE)
    releases.safety_says([ZoneWord(ZONE, "", LATER)])

    assert not door.control.is_released
