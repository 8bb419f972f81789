"""Two people at a gate whose centre is silent: the way from two reads to one opening, by the real edge rules."""

from pathlib import Path
from typing import Any

from harness.patience import eventually
from menshen_device_agent.edge.deciding import EdgeDecider
from menshen_device_agent.edge.holding import EdgeHolding, EdgeRecord, EdgeRecords
from menshen_device_agent.events import Answer, Asked, EventKind
from menshen_device_agent.journal import Journal
from menshen_device_agent.peers.convert import encode_event, positioned
from menshen_device_agent.presenting import Presenter, Shown
from menshen_device_agent.spool import Spool
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
from menshen_servicekit.clock import SystemClock
from menshen_servicekit.ids import Uuid7Factory

SITE = "north"


def a_plan(second_within_ms: int = 15_000, **changes: str) -> SitePlan:
    """A vault for two at a time."""
    rules = {"person_rule": "TWO_PERSON", **changes}
    common = {"access_point_class": "PEDESTRIAN", "second_within_ms": second_within_ms, **rules}
    return plan_from_mapping(
        {
            "site": SITE,
            "version": 1,
            "areas": [{"id": "campus"}, {"id": "vault"}],
            "access_points": [
                {"id": "v-in", "from_area": "campus", "to_area": "vault", "direction": "INNER", **common},
                {"id": "v-out", "from_area": "vault", "to_area": "campus", "direction": "EXIT", **common},
            ],
            "access_levels": [{"id": "all", "entries": [{"access_point": "v-in"}]}],
            "group_assignments": [{"level": "all", "group": "staff"}],
            "policies": [{"version": 1, "language": 1, "site": SITE, "from": "2020-01-01T00:00:00+08:00"}],
        }
    )


def a_record(number: int) -> EdgeRecord:
    shown = (Identifier(IdentifierType.CARD, f"A{number}"), Identifier(IdentifierType.QR, f"A{number}"))
    credentials = tuple(Credential(f"{i.key}", (i,), CredentialState.ACTIVE) for i in shown)
    subject = Subject(f"c:{number}", 1, SubjectKind.CARDHOLDER, "staff", SITE, credentials=credentials)
    return EdgeRecord(subject.subject_id, 1, pack(subject), tuple(i.key for i in shown))


class NoCentre:
    """Says at once that it will not decide."""

    async def decide(self, asked: Asked) -> Answer | None:
        return None


class Vault:
    """A lane that decides alone, with what it showed and whom it let pass."""

    def __init__(self, folder: Path, plan: SitePlan) -> None:
        clock = SystemClock()
        records = EdgeRecords()
        records.apply(a_record(number) for number in range(3))
        holding = EdgeHolding(records, plan, current_at_ms=clock.now_ms())
        decider = EdgeDecider(SITE, "north-1", clock, lambda: holding, lambda _: False, lambda _: False)
        self.spool = Spool(folder / "spool.db", clock.now_ms)
        self.shown: list[Shown] = []
        self.granted: list[Answer] = []
        new_id = Uuid7Factory(clock)
        journal = Journal(self.spool, clock, new_id, encode_event, lambda _: None)
        self._presenter = Presenter(clock, new_id, journal, NoCentre(), decider.decide, lambda *_: None)

    def grant(self, _asked: Asked, answer: Answer) -> None:
        self.granted.append(answer)

    async def present(self, number: int, at: str = "v-in", kind: IdentifierType = IdentifierType.CARD) -> Answer:
        before = len(self.shown)
        card = (Identifier(kind, f"A{number}"),)
        self._presenter.present(at, card, "reader", self, self.shown.append)
        await eventually(lambda: len(self.shown) > before)
        return self.shown[-1].answer

    def decisions(self) -> list[Any]:
        entries = [positioned(entry.body, 1, entry.number) for entry in self.spool.after(0, 50)]
        return [entry for entry in entries if entry.kind == EventKind.EDGE]


async def test_two_cards_one_after_the_other_open_for_both(tmp_path: Path) -> None:
    vault = Vault(tmp_path, a_plan())

    first, second = await vault.present(1), await vault.present(2)

    assert (first.outcome, [why.code for why in first.reasons]) == (Outcome.DENY, ["SECOND_PERSON_AWAITED"])
    assert (second.outcome, second.subject_ids, second.places) == (Outcome.GRANT, ("c:2", "c:1"), 2)
    assert vault.granted == [second]


async def test_the_record_of_the_second_presentation_names_both(tmp_path: Path) -> None:
    vault = Vault(tmp_path, a_plan())
    await vault.present(1)
    await vault.present(2)

    recorded = vault.decisions()[1]

    assert list(recorded.decision.subject_ids) == ["c:2", "c:1"]
    assert [item.value for item in recorded.presentation.identifiers] == ["A2"]
    assert [item.value for item in recorded.presentation.awaiting] == ["A1"]


async def test_one_card_twice_opens_nothing_and_a_second_person_still_does(tmp_path: Path) -> None:
    vault = Vault(tmp_path, a_plan())

    answers = [await vault.present(number) for number in (1, 1, 2)]

    assert [answer.outcome for answer in answers] == [Outcome.DENY, Outcome.DENY, Outcome.GRANT]


async def test_a_second_person_after_the_time_is_a_first_one(tmp_path: Path) -> None:
    vault = Vault(tmp_path, a_plan(second_within_ms=1))
    first = await vault.present(1)

    async def is_alone() -> bool:
        return (await vault.present(2)).subject_ids == ("c:2",)

    assert first.awaits_second_ms == 1
    await eventually(is_alone)
    assert vault.granted == []


async def test_a_pair_is_used_up_by_its_grant(tmp_path: Path) -> None:
    vault = Vault(tmp_path, a_plan())

    answers = [await vault.present(number) for number in (1, 2, 0)]

    assert answers[2].subject_ids == ("c:0",)
    assert len(vault.granted) == 1


async def test_nobody_waits_on_the_way_out(tmp_path: Path) -> None:
    vault = Vault(tmp_path, a_plan())

    leaving = await vault.present(1, "v-out")

    assert leaving.opens
    assert leaving.awaits_second_ms == 0


async def test_card_and_code_one_after_the_other_open_for_one(tmp_path: Path) -> None:
    vault = Vault(tmp_path, a_plan(person_rule="SINGLE", requires="CARD_AND_CODE"))

    card, code = await vault.present(1), await vault.present(1, kind=IdentifierType.QR)

    assert [why.code for why in card.reasons] == ["CODE_AWAITED"]
    assert (code.outcome, code.subject_ids, code.places) == (Outcome.GRANT, ("c:1",), 1)
