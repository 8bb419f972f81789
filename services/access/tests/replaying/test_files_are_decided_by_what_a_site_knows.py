"""A file of presentations decided by a site's own plan, policy and subjects: as offline, from real stores."""

import csv
import json
import random
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from menshen.access.v1 import replay_pb2 as pb
from menshen_access.domain.subject_records import FeedChange, FeedPlace
from menshen_access.drafts import Drafts
from menshen_access.planning import Planning
from menshen_access.postgres.administration import Administration
from menshen_access.postgres.policies import Policies
from menshen_access.postgres.reading import HistoryReader
from menshen_access.postgres.replaying import Holders
from menshen_access.postgres.sites import Sites
from menshen_access.postgres.subjects import Subjects
from menshen_access.presenting import ReplayingPresentations
from menshen_access.querying import Querying
from menshen_access.replay_process import ReplayProcess
from menshen_access.rpc.convert_admin import ServedSites
from menshen_access.rpc.replay import ReplayServicer
from menshen_access.work_apart import HERE
from menshen_cli.__main__ import main
from menshen_cli.replay_presented import Replayed, received, sent, summary_of
from menshen_cli.replay_rows import Faults, Places, read_rows
from menshen_cli.replay_screens import screens
from menshen_rulebook.plan import SitePlan, plan_from_mapping
from menshen_rulebook.types import Credential, CredentialState, Identifier, IdentifierType, Subject, SubjectKind
from menshen_servicekit.clock import ManualClock
from menshen_servicekit.postgres import Pool
from menshen_servicekit.status import DomainError
from rich.console import Console

SITE = "filed"
NOW_MS = 1_772_409_600_000
PLAN = """
areas: [{id: outside}, {id: campus, anti_passback: HARD, limit: 4}]
schedules: [{id: day, intervals: [{days: [MON, TUE, WED, THU, FRI], opens: "06:30", closes: "20:00"}]}]
access_points:
  - {id: n-in, from_area: outside, to_area: campus, direction: ENTRY, access_point_class: PEDESTRIAN, schedule: day}
  - {id: n-out, from_area: campus, to_area: outside, direction: EXIT, access_point_class: PEDESTRIAN}
access_levels: [{id: l, entries: [{access_point: n-in}]}]
group_assignments: [{level: l, group: staff}]
"""
STANDING = f"{{version: 1, language: 1, site: {SITE}, from: '2026-01-01T00:00:00+08:00'}}"
CLOSED = f"""
version: 2
language: 1
site: {SITE}
from: '2030-01-01T00:00:00+08:00'
closures: [{{access_point: n-in}}]
"""


class Nobody:
    """The context of a call without a certificate."""

    def auth_context(self) -> dict[str, list[bytes]]:
        return {}


@dataclass
class Office:
    """The site: its service, and its plan as anybody may export it."""

    servicer: ReplayServicer
    exported: bytes
    policy_id: str

    @property
    def plan(self) -> SitePlan:
        return plan_from_mapping({**json.loads(self.exported), "site": SITE, "version": 1})

    async def replay(self, file: Path, **opening: str) -> Replayed:
        faults = Faults()
        readings = read_rows(file, self.plan, Places(self.plan, both_ways=False), {}, None, faults, typed=True)
        assert faults.told == []
        first = pb.ReplayPresentationsRequest(site=SITE, **{"purpose": "exercise", **opening})
        return await received(self.servicer.ReplayPresentations(sent(first, readings), Nobody()))

    async def ask(self, rows: Iterable[pb.ReplayedPresentation], **opening: str) -> Replayed:
        async def requests() -> AsyncIterator[pb.ReplayPresentationsRequest]:
            yield pb.ReplayPresentationsRequest(presentations=rows, **{"site": SITE, "purpose": "exercise", **opening})

        return await received(self.servicer.ReplayPresentations(requests(), Nobody()))


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def office(pool: Pool, sites: Sites, new_id: Callable[[], str]) -> AsyncIterator[Office]:
    store, clock = Administration(pool, sites), ManualClock(NOW_MS)
    planning = Planning(store, _publish, clock, new_id)
    await planning.put_plan(SITE, PLAN, 0, "because", "operator/li")
    standing = await planning.activate_policy(SITE, STANDING, 1, "because", "operator/li")
    await Subjects(pool, sites).apply_changes(SITE, [_person(n) for n in range(8)], "identity", FeedPlace(1, 1))
    querying = Querying(HistoryReader(pool, sites), store, clock)
    process = ReplayProcess()
    drafts = Drafts(Policies(pool, sites), HERE, clock)
    presentations = ReplayingPresentations(Holders(pool), drafts, querying, clock, process)
    servicer = ReplayServicer(ServedSites((SITE,)), None, presentations)  # type: ignore[arg-type]
    yield Office(servicer, (await store.current_plan(SITE))[1], standing.policy_id)
    await process.close()


async def _publish(site: str) -> None:
    """Nobody is told."""


def _person(number: int) -> FeedChange:
    kind = IdentifierType.EPC if number == 7 else IdentifierType.CARD
    credential = Credential(f"k{number}", (Identifier(kind, f"C{number}"),), CredentialState.ACTIVE)
    category = "guest" if number == 0 else "staff"
    subject = Subject(f"c:{number}", 1, SubjectKind.CARDHOLDER, category, SITE, (category,), (credential,))
    return FeedChange(subject.subject_id, 1, subject)


def _write(file: Path, rows: Sequence[Sequence[object]], columns: str = "time,credential,access_point") -> Path:
    with file.open("w", newline="") as text:
        writer = csv.writer(text)
        writer.writerow(columns.split(","))
        writer.writerows(rows)
    return file


def _reads(folder: Path) -> Path:
    """A few days in which people come and go, some twice, some unknown, too many at once, and some at night."""
    chance = random.Random(5)
    points = ("n-in", "n-in", "n-out")
    times = [NOW_MS + chance.randrange(3 * 86_400_000) for _ in range(400)]
    rows = [(at_ms, f"C{chance.randrange(10)}", chance.choice(points)) for at_ms in times]
    return _write(folder / "reads.csv", rows)


def _replay_offline(folder: Path, office: Office, reads: Path, *options: str) -> None:
    (folder / "plan.json").write_bytes(office.exported)
    (folder / "policy.yaml").write_text(STANDING)
    described = [(f"C{n}", "guest" if n == 0 else "staff", "epc" if n == 7 else "card") for n in range(8)]
    _write(folder / "subjects.csv", described, "credential,category,credential_type")
    files = ["--plan", "plan.json", "--policy", "policy.yaml", "--subjects", "subjects.csv"]
    with pytest.raises(SystemExit) as ended:
        main(["replay", reads.name, *files, *options])
    assert ended.value.code == 0


async def test_a_file_comes_to_the_same_in_the_service_and_offline(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MENSHEN_LANGUAGE", "en")
    reads = _reads(tmp_path)
    (tmp_path / "closed.yaml").write_text(CLOSED)

    found = await office.replay(reads)
    under = await office.replay(reads, document=CLOSED)

    console = Console(highlight=False)
    console.print(screens(summary_of(found.totals), office.plan.utc_offset_minutes))
    by_service = capsys.readouterr().out
    _replay_offline(tmp_path, office, reads, "--against", "closed.yaml", "--differences", "changed.csv")
    by_process = capsys.readouterr().out
    assert by_process.startswith(by_service)
    codes = {one.answer.reason_code for one in found.totals.answers}
    assert codes >= {"", "CREDENTIAL_UNKNOWN", "ANTI_PASSBACK_IN", "AREA_FULL", "NO_ACCESS_LEVEL"}
    assert (found.totals.differing, found.changed) == (0, {})
    with (tmp_path / "changed.csv").open(encoding="utf-8-sig", newline="") as text:
        changed = {int(row["line"]): row for row in csv.DictReader(text)}
    told = {line: (old[0].name, old[1], new[0].name, new[1]) for line, (old, new) in under.changed.items()}
    names = ("outcome", "reason", "outcome_against", "reason_against")
    assert told == {line: tuple(row[name] for name in names) for line, row in changed.items()}
    assert under.totals.differing == len(told) > 50


async def test_a_type_says_what_was_read_and_the_policy_in_force_may_be_named(office: Office, tmp_path: Path) -> None:
    rows = [(NOW_MS, "C7", kind, "n-in") for kind in ("", "epc", "card")]
    reads = _write(tmp_path / "typed.csv", rows, "time,credential,credential_type,access_point")

    found = await office.replay(reads, policy_id=office.policy_id)

    assert found.totals.differing == 0
    answers = {one.answer.reason_code: one.count for one in found.totals.answers}
    assert answers == {"": 1, "ANTI_PASSBACK_IN": 1, "CREDENTIAL_UNKNOWN": 1}
    assert [one.credential for one in found.totals.refused_most] == ["card:C7", "epc:C7"]


def _presentation(line: int = 2, **changes: object) -> pb.ReplayedPresentation:
    given: dict[str, object] = {"at_ms": NOW_MS, "credential": "C1", "access_point": "n-in", **changes}
    return pb.ReplayedPresentation(line=line, **given)  # type: ignore[arg-type]


async def test_every_faulty_presentation_is_named_and_there_is_no_answer(office: Office) -> None:
    rows = [
        _presentation(2),
        _presentation(3, at_ms=NOW_MS - 1),
        _presentation(4, credential=""),
        _presentation(5, credential_type=77),
        _presentation(6, access_point="moon"),
    ]

    with pytest.raises(DomainError) as refused:
        await office.ask(rows)

    assert refused.value.code == "PRESENTATIONS_INVALID"
    assert [field.path for field in refused.value.fields] == [
        "presentations[3].at_ms",
        "presentations[4].credential",
        "presentations[5].credential_type",
        "presentations[6].access_point",
    ]


async def test_more_at_once_than_are_taken_are_refused_before_any_is_looked_at(office: Office) -> None:
    faulty = [_presentation(line, credential="") for line in range(2, 503)]

    with pytest.raises(DomainError) as refused:
        await office.ask(faulty)
    with pytest.raises(DomainError) as looked_at:
        await office.ask(faulty[:500])

    assert (refused.value.code, looked_at.value.code) == ("REPLAY_TOO_LARGE", "PRESENTATIONS_INVALID")


@pytest.mark.parametrize(
    ("opening", "code"),
    [
        ({"purpose": " "}, "PURPOSE_MISSING"),
        ({"site": "elsewhere"}, "SITE_UNKNOWN"),
        ({"policy_id": "no-such-id"}, "POLICY_UNKNOWN"),
        ({"document": CLOSED + "nonsense: 1"}, "DOCUMENT_INVALID"),
    ],
)
async def test_what_cannot_be_replayed_is_refused_precisely(office: Office, opening: dict[str, str], code: str) -> None:
    with pytest.raises(DomainError) as refused:
        await office.ask([_presentation()], **opening)

    assert refused.value.code == code
