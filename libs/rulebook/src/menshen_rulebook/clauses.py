"""The clauses a policy is made of."""

from dataclasses import dataclass
from typing import Final

from menshen_rulebook.decision import ReasonTexts, Text
from menshen_rulebook.subject import FactValue, Subject
from menshen_rulebook.vocabulary import (
    FOREVER_MS,
    AccessPointClass,
    AntiPassbackMode,
    CredentialRequirement,
    Direction,
    LeaveMode,
    Outcome,
    VehicleClass,
)

WAIVABLE: Final = frozenset({"access_level", "access_point_hours", "requirements", "leave", "vehicle_permit", "visit"})
"""The rules a white list entry may waive."""


NO_TEXT: Final = Text("", "")


@dataclass(frozen=True, slots=True)
class Where:
    """To whom and where a clause applies; an empty set means all. It sleeps below `threat_level`.

    `area_ids` are those of the access points that lead into these areas or into an area inside them.
    """

    categories: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    access_point_ids: frozenset[str] = frozenset()
    classes: frozenset[AccessPointClass] = frozenset()
    directions: frozenset[Direction] = frozenset()
    threat_level: int = 0
    area_ids: frozenset[str] = frozenset()

    def names(self, subject: Subject) -> bool:
        """Whether it applies to this subject, wherever that is."""
        return (not self.categories or subject.category in self.categories) and (
            not self.groups or not self.groups.isdisjoint(subject.groups)
        )


@dataclass(frozen=True, slots=True)
class FactTest:
    """A test on a fact of the subject or a value measured at the lane.

    `accept` lists the accepted values, empty for any; `at_least` and `at_most` bound numbers inclusively and `below`
    exclusively. The age counts from the report time and `max_age_ms` is inclusive. `source` names the feed whose
    staleness matters. Of several facts of the type the most favourable counts; with `newest` only what was reported
    last of those that have begun, a value measured at the lane before all, and the least favourable of several at once.
    `vehicle.class`, `permit.state` and `subject.category` are facts every record has.
    """

    fact: str
    accept: tuple[FactValue, ...] = ()
    at_least: float | None = None
    at_most: float | None = None
    max_age_ms: int | None = None
    source: str = ""
    below: float | None = None
    newest: bool = False


@dataclass(frozen=True, slots=True)
class Condition:
    """Holds when the test's finding is PRESENT, or with `present: false` when it is anything else."""

    test: FactTest
    present: bool = True


@dataclass(frozen=True, slots=True)
class Rulings:
    """What each finding of a requirement's test brings. GRANT brings nothing and gives no reason.

    `rejected` (value not accepted), `too_old` and `not_in_force` follow `absent` where they are left out.
    """

    present: Outcome = Outcome.GRANT
    absent: Outcome = Outcome.DENY
    unknown: Outcome = Outcome.MANUAL_REVIEW
    stale: Outcome = Outcome.GRANT_WITH_REMINDER
    rejected: Outcome | None = None
    too_old: Outcome | None = None
    not_in_force: Outcome | None = None


@dataclass(frozen=True, slots=True)
class Requirement:
    """A requirement on a fact. With `code` and `texts` the policy brings a reason of its own.

    A ban names the finding: `rulings: {present: DENY, absent: GRANT, unknown: GRANT, stale: GRANT}`. `redirect_ids`
    are the access points to use in place of this one, nearest first. With `shared` all subjects presented together
    are tested as one, a vehicle and its driver, and the most favourable finding counts. `pack` names the pack a clause
    belongs to; the policy switches packs off as a whole.
    """

    requirement_id: str
    test: FactTest
    where: Where = Where()
    only_if: tuple[Condition, ...] = ()
    rulings: Rulings = Rulings()
    code: str = ""
    texts: ReasonTexts | None = None
    redirect_ids: tuple[str, ...] = ()
    shared: bool = False
    pack: str = ""


@dataclass(frozen=True, slots=True)
class Reminder:
    """A sentence for the holder on the way in or out."""

    code: str
    texts: ReasonTexts
    where: Where = Where()
    only_if: tuple[Condition, ...] = ()
    pack: str = ""


@dataclass(frozen=True, slots=True)
class Fee:
    """A fee for the passage of those it concerns; `tariff` says what is due, in the words of the notice.

    The test `waived_by` waives it when one of the subjects presented together satisfies it.
    """

    fee_id: str
    tariff: Text
    where: Where = Where()
    only_if: tuple[Condition, ...] = ()
    waived_by: FactTest | None = None
    pack: str = ""


@dataclass(frozen=True, slots=True)
class ListEffects:
    """What lists do: the outcome of a black entry, and the rules a white entry waives (names of `WAIVABLE`)."""

    black: Outcome = Outcome.DENY
    white_waives: frozenset[str] = frozenset({"access_level"})


@dataclass(frozen=True, slots=True)
class AreaRule:
    """What a policy sets for an area in place of the plan's own settings; what is left out stays."""

    area_id: str
    anti_passback: AntiPassbackMode = AntiPassbackMode.UNSPECIFIED
    timeout_ms: int | None = None
    limit: int | None = None
    exempt_categories: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class PointRule:
    """Anti-passback of single access points: nobody passes one twice in a row within `timeout_ms`.

    A passage anywhere else, or a forgiven place, ends it. For points that lead from an area into the same one, and for
    areas that have a reader on the way in alone. SOFT reminds, HARD and TIMED refuse.
    """

    access_point_ids: frozenset[str]
    timeout_ms: int
    anti_passback: AntiPassbackMode = AntiPassbackMode.TIMED
    exempt_categories: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Closure:
    """A closed access point, in [from_ms, to_ms), with the one to use in its place.

    An emergency closure has a `closure_id`; one that is part of the rules has none.
    """

    access_point_id: str
    from_ms: int = 0
    to_ms: int = FOREVER_MS
    redirect_id: str = ""
    texts: ReasonTexts | None = None
    closure_id: str = ""


@dataclass(frozen=True, slots=True)
class Hours:
    """Opening hours of an access point in place of the plan's own."""

    access_point_id: str
    schedule_id: str


@dataclass(frozen=True, slots=True)
class Unlocked:
    """Access points whose doors stand unlocked while the schedule is open.

    With `after_first_person` only from the opening of the day on, where `opened_by` says who opens the access point.
    What is closed, by date, hours or at once, is not unlocked, nor is a door that leads in by another access point that
    is closed. A lockdown and an operator's order come before the schedule.
    """

    access_point_ids: frozenset[str]
    schedule_id: str
    after_first_person: bool = False


@dataclass(frozen=True, slots=True)
class Admission:
    """What an access point class admits. A vehicle admits whoever presents together with it."""

    access_point_class: AccessPointClass
    people: bool = False
    vehicles: frozenset[VehicleClass] = frozenset()


@dataclass(frozen=True, slots=True)
class Reviews:
    """How reviews at pedestrian exits end, and what becomes of a denial there: a grant with an alert, or a review."""

    auto_open_ms: int = 15_000
    exit_denial: Outcome = Outcome.GRANT_WITH_REMINDER


@dataclass(frozen=True, slots=True)
class Leave:
    """Student leave at the gate: who it concerns, the fact that holds the state, and the answers of the closed mode.

    States: none, approved, running, overdue, closed; validity is the leave's own interval.
    """

    mode: LeaveMode = LeaveMode.OFF
    categories: frozenset[str] = frozenset({"student"})
    fact: str = "leave.state"
    source: str = ""
    out_without_leave: Outcome = Outcome.MANUAL_REVIEW
    in_without_closing: Outcome = Outcome.MANUAL_REVIEW
    when_stale: Outcome = Outcome.GRANT


@dataclass(frozen=True, slots=True)
class Visitors:
    """Categories governed by their visits, and how much earlier and later than the window they may enter.

    `escorts` are categories and groups whose members may escort any visitor in place of the host.
    `unannounced` is what no visit, or only visits that are over, bring. Other than DENY it asks the guard for the
    record of the call that announced them: a review is passed with it alone.
    """

    categories: frozenset[str] = frozenset({"visitor"})
    early_ms: int = 0
    late_ms: int = 0
    escorts: frozenset[str] = frozenset()
    unannounced: Outcome = Outcome.DENY


_EVERY_VEHICLE: Final = frozenset(VehicleClass) - {VehicleClass.UNSPECIFIED}


@dataclass(frozen=True, slots=True)
class DriverCheck:
    """Where a vehicle's driver presents a card beside its tag or plate: the owner's, or an authorised driver's.

    `categories` and `groups` of `where` are the vehicle's. `stranger` is what somebody else at the wheel brings,
    `missing` what no card brings where none is awaited: at a way out, or without `second_within`.
    """

    where: Where = Where()
    stranger: Outcome = Outcome.MANUAL_REVIEW
    missing: Outcome = Outcome.MANUAL_REVIEW


@dataclass(frozen=True, slots=True)
class Vehicles:
    """Which vehicle classes need a permit, which categories do without, and what a plate that differs brings.

    `unplated` is what a vehicle nobody can know brings, where the camera saw that it bears no plate: MANUAL_REVIEW or
    DENY. Of the `drivers` clauses the first that concerns the vehicle holds.
    """

    permit_required: frozenset[VehicleClass] = _EVERY_VEHICLE
    permit_exempt_categories: frozenset[str] = frozenset()
    plate_mismatch: Outcome = Outcome.MANUAL_REVIEW
    unplated: Outcome = Outcome.MANUAL_REVIEW
    drivers: tuple[DriverCheck, ...] = ()


@dataclass(frozen=True, slots=True)
class Parking:
    """How many vehicles an area holds, those in the areas inside it included; people are not counted.

    `vehicle_class` limits one class alone; left out, all vehicles together. The last `reserved` places are for the
    categories and groups `reserved_for`. `redirect_ids` are the access points to use when it is full, nearest first.
    """

    parking_id: str
    area_id: str
    limit: int
    vehicle_class: VehicleClass = VehicleClass.UNSPECIFIED
    reserved: int = 0
    reserved_for: frozenset[str] = frozenset()
    redirect_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Pins:
    """PIN settings: what an unverifiable PIN brings, and the wrong attempts in a row that raise an alarm.

    After `lock_out_after` wrong attempts no PIN is taken at that access point (0: never, and never at a way out). Both
    counts are forgotten `forgotten_after_ms` after the last attempt counted.
    """

    unverifiable: Outcome = Outcome.MANUAL_REVIEW
    alarm_after: int = 5
    lock_out_after: int = 0
    forgotten_after_ms: int = 300_000


@dataclass(frozen=True, slots=True)
class Override:
    """Who passes a lockdown. With `also_orders` they pass an entry that an operator secured as well."""

    categories: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    also_orders: bool = False


@dataclass(frozen=True, slots=True)
class Admitted:
    """Who goes on to enter at a threat level: members of any of these categories or groups."""

    categories: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()

    def covers(self, subject: Subject) -> bool:
        """Whether this one goes on to enter."""
        return subject.category in self.categories or not self.groups.isdisjoint(subject.groups)


@dataclass(frozen=True, slots=True)
class Threat:
    """What a threat level asks of those who enter, from `where.threat_level` on; never of those who leave.

    Where `admits` is given nobody else enters. `requires` is asked of people beside what the access point asks. At a
    higher level the clauses of the lower ones go on to hold.
    """

    where: Where
    admits: Admitted | None = None
    requires: CredentialRequirement = CredentialRequirement.CARD
