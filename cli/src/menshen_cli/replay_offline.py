"""`menshen replay FILE --plan`: presentations of the past decided in this process, without a suite."""

import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import typer
from menshen_access.plan_documents import read_document
from menshen_rulebook.decision import Decision
from menshen_rulebook.plan import SitePlan, plan_from_mapping
from menshen_rulebook.replay.replaying import Known, Replay, Row, always
from menshen_rulebook.replay.tally import Tally
from menshen_rulebook.vocabulary import Outcome
from rich.console import Console

from menshen_cli.local.language import LocalError, pick
from menshen_cli.policy_check import FAULT, check_files, read_text
from menshen_cli.replay_rows import KINDS, ROW_COLUMNS, SUBJECT_COLUMNS, Faults, Places, read_rows, read_subjects
from menshen_cli.replay_screens import screens
from menshen_cli.written_files import Cell, check_new, write_csv

_BEFORE_ALL_MS = 0
_DIFFERENCE_COLUMNS = (
    "line",
    "time",
    "credential",
    "access_point",
    "outcome",
    "reason",
    "outcome_against",
    "reason_against",
)

Answer = tuple[Outcome, str]


@dataclass(frozen=True)
class Run:
    """What a policy made of the rows: the answer to each, their tally, and the processor time it took."""

    answers: Sequence[Answer]
    tally: Tally
    took_s: float


@dataclass(frozen=True)
class Asked:
    """What is replayed offline, as the options of the command say it."""

    plan: Path
    policy: Path
    against: Path | None
    subjects: Path | None
    columns: str
    kind: str
    both_ways: bool
    differences: Path | None


def replay_offline(file: Path, asked: Asked) -> None:
    """Decide the rows in this process and show the answer; LocalError or exit 1, and nothing decided, for a fault."""
    against, differences = asked.against, asked.differences
    if differences is not None and against is None:
        raise LocalError("--differences needs --against", "--differences 需要 --against")
    if differences is not None:
        check_new(differences)
    if asked.kind not in KINDS:
        raise LocalError("--kind is person or vehicle", "--kind 为 person 或 vehicle")
    plans = [_plan(asked.plan, one) for one in (asked.policy, against) if one is not None]
    places = Places(plans[0], both_ways=asked.both_ways)
    began_s = time.process_time()
    rows, known = _read(file, plans[0], places, column_names(asked.columns), asked.kind, asked.subjects)
    read_s = time.process_time() - began_s
    runs = [_run(one, rows, known) for one in plans]
    offset = plans[0].utc_offset_minutes
    console = Console(highlight=False)
    console.print(screens(runs[0].tally.summary(), offset))
    if len(runs) > 1:
        tell_differences(console, _changed(rows, *runs), differences, offset)
    _tell_pace(console, len(rows), read_s, runs)


def _read(
    file: Path, plan: SitePlan, places: Places, names: Mapping[str, str], kind: str, subjects: Path | None
) -> tuple[Sequence[Row], Mapping[str, Known]]:
    faults = Faults()
    known = None if subjects is None else read_subjects(subjects, plan.site, kind, faults)
    readings = read_rows(file, plan, places, names, kind if known is None else None, faults)
    refuse_faults(faults)
    return readings.rows, readings.known if known is None else known


def refuse_faults(faults: Faults) -> None:
    """Name the faulty rows and exit 1, if there are any."""
    if faults.count:
        for told in faults.told:
            typer.echo(told, err=True)
        typer.echo(pick(f"faulty rows: {faults.count}", f"有误的行：{faults.count}"), err=True)
        raise typer.Exit(1)


def _run(plan: SitePlan, rows: Iterable[Row], known: Mapping[str, Known]) -> Run:
    run = Replay(plan, known)
    began_s = time.process_time()
    answers = [_answer(run.decide(row)) for row in rows]
    return Run(answers, run.tally, time.process_time() - began_s)


def _answer(decision: Decision) -> Answer:
    return decision.outcome, decision.reasons[0].code if decision.reasons else ""


def _changed(rows: Iterable[Row], one: Run, other: Run) -> list[tuple[Row, Answer, Answer]]:
    answered = zip(rows, one.answers, other.answers, strict=True)
    return [(row, old, new) for row, old, new in answered if old != new]


def _plan(plan_file: Path, policy_file: Path) -> SitePlan:
    """The plan with this policy alone; LocalError with every fault of the two documents."""
    remarks = check_files([policy_file], plan_file, None, _BEFORE_ALL_MS)
    faulty = [one for one in remarks if one.code == FAULT]
    if faulty:
        raise LocalError(
            "\n".join(f"{one.place}: {one.text.en}" for one in faulty),
            "\n".join(f"{one.place}: {one.text.zh}" for one in faulty),
        )
    policy = read_document(read_text(policy_file)).plain
    written = read_document(read_text(plan_file)).plain
    plan = plan_from_mapping({"site": policy["site"], "version": 1, **written, "policies": [policy]})
    return replace(plan, policies=(always(plan.policies[0]),))


def column_names(columns: str) -> dict[str, str]:
    """The names of columns in the file, by ours; LocalError for a column that is none."""
    pairs = [part.partition("=") for part in columns.split(",") if part]
    known = (*ROW_COLUMNS, *SUBJECT_COLUMNS)
    if any(name not in known or not column for name, _, column in pairs):
        listed = ", ".join(known)
        raise LocalError(f"--columns has NAME=COLUMN of {listed}", f"--columns 形如 名称=列名，名称为 {listed}")
    return {name: column for name, _, column in pairs}


def tell_differences(
    console: Console,
    changed: Sequence[tuple[Row, Answer, Answer]],
    file: Path | None,
    offset: int,
) -> None:
    """How many rows change and how; each of them in a file, if one is named."""
    console.print(pick(f"rows that change: {len(changed)}", f"结果改变的行：{len(changed)}"))
    kinds = Counter((_words(old), _words(new)) for _, old, new in changed)
    for (old, new), count in kinds.most_common():
        console.print(f"  {old} → {new}: {count}", markup=False, soft_wrap=True)
    if file is not None:
        zone = timezone(timedelta(minutes=offset))
        write_csv(file, _DIFFERENCE_COLUMNS, [_cells(one, zone) for one in changed])


def _cells(changed: tuple[Row, Answer, Answer], zone: timezone) -> list[Cell]:
    row, (outcome, reason), (new_outcome, new_reason) = changed
    at = datetime.fromtimestamp(row.at_ms / 1000, zone).isoformat()
    place = (row.line, at, row.credential, row.access_point_id)
    return [*place, outcome.name, reason, new_outcome.name, new_reason]


def _words(answer: Answer) -> str:
    return " ".join(filter(None, (answer[0].name, answer[1])))


def _tell_pace(console: Console, rows: int, read_s: float, runs: Sequence[Run]) -> None:
    took_s = sum(run.took_s for run in runs)
    decisions = rows * len(runs)
    pace = round(decisions / took_s) if took_s else 0
    console.print(
        pick(
            f"{rows} rows read in {read_s:.2f} s; {decisions} decisions in {took_s:.2f} s of one core, {pace} a second",
            f"读取 {rows} 行用时 {read_s:.2f} 秒；单核判定 {decisions} 次用时 {took_s:.2f} 秒，每秒 {pace} 次",
        ),
        soft_wrap=True,
    )
