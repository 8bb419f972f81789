"""The rulebook's scripted cases moved to the present, so that a service with a real clock can be asked them.

Every instant of a case moves by one constant: the case's `now` becomes the present. The campus clock (the offset from
UTC) is chosen so that the local time of day is the case's, up to a minute later; weekdays of schedules and dates of
holidays move by the same number of days. The policy in force at the case's `now` is in force from the present on.
Subjects, visits and credentials get a number, so that no two cases share one.

Not every case can be asked so. `cause_against` names the class a case belongs to:

- live values that only an edge knows (an emergency release), that a feed reports
  (a dead source), or that take hundreds of people, an access point or a place outside the plan;
- an order whose time is over, which nobody can give any more;
- a PIN nobody can verify, and a presentation of another site: neither reaches a decision at the centre;
- an instant held to the millisecond: what holds at `now` does not hold half a second later.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml
from menshen_rulebook.cases import ScriptedCase, read_cases
from menshen_rulebook.decide import decide
from menshen_rulebook.decision import Decision
from menshen_rulebook.plan import plan_from_mapping
from menshen_rulebook.points import OPENING

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "libs" / "rulebook" / "cases"
EXAMPLES = ROOT / "examples" / "policies"
LASTS_MS = 500
"""A case is asked live when its answer stays the same for this long."""

_DAY_MS, _MINUTE_MS = 86_400_000, 60_000
_CASE_OFFSET_MS = 480 * _MINUTE_MS
_DAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?[+-]\d\d:\d\d")
_OWN_ID = re.compile(r"[cv]:[a-z-]+|visit-[a-z0-9-]+|k-[a-z]+")
_EXPRESSIBLE = frozenset(
    {"holds", "holds_version", "open_interlock_doors", "orders", "presences", "threat_levels", "used", "wrong_attempts"}
)


@dataclass(frozen=True)
class SourceCase:
    """One case as its file has it, with the file's named subjects and the plan it names."""

    row: Mapping[str, Any]
    named: Mapping[str, Any]
    plan_name: str
    plan: Mapping[str, Any]

    @property
    def name(self) -> str:
        return str(self.row["name"])

    @property
    def now_ms(self) -> int:
        return _epoch_ms(str(self.row["now"]))

    @property
    def live(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.row.get("live", {})
        return found

    @property
    def policy(self) -> Mapping[str, Any] | None:
        """The policy in force at the case's `now`: of several the one that started last."""
        found = None
        for policy in sorted(self.plan["policies"], key=lambda policy: _epoch_ms(policy["from"])):
            until = _epoch_ms(policy["to"]) if "to" in policy else self.now_ms + 1
            if _epoch_ms(policy["from"]) <= self.now_ms < until:
                found = policy
        return found


@dataclass(frozen=True)
class ShiftedCase:
    """A case in the present at a site of its own. `plan` and `policy` are documents as operators send them."""

    source: SourceCase
    now_ms: int
    plan: dict[str, Any]
    policy: dict[str, Any] | None
    case: ScriptedCase

    def holds_at(self, at_ms: int) -> bool:
        """Whether the function gives what is expected when asked at this instant."""
        plan = plan_from_mapping({**self.plan, "site": self.case.plan.site, "version": 1, "policies": self._policies()})
        case = self.case
        decision = _decide(case, plan, at_ms)
        return (decision.outcome, tuple(reason.code for reason in decision.reasons)) == (
            case.expected.outcome,
            case.expected.reasons,
        )

    def _policies(self) -> list[dict[str, Any]]:
        return [{**self.policy, "from_ms": self.now_ms}] if self.policy is not None else []


def source_cases() -> list[SourceCase]:
    """Every case of every file of the rulebook, and of the example policies."""
    plans = _load(FOLDER / "plans.yaml")
    files = [path for path in sorted(FOLDER.glob("*.yaml")) if path.name != "plans.yaml"]
    own = [case for path in files for case in _cases_of(_load(path), plans)]
    return own + _cases_of(_load(EXAMPLES / "cases.yaml"), example_plans(), prefix="replay-")


def example_plans() -> dict[str, dict[str, Any]]:
    """The plans of the example campuses, each with its policies."""
    found = {}
    for path in sorted((EXAMPLES / "plans").glob("*.yaml")):
        policies = [_load(policy) for policy in sorted((EXAMPLES / path.stem).glob("*.yaml"))]
        found[path.stem] = {**_load(path), "policies": policies}
    return found


def _cases_of(document: Mapping[str, Any], plans: Mapping[str, Any], prefix: str = "") -> list[SourceCase]:
    found = []
    for row in document["cases"]:
        name = row.get("plan", document.get("plan"))
        found.append(SourceCase(row, document.get("subjects", {}), f"{prefix}{name}", plans[name]))
    return found


def cause_against(source: SourceCase, now_ms: int) -> str:
    """Why a case cannot be asked live; empty when it can."""
    unknown = sorted(set(source.live) - _EXPRESSIBLE)
    if unknown:
        return f"live values: {', '.join(unknown)}"
    areas = {area["id"] for area in source.plan["areas"]}
    if not all(presence.get("area") in areas for presence in source.live.get("presences", ())):
        return "a place outside the plan, or a forgiven one"
    if any(_epoch_ms(str(order["until"])) <= source.now_ms for order in source.live.get("orders", ())):
        return "an order whose time is over"
    if any(used.startswith(OPENING) for used in source.live.get("used", ())):
        return "an opening that others brought about"
    shown = source.row.get("presentation", {})
    if shown.get("pin_verdict") == "UNVERIFIABLE":
        return "a PIN nobody can verify"
    if "site" in shown:
        return "a presentation of another site"
    shifted = shift(source, "somewhere", now_ms, 0)
    if not all(shifted.holds_at(now_ms + later_ms) for later_ms in (0, LASTS_MS // 2, LASTS_MS)):
        return "an instant held to the millisecond"
    return ""


def shift(source: SourceCase, site: str, now_ms: int, number: int) -> ShiftedCase:
    """The case at `site` at this instant; its subjects carry the number."""
    names = (str(source.plan["site"]), site)
    move = _Move(now_ms - source.now_ms, names, f".{number}", *_campus_clock(source.now_ms, now_ms))
    plan = move.plan({name: part for name, part in source.plan.items() if name not in ("site", "version", "policies")})
    plan["holidays"] = [*plan.get("holidays", ()), *move.ordinary_days(plan, now_ms)]
    policy = None
    if source.policy is not None:
        policy = {name: move.value(part) for name, part in source.policy.items() if name not in ("from", "to")}
        policy["site"] = site
    expected = {name: part for name, part in source.row["expect"].items() if name not in ("guards", "effects")}
    row = {**{name: part for name, part in source.row.items() if name != "plan"}, "expect": expected}
    document = {"plan": "live", "subjects": move.value(source.named), "cases": [move.value(row)]}
    whole = {**plan, "site": site, "version": 1, "policies": [{**policy, "from_ms": now_ms}] if policy else []}
    [case] = read_cases(document, {"live": plan_from_mapping(whole)})
    return ShiftedCase(source, now_ms, plan, policy, case)


@dataclass(frozen=True)
class _Move:
    by_ms: int
    sites: tuple[str, str]
    suffix: str
    offset_minutes: int
    days: int

    def plan(self, plan: Mapping[str, Any]) -> dict[str, Any]:
        moved: dict[str, Any] = self.value(plan)
        for schedule in moved.get("schedules", ()):
            schedule["intervals"] = [self._interval(i, schedule["intervals"]) for i in schedule["intervals"]]
        for holiday in moved.get("holidays", ()):
            day = date.fromisoformat(str(holiday["date"])) + timedelta(days=self.days)
            holiday["date"] = day.isoformat()
        moved["utc_offset_minutes"] = self.offset_minutes
        return moved

    def ordinary_days(self, plan: Mapping[str, Any], now_ms: int) -> list[dict[str, str]]:
        """The days around the present that are no holidays of the plan, each as its weekday.

        A plan keeps the days of the case before, which was moved by another number of days: these take their place.
        """
        today = datetime.fromtimestamp(now_ms / 1000 + self.offset_minutes * 60, UTC).date()
        marked = {day["date"] for day in plan.get("holidays", ())}
        around = [today + timedelta(days=days) for days in (-1, 0, 1)]
        return [{"date": str(day), "kind": _DAYS[day.weekday()]} for day in around if str(day) not in marked]

    def value(self, value: Any) -> Any:
        if isinstance(value, Mapping):
            return {key: self.value(part) for key, part in value.items()}
        if isinstance(value, list):
            return [self.value(part) for part in value]
        if not isinstance(value, str):
            return value
        if _INSTANT.fullmatch(value):
            at = datetime.fromtimestamp((_epoch_ms(value) + self.by_ms) / 1000, UTC)
            return at.isoformat(timespec="milliseconds")
        if value == self.sites[0]:
            return self.sites[1]
        return value + self.suffix if _OWN_ID.fullmatch(value) else value

    def _interval(self, interval: dict[str, Any], others: list[dict[str, Any]]) -> dict[str, Any]:
        """Weekdays move with the calendar; a make-up workday keeps the hours of the Monday it stood for."""
        days = list(interval["days"])
        named = any("MAKE_UP_WORKDAY" in other["days"] for other in others)
        moved = [_DAYS[(_DAYS.index(day) + self.days) % 7] if day in _DAYS else day for day in days]
        if "MON" in days and not named:
            moved.append("MAKE_UP_WORKDAY")
        return {**interval, "days": moved}


def _campus_clock(case_ms: int, now_ms: int) -> tuple[int, int]:
    """The offset in minutes at which local time is the case's, and how many days later the local date is."""
    wanted_ms = case_ms + _CASE_OFFSET_MS - now_ms
    minutes = -(-wanted_ms // _MINUTE_MS)
    offset = (minutes + 720) % 1440 - 720
    local_day = (now_ms + offset * _MINUTE_MS) // _DAY_MS
    return offset, local_day - (case_ms + _CASE_OFFSET_MS) // _DAY_MS


def _decide(case: ScriptedCase, plan: Any, at_ms: int) -> Decision:
    point = case.presentation.access_point_id
    return decide(case.presentation, case.subjects, point, plan, case.live, at_ms)


def _epoch_ms(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1000)


def _load(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))
