"""Policies: the dated campus rules as data, in policy language 1.

`parse_policy` reads the plain mapping a YAML or JSON reader gives; `menshen_rulebook.mapping` states the naming rules.
A minimal document::

    language: 1
    version: 7
    site: north
    title: {zh: 校门管理, en: Gate rules}
    from: 2026-03-02T00:00:00+08:00

Everything else is optional and keeps the defaults of the types below.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from menshen_rulebook.clauses import (
    NO_TEXT,
    WAIVABLE,
    Admission,
    AreaRule,
    Closure,
    Fee,
    Hours,
    Leave,
    ListEffects,
    Override,
    Parking,
    Pins,
    PointRule,
    Reminder,
    Requirement,
    Reviews,
    Threat,
    Unlocked,
    Vehicles,
    Visitors,
)
from menshen_rulebook.decision import Text
from menshen_rulebook.mapping import Faults, read, write
from menshen_rulebook.vocabulary import (
    FOREVER_MS,
    HIGHEST_THREAT,
    AccessPointClass,
    AntiPassbackMode,
    Outcome,
    VehicleClass,
)

LANGUAGE: Final = 1
"""The policy language this rulebook speaks."""

MOST_WRONG_ATTEMPTS: Final = 5
"""A policy may alarm after fewer wrong PINs in a row, never after more."""

_ADMISSIONS: Final = (
    Admission(AccessPointClass.PEDESTRIAN, people=True),
    Admission(
        AccessPointClass.NON_MOTOR,
        people=True,
        vehicles=frozenset({VehicleClass.BICYCLE, VehicleClass.E_BIKE, VehicleClass.MOTORCYCLE}),
    ),
    Admission(AccessPointClass.MOTOR, vehicles=frozenset({VehicleClass.CAR, VehicleClass.MOTORCYCLE})),
    Admission(AccessPointClass.GOODS, vehicles=frozenset({VehicleClass.GOODS})),
)


@dataclass(frozen=True, slots=True)
class Policy:
    """One policy document, in force in [from_ms, to_ms); of two in force the one that started later holds.

    The clauses of the packs in `switched_off` sleep, so that a health pack can rest as a whole and be woken again.
    """

    version: int
    language: int
    site: str
    from_ms: int
    to_ms: int = FOREVER_MS
    title: Text = NO_TEXT
    notice: Text = NO_TEXT
    requirements: tuple[Requirement, ...] = ()
    reminders: tuple[Reminder, ...] = ()
    fees: tuple[Fee, ...] = ()
    lists: ListEffects = field(default=ListEffects())
    areas: tuple[AreaRule, ...] = ()
    points: tuple[PointRule, ...] = ()
    closures: tuple[Closure, ...] = ()
    hours: tuple[Hours, ...] = ()
    admissions: tuple[Admission, ...] = field(default=_ADMISSIONS)
    reviews: Reviews = field(default=Reviews())
    leave: Leave = field(default=Leave())
    visitors: Visitors = field(default=Visitors())
    vehicles: Vehicles = field(default=Vehicles())
    parking: tuple[Parking, ...] = ()
    pins: Pins = field(default=Pins())
    lockdown_override: Override = field(default=Override())
    threats: tuple[Threat, ...] = ()
    unlocked: tuple[Unlocked, ...] = ()
    switched_off: frozenset[str] = frozenset()

    @property
    def clauses_awake(self) -> tuple[tuple[Requirement, ...], tuple[Reminder, ...], tuple[Fee, ...]]:
        """Requirements, reminders and fees of the packs that are not switched off."""
        asleep = self.switched_off
        return (
            tuple(one for one in self.requirements if one.pack not in asleep),
            tuple(one for one in self.reminders if one.pack not in asleep),
            tuple(one for one in self.fees if one.pack not in asleep),
        )


def parse_policy(document: Mapping[str, Any]) -> Policy:
    """The policy a document describes; raises `mapping.DocumentInvalidError` with every fault found.

    A document in another policy language gets that one fault alone.
    """
    faults = Faults()
    if isinstance(document, Mapping) and document.get("language") not in (None, LANGUAGE):
        faults.add("language", f"策略语言 {LANGUAGE}", f"policy language {LANGUAGE}")
        faults.raise_if_any()
    policy = read(Policy, document, "", faults)
    if policy is not None:
        check_policy(policy, "", faults)
    faults.raise_if_any()
    if policy is None:
        raise AssertionError("a document without faults gives a policy")
    return policy


def policy_to_mapping(policy: Policy) -> dict[str, Any]:
    """The plain form of a policy; `parse_policy` gives an equal policy back."""
    plain: dict[str, Any] = write(policy)
    return plain


def check_policy(policy: Policy, path: str, faults: Faults) -> None:
    """Note what a policy may not say though its form is right."""
    prefix = f"{path}." if path else ""
    if policy.language != LANGUAGE:
        faults.add(f"{prefix}language", f"策略语言 {LANGUAGE}", f"policy language {LANGUAGE}")
    if policy.from_ms >= policy.to_ms:
        faults.add(f"{prefix}to", "晚于 from 的时刻", "an instant later than from")
    if policy.reviews.exit_denial not in (Outcome.GRANT_WITH_REMINDER, Outcome.MANUAL_REVIEW):
        faults.add(
            f"{prefix}reviews.exit_denial",
            "GRANT_WITH_REMINDER 或 MANUAL_REVIEW（出口不得拒绝）",
            "GRANT_WITH_REMINDER or MANUAL_REVIEW (an exit never denies)",
        )
    if not 1 <= policy.pins.alarm_after <= MOST_WRONG_ATTEMPTS:
        least = f"1 至 {MOST_WRONG_ATTEMPTS} 次", f"1 to {MOST_WRONG_ATTEMPTS} attempts"
        faults.add(f"{prefix}pins.alarm_after", *least)
    if not policy.pins.forgotten_after_ms:
        faults.add(f"{prefix}pins.forgotten_after", "大于零的时长", "a duration above zero")
    for name in sorted(policy.lists.white_waives - WAIVABLE):
        faults.add(f"{prefix}lists.white_waives", f"可豁免的规则，而非 {name}", f"rules that can be waived, not {name}")
    _check_unique([r.requirement_id for r in policy.requirements], f"{prefix}requirements", faults)
    _check_unique([fee.fee_id for fee in policy.fees], f"{prefix}fees", faults)
    _check_unknown(policy, prefix, faults)
    check_parking(policy.parking, f"{prefix}parking", faults)
    _check_anti_passback(policy, prefix, faults)
    _check_threats(policy, prefix, faults)
    _check_unlocked(policy, prefix, faults)


def _check_threats(policy: Policy, prefix: str, faults: Faults) -> None:
    levels = f"1 至 {HIGHEST_THREAT} 级", f"a level from 1 to {HIGHEST_THREAT}"
    for place, threat in enumerate(policy.threats):
        if not 1 <= threat.where.threat_level <= HIGHEST_THREAT:
            faults.add(f"{prefix}threats[{place}].where.threat_level", *levels)


def _check_unlocked(policy: Policy, prefix: str, faults: Faults) -> None:
    for place, unlocked in enumerate(policy.unlocked):
        if not unlocked.access_point_ids:
            faults.add(f"{prefix}unlocked[{place}].access_points", "至少一个通行点", "at least one access point")


def _check_unknown(policy: Policy, prefix: str, faults: Faults) -> None:
    """Whoever is not known is refused or seen by the guard, never let in."""
    unknown = ("visitors.unannounced", policy.visitors.unannounced), ("vehicles.unplated", policy.vehicles.unplated)
    for name, outcome in unknown:
        if outcome not in (Outcome.DENY, Outcome.MANUAL_REVIEW):
            faults.add(f"{prefix}{name}", "DENY 或 MANUAL_REVIEW", "DENY or MANUAL_REVIEW")


def check_parking(parking: tuple[Parking, ...], path: str, faults: Faults) -> None:
    """Note what parking may not say, in a plan or a policy."""
    _check_unique([one.parking_id for one in parking], path, faults)
    for place, one in enumerate(parking):
        if one.reserved > one.limit:
            faults.add(f"{path}[{place}].reserved", f"不超过 limit（{one.limit}）", f"at most the limit, {one.limit}")


def _check_unique(ids: list[str], path: str, faults: Faults) -> None:
    seen: set[str] = set()
    for place, name in enumerate(ids):
        if not name or name in seen:
            faults.add(f"{path}[{place}].id", "唯一且非空的标识", "an id that is unique and not empty")
        seen.add(name)


def _check_anti_passback(policy: Policy, prefix: str, faults: Faults) -> None:
    for place, rule in enumerate(policy.areas):
        if rule.anti_passback is AntiPassbackMode.TIMED and not rule.timeout_ms:
            faults.add(f"{prefix}areas[{place}].timeout", "TIMED 需要的时长", "the duration TIMED needs")
    for place, point in enumerate(policy.points):
        _check_point(point, f"{prefix}points[{place}]", faults)


def _check_point(rule: PointRule, at: str, faults: Faults) -> None:
    if not rule.access_point_ids:
        faults.add(f"{at}.access_points", "至少一个通行点", "one access point or more")
    if not rule.timeout_ms:
        faults.add(f"{at}.timeout", "大于零的时长", "a duration above zero")
    if rule.anti_passback in (AntiPassbackMode.NONE, AntiPassbackMode.UNSPECIFIED):
        faults.add(f"{at}.anti_passback", "SOFT、HARD 或 TIMED", "SOFT, HARD or TIMED")
