"""Scripted decision cases as plain mappings, so that the function and a running service are held to the same ones.

A document holds `subjects` (named records) and `cases`; see `cases/README.md` beside the shipped ones. Times and names
follow `menshen_rulebook.mapping`.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from menshen_rulebook.decide import decide
from menshen_rulebook.decision import Decision
from menshen_rulebook.mapping import Faults, read, write
from menshen_rulebook.plan import SitePlan
from menshen_rulebook.presentation import LiveState, Presentation
from menshen_rulebook.subject import Subject
from menshen_rulebook.vocabulary import Outcome

_EVENT_ID: Final = "01957b2e-0000-7000-8000-000000000001"


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a case must give. `guards` and `effects` are checked only where they are given.

    `arguments` are some of those of the reason that is shown.
    """

    outcome: Outcome
    reasons: tuple[str, ...]
    private_reasons: tuple[str, ...]
    guards: tuple[str, ...] | None
    effects: tuple[str, ...] | None
    arguments: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ScriptedCase:
    """One case: the inputs of `decide` and what must come out."""

    name: str
    plan: SitePlan
    presentation: Presentation
    subjects: tuple[Subject, ...]
    live: LiveState
    now_ms: int
    expected: Expectation

    def decide(self) -> Decision:
        """Run the case through the rulebook."""
        point = self.presentation.access_point_id
        return decide(self.presentation, self.subjects, point, self.plan, self.live, self.now_ms)


@dataclass(frozen=True, slots=True)
class _Times:
    now_ms: int
    at_ms: int = 0


def read_cases(document: Mapping[str, Any], plans: Mapping[str, SitePlan]) -> tuple[ScriptedCase, ...]:
    """The cases of a document; `plans` are the ones a case may name. Raises `mapping.DocumentInvalidError`."""
    faults = Faults()
    named = document.get("subjects", {})
    cases = [
        _case(row, f"cases[{place}]", named, plans, document.get("plan", ""), faults)
        for place, row in enumerate(document.get("cases", ()))
    ]
    faults.raise_if_any()
    return tuple(case for case in cases if case is not None)


def plain(values: Iterable[Any]) -> tuple[str, ...]:
    """Guards or effects as canonical texts, `Name {"field":…}`, sorted."""
    return tuple(sorted(f"{type(value).__name__} {_canonical(write(value))}" for value in values))


def differences(expected: Expectation, decision: Decision) -> tuple[str, ...]:
    """What a decision has other than expected; empty when it is right."""
    pairs = [
        ("outcome", expected.outcome.name, decision.outcome.name),
        ("reasons", expected.reasons, tuple(reason.code for reason in decision.reasons)),
        ("private reasons", expected.private_reasons, tuple(reason.code for reason in decision.private_reasons)),
        ("guards", expected.guards, plain(decision.guards)),
        ("effects", expected.effects, plain(decision.effects)),
        ("arguments", expected.arguments, _arguments(expected, decision)),
    ]
    return tuple(f"{name}: expected {want}, got {got}" for name, want, got in pairs if want is not None and want != got)


def _arguments(expected: Expectation, decision: Decision) -> tuple[tuple[str, str], ...]:
    shown = dict(decision.shown.arguments) if decision.shown is not None else {}
    return tuple((name, shown.get(name, "")) for name, _ in expected.arguments)


def _canonical(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _case(
    row: Mapping[str, Any],
    path: str,
    named: Mapping[str, Any],
    plans: Mapping[str, SitePlan],
    default_plan: str,
    faults: Faults,
) -> ScriptedCase | None:
    plan = plans.get(row.get("plan", default_plan))
    times = read(_Times, {key: row[key] for key in ("now", "now_ms") if key in row}, path, faults)
    expected = _expectation(row.get("expect", {}), f"{path}.expect", faults)
    subjects = tuple(
        _subject(item, f"{path}.subjects[{place}]", named, faults) for place, item in enumerate(row.get("subjects", ()))
    )
    live = read(LiveState, row.get("live", {}), f"{path}.live", faults)
    if plan is None:
        faults.add(f"{path}.plan", "已定义的方案", "a plan that is defined")
        return None
    if times is None or expected is None or live is None:
        return None
    known = tuple(subject for subject in subjects if subject is not None)
    presentation = _presentation(row, path, plan, known, times.now_ms, faults)
    if presentation is None:
        return None
    return ScriptedCase(str(row.get("name", path)), plan, presentation, known, live, times.now_ms, expected)


def _subject(item: object, path: str, named: Mapping[str, Any], faults: Faults) -> Subject | None:
    changes = {"like": item} if isinstance(item, str) else item
    if not isinstance(changes, Mapping):
        faults.add(path, "主体名或映射", "a subject's name or a mapping")
        return None
    merged = {key: value for key, value in changes.items() if key != "like"}
    like = changes.get("like")
    if like is not None:
        if like not in named:
            faults.add(path, "已命名的主体", "a subject that is named")
            return None
        merged = {**named[like], **merged}
    return read(Subject, merged, path, faults)


def _presentation(
    row: Mapping[str, Any], path: str, plan: SitePlan, subjects: tuple[Subject, ...], now_ms: int, faults: Faults
) -> Presentation | None:
    held = [i.key for subject in subjects for credential in subject.credentials for i in credential.identifiers]
    described = {
        "event": _EVENT_ID,
        "site": plan.site,
        "access_point": row.get("access_point", ""),
        "agent": "agent-1",
        "at_ms": now_ms,
        "identifiers": held,
        **row.get("presentation", {}),
    }
    return read(Presentation, described, f"{path}.presentation", faults)


def _expectation(row: Mapping[str, Any], path: str, faults: Faults) -> Expectation | None:
    outcome = str(row.get("outcome"))
    if outcome not in Outcome.__members__:
        faults.add(f"{path}.outcome", "一个结果", "an outcome")
        return None
    return Expectation(
        Outcome[outcome],
        tuple(row.get("reasons", ())),
        tuple(row.get("private_reasons", ())),
        _expected(row.get("guards")),
        _expected(row.get("effects")),
        tuple((str(name), str(value)) for name, value in row.get("arguments", {}).items()),
    )


def _expected(rows: Iterable[Mapping[str, Any]] | None) -> tuple[str, ...] | None:
    if rows is None:
        return None
    return tuple(sorted(f"{name} {_canonical(fields)}" for row in rows for name, fields in row.items()))
