"""Reports that wait for their zone."""

from menshen.safety.v1 import safety_pb2 as pb
from menshen_safety.rpc.waiting_reports import LIMIT, WaitingReports


def panel(zone: str, state: pb.PanelState = pb.PANEL_STATE_ALARM) -> pb.HoldZonesRequest:
    return pb.HoldZonesRequest(panel=pb.PanelReport(zone_id=zone, state=state))


def door(zone: str, name: str) -> pb.HoldZonesRequest:
    return pb.HoldZonesRequest(door=pb.DoorReport(zone_id=zone, door=name))


def test_the_last_of_each_line_and_door_waits_the_line_first() -> None:
    waiting = WaitingReports()
    for request in (door("z1", "d1"), panel("z1"), panel("z2"), panel("z1", pb.PANEL_STATE_NORMAL)):
        assert waiting.keep(request)

    assert waiting.of({"z1", "z3"}) == [panel("z1", pb.PANEL_STATE_NORMAL), door("z1", "d1")]
    waiting.outdated_by(panel("z1"))
    assert waiting.of({"z1"}) == [door("z1", "d1")]


def test_no_more_wait_than_there_is_room_for_and_those_there_may_change() -> None:
    waiting = WaitingReports()

    assert all(waiting.keep(panel(f"z{number}")) for number in range(LIMIT))

    assert not waiting.keep(panel("another"))
    assert waiting.keep(panel("z7", pb.PANEL_STATE_NORMAL))
    assert len(waiting) == LIMIT
