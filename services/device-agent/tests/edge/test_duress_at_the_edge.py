"""A gate alone knows no PINs: whichever is typed, it answers, shows and keeps the same."""

import itertools
from pathlib import Path

import pytest
from menshen_device_agent.edge.deciding import EdgeDecider
from menshen_device_agent.edge.holding import EdgeHolding, EdgeRecord, EdgeRecords
from menshen_device_agent.events import Answer, Asked
from menshen_device_agent.journal import Journal
from menshen_device_agent.peers.convert import encode_event, positioned
from menshen_device_agent.presenting import Shown
from menshen_device_agent.rpc.convert import lane_message
from menshen_device_agent.spool import Spool
from menshen_rulebook.plan import SitePlan, plan_from_mapping
from menshen_rulebook.records import pack
from menshen_rulebook.types import Credential, CredentialState, Identifier, IdentifierType, Subject, SubjectKind
from menshen_servicekit.clock import ManualClock

NOW_MS = 1_772_409_600_000
CARD = Identifier(IdentifierType.CARD, "AA")
TYPED = {"right": "13572468", "duress": "86427531", "wrong": "99999999"}


def a_plan(unverifiable: str) -> SitePlan:
    policy = {"version": 1, "language": 1, "site": "north", "from": "2020-01-01T00:00:00+08:00"}
    inward = {"from_area": "outside", "to_area": "campus", "direction": "ENTRY", "requires": "CARD_AND_PIN"}
    outward = {"from_area": "campus", "to_area": "outside", "direction": "EXIT", "requires": "CARD_AND_PIN"}
    return plan_from_mapping(
        {
            "site": "north",
            "version": 1,
            "areas": [{"id": "outside"}, {"id": "campus"}],
            "access_points": [
                {"id": "in", "access_point_class": "PEDESTRIAN", **inward},
                {"id": "out", "access_point_class": "PEDESTRIAN", **outward},
            ],
            "access_levels": [{"id": "all", "entries": [{"access_point": "in"}]}],
            "group_assignments": [{"level": "all", "group": "staff"}],
            "policies": [{**policy, "pins": {"unverifiable": unverifiable}}],
        }
    )


class Lonely:
    """A gate whose centre is silent, with a spool of its own."""

    def __init__(self, folder: Path, unverifiable: str) -> None:
        clock, ids = ManualClock(NOW_MS), (f"event-{number}" for number in itertools.count())
        credential = Credential("k", (CARD,), CredentialState.ACTIVE)
        holder = Subject("c:1", 1, SubjectKind.CARDHOLDER, "staff", "north", ("staff",), (credential,), has_pin=True)
        records = EdgeRecords()
        records.apply([EdgeRecord(holder.subject_id, 1, pack(holder), (CARD.key,))])
        self.plan = a_plan(unverifiable)
        holding = EdgeHolding(records, self.plan, current_at_ms=NOW_MS)
        self.decider = EdgeDecider("north", "n-1", clock, lambda: holding, lambda _: False, lambda _: False)
        self.spool = Spool(folder / "spool.db", clock.now_ms)
        self.journal = Journal(self.spool, clock, lambda: next(ids), encode_event, lambda _: None)

    def type(self, pin: str, point: str) -> tuple[Answer, bytes, bytes]:
        """The answer, what the lane shows of it, and what the spool keeps."""
        asked = self.journal.presented(Asked("event", point, NOW_MS, 0, (CARD,), "reader", pin=pin))
        answer = self.decider.decide(asked)
        entry = self.journal.decided(asked, answer)
        [kept] = self.spool.after(entry.number - 1, 1)
        shown = lane_message(Shown(asked, answer, 0), self.plan)
        return answer, shown.SerializeToString(), positioned(kept.body, 1, 1).SerializeToString()


@pytest.mark.parametrize("point", ["in", "out"])
@pytest.mark.parametrize("unverifiable", ["GRANT_WITH_REMINDER", "MANUAL_REVIEW", "DENY"])
def test_no_answer_screen_or_spool_entry_tells_which_pin_was_typed(
    tmp_path: Path, unverifiable: str, point: str
) -> None:
    lonely = Lonely(tmp_path, unverifiable)

    seen = {name: lonely.type(pin, point) for name, pin in TYPED.items()}
    lonely.spool.close()

    assert len(set(seen.values())) == 1
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"event" in kept
    assert [pin for pin in TYPED.values() if pin.encode() in kept] == []
