"""What the gate holds: versions, digest, snapshots, the copy on disk, and decisions made on it."""

import json
import sqlite3
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from menshen_device_agent.edge.deciding import EdgeDecider, EdgeRules
from menshen_device_agent.edge.file import EdgeFile
from menshen_device_agent.edge.holding import EdgeCursor, EdgeHolding, EdgeRecord, EdgeRecords
from menshen_device_agent.edge.keeping import EdgeKeeper, SnapshotRefusedError
from menshen_device_agent.events import Asked, EventKind
from menshen_device_agent.peers.convert import answer_of, decision_message
from menshen_rulebook.plan import SitePlan, plan_from_mapping, plan_to_json
from menshen_rulebook.records import pack
from menshen_rulebook.types import (
    Credential,
    CredentialState,
    Hold,
    HoldScope,
    Identifier,
    IdentifierType,
    Order,
    OrderKind,
    Outcome,
    Subject,
    SubjectKind,
    ThreatLevel,
)
from menshen_servicekit.clock import ManualClock

NOW_MS = 1_800_000_000_000
DAY_MS = 86_400_000
CARD = Identifier(IdentifierType.CARD, "04A1B2C3")
CURSOR = EdgeCursor(1, 10)


class AnySignature:
    """Accepts or refuses every signature."""

    def __init__(self, *, verdict: bool = True) -> None:
        self.verdict = verdict

    def holds(self, cursor: EdgeCursor, digest: bytes, signature: bytes) -> bool:
        return self.verdict


def a_plan(version: int = 1, **policy: object) -> SitePlan:
    return plan_from_mapping(
        {
            "site": "north",
            "version": version,
            "areas": [{"id": "outside"}, {"id": "campus"}],
            "access_points": [
                point("n-in", "outside", "campus", "ENTRY"),
                point("n-out", "campus", "outside", "EXIT"),
            ],
            "access_levels": [{"id": "all", "entries": [{"access_point": "n-in"}, {"access_point": "n-out"}]}],
            "group_assignments": [{"level": "all", "group": "staff"}],
            "policies": [{"site": "north", "version": 7, "language": 1, "from": "2020-01-01T00:00:00+08:00", **policy}],
        }
    )


def point(name: str, origin: str, target: str, direction: str) -> dict[str, object]:
    return {
        "id": name,
        "from_area": origin,
        "to_area": target,
        "direction": direction,
        "access_point_class": "PEDESTRIAN",
    }


def a_subject(state: CredentialState = CredentialState.ACTIVE, version: int = 1) -> Subject:
    credential = Credential(credential_id="k1", identifiers=(CARD,), state=state)
    return Subject(
        subject_id="c:1",
        version=version,
        kind=SubjectKind.CARDHOLDER,
        category="staff",
        home_site="north",
        groups=("staff",),
        credentials=(credential,),
    )


def a_record(subject: Subject | None = None) -> EdgeRecord:
    subject = subject or a_subject()
    return EdgeRecord(subject.subject_id, subject.version, pack(subject), ("card:04A1B2C3",))


def a_keeper(folder: Path, alarms: list[str] | None = None, *, verdict: bool = True) -> EdgeKeeper:
    alarm = (alarms if alarms is not None else []).append
    return EdgeKeeper(EdgeFile(folder / "edge.db"), AnySignature(verdict=verdict), alarm)


def filled(keeper: EdgeKeeper) -> EdgeKeeper:
    records = EdgeRecords()
    records.apply([a_record()])
    keeper.begin()
    keeper.records([a_record()], None)
    keeper.end(CURSOR, records.digest, b"signature")
    keeper.plan(1, plan_to_json(a_plan()))
    keeper.digest(CURSOR, records.digest, NOW_MS)
    return keeper


def a_decider(
    holding: EdgeHolding, clock: ManualClock | None = None, *, wired_exit: str = "", released: str = ""
) -> EdgeDecider:
    return EdgeDecider(
        "north",
        "north-1",
        clock or ManualClock(NOW_MS),
        lambda: holding,
        lambda name: name == released,
        lambda name: name == wired_exit,
        EdgeRules(stale_after_ms=DAY_MS),
    )


def asked(access_point: str, card: str = CARD.value) -> Asked:
    identifiers = (Identifier(IdentifierType.CARD, card),)
    return Asked("0198f000-0000-7000-8000-000000000001", access_point, NOW_MS, 5, identifiers, "reader")


def test_only_higher_versions_change_anything() -> None:
    records = EdgeRecords()
    records.apply([a_record(a_subject(version=2))])
    digest = records.digest

    records.apply([a_record(a_subject(CredentialState.LOST, version=1))])

    assert records.digest == digest
    assert records.subjects(["card:04A1B2C3"])[0].version == 2


def test_an_empty_record_removes_the_subject_and_its_keys() -> None:
    records = EdgeRecords()
    records.apply([a_record()])

    records.apply([EdgeRecord("c:1", 2, b"", ())])

    assert len(records) == 0
    assert records.subjects(["card:04A1B2C3"]) == ()
    assert records.digest == bytes(32)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 5), st.binary(max_size=4)), max_size=30), st.randoms())
def test_the_digest_says_what_is_held_whatever_the_order(steps: list[tuple[str, int, bytes]], chance: object) -> None:
    unique = {(name, version): EdgeRecord(name, version, body, (f"card:{name}",)) for name, version, body in steps}
    shuffled = list(unique.values())
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = EdgeRecords(), EdgeRecords()

    one.apply(sorted(unique.values(), key=lambda record: (record.subject_id, record.version)))
    other.apply(record for record in shuffled if record.record)
    other.apply(record for record in shuffled if not record.record)

    newest = {r.subject_id: r for r in sorted(unique.values(), key=lambda record: record.version)}
    fresh = EdgeRecords()
    fresh.apply(record for record in newest.values() if record.record)
    assert one.digest == fresh.digest


def test_a_snapshot_takes_force_only_when_it_is_complete(tmp_path: Path) -> None:
    keeper = filled(a_keeper(tmp_path))
    keeper.begin()
    keeper.records([a_record(a_subject(CredentialState.LOST, version=2))], None)

    assert keeper.holding.records.subjects(["card:04A1B2C3"])[0].version == 1


def test_a_snapshot_with_a_wrong_digest_is_refused_and_alarmed(tmp_path: Path) -> None:
    alarms: list[str] = []
    keeper = a_keeper(tmp_path, alarms)
    keeper.begin()
    keeper.records([a_record()], None)

    with pytest.raises(SnapshotRefusedError):
        keeper.end(CURSOR, bytes(32), b"signature")

    assert alarms == ["SNAPSHOT_DIGEST"]
    assert len(keeper.holding.records) == 0


def test_a_snapshot_nobody_signed_is_refused_and_alarmed(tmp_path: Path) -> None:
    alarms: list[str] = []
    keeper = a_keeper(tmp_path, alarms, verdict=False)

    with pytest.raises(SnapshotRefusedError):
        filled(keeper)

    assert alarms == ["SNAPSHOT_SIGNATURE"]


def test_a_digest_that_differs_makes_the_edge_start_from_nothing(tmp_path: Path) -> None:
    alarms: list[str] = []
    keeper = filled(a_keeper(tmp_path, alarms))

    with pytest.raises(SnapshotRefusedError):
        keeper.digest(CURSOR, bytes(32), NOW_MS)

    assert keeper.holding.cursor is None
    assert alarms == ["DIGEST_DIFFERS"]


def test_a_plan_this_rulebook_cannot_read_leaves_the_old_one_in_force(tmp_path: Path) -> None:
    alarms: list[str] = []
    keeper = filled(a_keeper(tmp_path, alarms))

    keeper.plan(2, b'{"site": "north", "version": 2, "shape": "of tomorrow"}')

    assert keeper.holding.plan is not None
    assert keeper.holding.plan.version == 1
    assert alarms == ["PLAN_2"]


def test_a_restarted_agent_holds_what_it_held(tmp_path: Path) -> None:
    keeper = filled(a_keeper(tmp_path))
    hold = Hold("h1", "control-room", HoldScope.SITE, "north")
    levels = (ThreatLevel(3, "campus"), ThreatLevel(1))
    order = Order("o", "control-room", "n-in", OrderKind.HOLD_OPEN, NOW_MS + 1)
    keeper.holds(7, (hold,), threat_levels=levels, stale_sources=frozenset({"clinic"}), orders=(order,))
    keeper.close()

    again = a_keeper(tmp_path).holding

    assert again.cursor == CURSOR
    assert (again.holds, again.holds_version) == ((hold,), 7)
    assert (again.threat_levels, again.stale_sources) == (levels, frozenset({"clinic"}))
    assert again.orders == (order,)
    assert again.current_at_ms == NOW_MS
    assert again.records.digest == keeper.holding.records.digest
    assert again.plan == keeper.holding.plan


def test_a_copy_an_older_agent_wrote_is_read_without_levels(tmp_path: Path) -> None:
    keeper = filled(a_keeper(tmp_path))
    keeper.holds(7, (), threat_levels=(ThreatLevel(3),), stale_sources=frozenset({"clinic"}))
    keeper.close()
    database = sqlite3.connect(tmp_path / "edge.db")
    head = json.loads(database.execute("SELECT value FROM standing WHERE name = 'head'").fetchone()[0])
    kept = {name: value for name, value in head.items() if name not in ("threat_levels", "stale_sources")}
    database.execute("UPDATE standing SET value = ? WHERE name = 'head'", (json.dumps(kept).encode(),))
    database.commit()
    database.close()

    again = a_keeper(tmp_path).holding

    assert (again.cursor, again.threat_levels, again.stale_sources) == (CURSOR, (), frozenset())


def test_a_copy_that_does_not_add_up_is_dropped(tmp_path: Path) -> None:
    filled(a_keeper(tmp_path)).close()
    database = sqlite3.connect(tmp_path / "edge.db")
    database.execute("UPDATE record SET record = ?", (pack(a_subject(CredentialState.LOST)),))
    database.commit()
    database.close()

    assert a_keeper(tmp_path).holding.cursor is None


def test_a_copy_of_garbage_is_dropped(tmp_path: Path) -> None:
    (tmp_path / "edge.db").write_bytes(b"garbage" * 1000)

    assert len(a_keeper(tmp_path).holding.records) == 0


def test_the_edge_decides_by_the_same_rulebook(tmp_path: Path) -> None:
    decider = a_decider(filled(a_keeper(tmp_path)).holding)

    granted = decider.decide(asked("n-in"))
    unknown = decider.decide(asked("n-in", "FFFFFFFF"))

    assert (granted.outcome, granted.kind) == (Outcome.GRANT, EventKind.EDGE)
    assert granted.subject_ids == ("c:1",)
    assert unknown.outcome is Outcome.DENY
    assert unknown.reasons[0].code == "CREDENTIAL_UNKNOWN"


def test_the_edge_names_the_policy_it_judged_by_in_what_it_uploads(tmp_path: Path) -> None:
    answer = a_decider(filled(a_keeper(tmp_path)).holding).decide(asked("n-in"))

    told = decision_message(answer)

    assert (answer.policy_version, told.policy_version) == (7, 7)
    assert answer_of(told).policy_version == 7


def test_a_revocation_in_the_delta_log_is_obeyed(tmp_path: Path) -> None:
    keeper = filled(a_keeper(tmp_path))
    keeper.records([a_record(a_subject(CredentialState.LOST, version=2))], EdgeCursor(1, 11))

    answer = a_decider(keeper.holding).decide(asked("n-in"))

    assert answer.outcome is Outcome.DENY
    assert answer.reasons[0].code == "CREDENTIAL_LOST"


def test_a_lockdown_bars_the_entry_and_never_the_exit(tmp_path: Path) -> None:
    keeper = filled(a_keeper(tmp_path))
    keeper.holds(1, (Hold("h", "control-room", HoldScope.SITE, "north"),))
    decider = a_decider(keeper.holding)

    assert decider.decide(asked("n-in")).outcome is Outcome.DENY
    assert decider.decide(asked("n-out")).opens


def test_a_threat_level_holds_at_the_edge_until_it_is_taken_back(tmp_path: Path) -> None:
    keeper = filled(a_keeper(tmp_path))
    threat = {"where": {"threat_level": 2}, "admits": {"groups": ["first-response"]}}
    keeper.plan(2, plan_to_json(a_plan(2, threats=[threat])))
    decider = a_decider(keeper.holding)
    calm = decider.decide(asked("n-in"))
    keeper.holds(1, (), threat_levels=(ThreatLevel(2, "campus"),))
    threatened, leaving = decider.decide(asked("n-in")), decider.decide(asked("n-out"))
    keeper.holds(2, ())

    assert [calm.outcome, threatened.outcome] == [Outcome.GRANT, Outcome.DENY]
    assert threatened.reasons[0].code == "THREAT_LEVEL"
    assert leaving.outcome is Outcome.GRANT
    assert decider.decide(asked("n-in")).outcome is Outcome.GRANT


def test_an_edge_knows_which_source_is_silent(tmp_path: Path) -> None:
    keeper = filled(a_keeper(tmp_path))
    proof = {"id": "proof", "test": {"fact": "work_proof", "source": "personnel"}}
    keeper.plan(2, plan_to_json(a_plan(2, requirements=[proof])))
    decider = a_decider(keeper.holding)
    missing = decider.decide(asked("n-in"))
    keeper.holds(1, (), stale_sources=frozenset({"personnel"}))

    silent = decider.decide(asked("n-in"))

    assert (missing.outcome, silent.outcome) == (Outcome.DENY, Outcome.GRANT_WITH_REMINDER)
    assert silent.reasons[0].code == "FACT_SOURCE_STALE"


def test_an_emergency_release_stands_above_lockdown_and_threat_level(tmp_path: Path) -> None:
    keeper = filled(a_keeper(tmp_path))
    keeper.holds(1, (Hold("h", "control-room", HoldScope.SITE, "north"),), threat_levels=(ThreatLevel(5),))

    answer = a_decider(keeper.holding, released="n-in").decide(asked("n-in", "FFFFFFFF"))

    assert (answer.outcome, answer.reasons[0].code) == (Outcome.GRANT, "EMERGENCY_RELEASE")


def test_an_order_that_secures_bars_the_entry_until_it_ends_and_never_the_exit(tmp_path: Path) -> None:
    keeper = filled(a_keeper(tmp_path))
    keeper.holds(1, (), orders=(Order("o", "control-room", "n-in", OrderKind.SECURE, NOW_MS + 1),))
    clock = ManualClock(NOW_MS)
    decider = a_decider(keeper.holding, clock)

    barred, leaves = decider.decide(asked("n-in")), decider.decide(asked("n-out"))
    clock.advance_ms(1)

    assert (barred.outcome, barred.reasons[0].code) == (Outcome.DENY, "SECURED_BY_OPERATOR")
    assert leaves.opens
    assert decider.decide(asked("n-in")).opens


def test_a_copy_written_before_there_were_orders_is_taken_up(tmp_path: Path) -> None:
    keeper = filled(a_keeper(tmp_path))
    keeper.close()
    with sqlite3.connect(tmp_path / "edge.db") as database:
        [head] = database.execute("SELECT value FROM standing WHERE name = 'head'").fetchone()
        bare = {key: value for key, value in json.loads(head).items() if key != "orders"}
        database.execute("UPDATE standing SET value = ? WHERE name = 'head'", (json.dumps(bare).encode(),))

    again = a_keeper(tmp_path).holding

    assert (len(again.records), again.orders) == (1, ())


def test_a_stale_edge_refuses_entries_and_lets_people_out(tmp_path: Path) -> None:
    clock = ManualClock(NOW_MS + DAY_MS + 1)
    decider = a_decider(filled(a_keeper(tmp_path)).holding, clock)

    assert decider.decide(asked("n-in")).reasons[0].code == "EDGE_STALE"
    assert decider.decide(asked("n-out")).opens


def test_an_empty_edge_refuses_entries_and_opens_wired_exits() -> None:
    decider = a_decider(EdgeHolding(EdgeRecords()), wired_exit="n-out")

    assert decider.decide(asked("n-in")).outcome is Outcome.DENY
    assert decider.decide(asked("n-out")).outcome is Outcome.GRANT


def test_a_record_that_cannot_be_unpacked_denies_an_entry_and_opens_an_exit(tmp_path: Path) -> None:
    keeper = filled(a_keeper(tmp_path))
    keeper.records([EdgeRecord("c:1", 2, json.dumps([99]).encode(), ("card:04A1B2C3",))], EdgeCursor(1, 11))
    decider = a_decider(keeper.holding)

    entry, out = decider.decide(asked("n-in")), decider.decide(asked("n-out"))

    assert (entry.outcome, entry.reasons[0].code) == (Outcome.DENY, "SYSTEM_FAULT")
    assert out.opens


def test_an_agent_that_died_knows_how_current_its_copy_was(tmp_path: Path) -> None:
    keeper = filled(a_keeper(tmp_path))
    confirmed_ms = NOW_MS + 3 * DAY_MS

    keeper.digest(CURSOR, keeper.holding.records.digest, confirmed_ms)

    assert EdgeFile(tmp_path / "edge.db").load().current_at_ms == confirmed_ms
