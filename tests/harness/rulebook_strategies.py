"""Random well-typed inputs of a decision: small vocabularies, so that things meet."""

from typing import Any

from hypothesis import strategies as st
from menshen_rulebook.clauses import (
    Admitted,
    AreaRule,
    Closure,
    Condition,
    DriverCheck,
    FactTest,
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
    Rulings,
    Threat,
    Unlocked,
    Vehicles,
    Visitors,
    Where,
)
from menshen_rulebook.places import counter
from menshen_rulebook.plan import AccessLevel, AccessPoint, Area, GroupAssignment, LevelEntry, SitePlan
from menshen_rulebook.policy import Policy
from menshen_rulebook.schedule import CalendarDay, Interval, Schedule
from menshen_rulebook.types import (
    FOREVER_MS,
    AccessPointClass,
    AntiPassbackMode,
    AreaCount,
    Credential,
    CredentialRequirement,
    CredentialState,
    DayKind,
    Direction,
    Fact,
    Hold,
    HoldScope,
    Identifier,
    IdentifierType,
    LeaveMode,
    LevelAssignment,
    ListEntry,
    ListKind,
    LiveState,
    Order,
    OrderKind,
    Outcome,
    Permit,
    PermitState,
    PersonRule,
    PinVerdict,
    Presence,
    Presentation,
    ReasonTexts,
    Reservation,
    Subject,
    SubjectKind,
    Suspension,
    Text,
    ThreatLevel,
    Vehicle,
    VehicleClass,
    Visit,
    VisitState,
)

_PLACES = st.integers(0, 3)


@st.composite
def mostly(draw: st.DrawFn, usual: Any, strategy: st.SearchStrategy[Any]) -> Any:
    """The usual value three times in four, so that most inputs get past most rules."""
    return draw(strategy) if draw(_PLACES) == 3 else usual


NOW_MS = 1_772_409_600_000
SITES = mostly("north", st.just("east"))
AREAS = st.sampled_from(["outside", "campus", "library"])
POINTS = ("p0", "p1", "p2")
POINT_IDS = st.sampled_from(POINTS)
WORDS = st.sampled_from(["staff", "student", "visitor", "guard"])
INSTANTS = st.one_of(
    st.integers(NOW_MS - 5, NOW_MS + 5), st.sampled_from([0, NOW_MS - 86_400_000, NOW_MS + 86_400_000, FOREVER_MS])
)
FROM_MS = mostly(0, INSTANTS)
TO_MS = mostly(FOREVER_MS, INSTANTS)
DURATIONS = st.sampled_from([0, 1, 1000, 3_600_000])
VALUES: st.SearchStrategy[Any] = st.sampled_from(
    ["running", "approved", "overdue", "negative", "", None, 1, 37.5, True]
)
FACT_TYPES = st.sampled_from(["leave.state", "health.test", "temperature_c", "permit.state"])
CARD = Identifier(IdentifierType.CARD, "A")
IDENTIFIERS = mostly(CARD, st.builds(Identifier, st.sampled_from(IdentifierType), st.sampled_from(["A", "B"])))
SCHEDULES = st.sampled_from(["", "day", "missing"])
OUTCOMES = st.sampled_from(Outcome)


def many(strategy: st.SearchStrategy[Any], most: int = 2) -> st.SearchStrategy[Any]:
    """A short tuple."""
    return st.lists(strategy, max_size=most).map(tuple)


COUNTERS = many(AREAS | AREAS.map(counter))


def some_of(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """One or two in a tuple."""
    return st.lists(strategy, min_size=1, max_size=2).map(tuple)


def some(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """A small frozen set."""
    return st.frozensets(strategy, max_size=2)


CREDENTIALS = st.builds(
    Credential,
    st.sampled_from(["k1", "k2"]),
    some_of(IDENTIFIERS),
    mostly(CredentialState.ACTIVE, st.sampled_from(CredentialState)),
    FROM_MS,
    TO_MS,
    st.sampled_from([None, "AA", "BB"]),
    mostly(False, st.just(True)),
    mostly(False, st.just(True)),
    st.sampled_from([None, "k1", "k2"]),
)
FACTS = st.builds(Fact, FACT_TYPES, VALUES, st.sampled_from(["", "hr", "clinic"]), FROM_MS, TO_MS, INSTANTS)
ENTRIES = st.builds(
    ListEntry,
    st.sampled_from(ListKind),
    st.sampled_from(["", "north"]),
    mostly("", POINT_IDS),
    mostly(AccessPointClass.UNSPECIFIED, st.sampled_from(AccessPointClass)),
    FROM_MS,
    TO_MS,
    st.sampled_from(["", "trespass"]),
)
VISITS = st.builds(
    Visit,
    st.sampled_from(["v1", "v2"]),
    SITES,
    FROM_MS,
    TO_MS,
    mostly(VisitState.READY, st.sampled_from(VisitState)),
    mostly((), many(POINT_IDS)),
    st.booleans(),
    st.sampled_from(["", "c:1"]),
    many(WORDS, 1),
)
VEHICLES = st.builds(
    Vehicle,
    st.sampled_from(VehicleClass),
    mostly(PermitState.ACTIVE, st.sampled_from(PermitState)),
    FROM_MS,
    TO_MS,
    st.just("c:1"),
    st.sampled_from(["", "A", "B"]),
    mostly((), many(st.builds(Permit, st.sampled_from(PermitState), FROM_MS, TO_MS))),
    mostly((), many(st.builds(Suspension, FROM_MS, TO_MS, st.sampled_from(["", "speeding"]), st.booleans()))),
    mostly((), many(st.sampled_from(["c:2", "c:3"]))),
)


def subjects(subject_id: str) -> st.SearchStrategy[Subject]:
    """One subject."""
    return st.builds(
        Subject,
        st.just(subject_id),
        st.integers(0, 9),
        mostly(SubjectKind.CARDHOLDER, st.sampled_from(SubjectKind)),
        WORDS,
        SITES,
        many(WORDS),
        some_of(CREDENTIALS),
        many(FACTS),
        mostly((), many(ENTRIES)),
        some_of(st.builds(LevelAssignment, st.sampled_from(["l1", "l2"]), FROM_MS, TO_MS)),
        many(VISITS),
        st.none() | VEHICLES,
        st.booleans(),
    )


PARTIES = st.one_of(
    st.just(()),
    subjects("c:1").map(lambda one: (one,)),
    st.tuples(subjects("c:1"), subjects("v:2")),
    st.tuples(subjects("c:1"), subjects("c:2")),
)
PRESENTATIONS = st.builds(
    Presentation,
    st.just("01957b2e-0000-7000-8000-000000000001"),
    SITES,
    POINT_IDS,
    st.just("agent-1"),
    st.just(NOW_MS),
    mostly((CARD,), many(IDENTIFIERS)),
    mostly(PinVerdict.NONE, st.sampled_from(PinVerdict)),
    st.sampled_from([None, "", "AA", "CC"]),
    many(st.tuples(st.sampled_from(["temperature_c", "plate"]), VALUES)),
)
THREAT_LEVELS = many(st.builds(ThreatLevel, st.integers(0, 3), st.sampled_from(["", "campus", "library", "outside"])))
_HOLDS = st.builds(Hold, st.just("h"), st.just("o"), st.sampled_from(HoldScope), st.sampled_from(["north", "campus"]))
ORDERS = st.builds(Order, st.sampled_from(["o1", "o2"]), st.just("o"), POINT_IDS, st.sampled_from(OrderKind), INSTANTS)
LIVES = st.builds(
    LiveState,
    mostly(
        (),
        many(
            st.builds(
                Hold, st.just("h"), st.just("o"), st.sampled_from(HoldScope), st.sampled_from(["north", "campus"])
            )
        ),
    ),
    st.integers(0, 5),
    mostly(False, st.just(True)),
    many(
        st.builds(
            Presence,
            st.sampled_from(["c:1", "v:2"]),
            st.none() | AREAS,
            INSTANTS,
            st.just("e"),
            st.just(3),
            st.just("") | POINT_IDS,
            COUNTERS,
        )
    ),
    mostly((), many(st.builds(Reservation, st.sampled_from(["c:1", "v:2"]), AREAS, POINT_IDS, INSTANTS, COUNTERS))),
    many(st.builds(AreaCount, AREAS | AREAS.map(counter), st.integers(0, 3))),
    some(st.sampled_from(["k1", "v1", "opened:p0:2026-03-02"])),
    some(st.sampled_from(["hr", "clinic"])),
    st.integers(0, 6),
    mostly((), st.just(("door-2",))),
    THREAT_LEVELS,
    mostly((), many(ORDERS)),
)

_TEXT = st.builds(Text, st.just("中"), st.just("en {opens_at"))
_TEXTS = st.builds(ReasonTexts, _TEXT, _TEXT, _TEXT)
_WHERE = st.builds(
    Where,
    some(WORDS),
    some(WORDS),
    some(POINT_IDS),
    some(st.sampled_from(AccessPointClass)),
    some(st.sampled_from(Direction)),
    st.integers(0, 1),
    mostly(frozenset(), some(AREAS)),
)
_THREATS = st.builds(
    Threat,
    st.builds(
        Where,
        some(WORDS),
        classes=mostly(frozenset(), some(st.sampled_from(AccessPointClass))),
        threat_level=st.integers(1, 3),
        area_ids=mostly(frozenset(), some(AREAS)),
    ),
    st.none() | st.builds(Admitted, some(WORDS), some(WORDS)),
    mostly(CredentialRequirement.CARD, st.sampled_from(CredentialRequirement)),
)
_NUMBERS = st.none() | st.floats(30, 40)
_TESTS = st.builds(
    FactTest,
    FACT_TYPES,
    many(VALUES),
    _NUMBERS,
    _NUMBERS,
    st.none() | DURATIONS,
    st.sampled_from(["", "hr"]),
    mostly(None, _NUMBERS),
    st.booleans(),
)
_CONDITIONS = many(st.builds(Condition, _TESTS, st.booleans()), 1)
_RULINGS = st.builds(Rulings, *[OUTCOMES] * 4, *[st.none() | OUTCOMES] * 3)
_CLOSURES = st.builds(
    Closure,
    POINT_IDS,
    INSTANTS,
    INSTANTS,
    st.sampled_from(["", "p1", "nowhere"]),
    closure_id=st.sampled_from(["", "emergency"]),
)
_PARKING = st.builds(
    Parking,
    st.sampled_from(["k1", "k2"]),
    AREAS,
    st.integers(0, 3),
    mostly(VehicleClass.UNSPECIFIED, st.sampled_from(VehicleClass)),
    st.integers(0, 3),
    some(WORDS),
    mostly((), st.just(("p1", "nowhere"))),
)
POLICIES = st.builds(
    Policy,
    st.integers(1, 9),
    st.just(1),
    st.just("north"),
    FROM_MS,
    TO_MS,
    requirements=many(
        st.builds(
            Requirement,
            st.just("r"),
            _TESTS,
            _WHERE,
            _CONDITIONS,
            _RULINGS,
            st.sampled_from(["", "OWN"]),
            shared=st.booleans(),
        )
    ),
    reminders=many(st.builds(Reminder, st.just("MASK"), _TEXTS, _WHERE, _CONDITIONS)),
    fees=many(st.builds(Fee, st.just("f"), _TEXT, _WHERE, _CONDITIONS, st.none() | _TESTS), 1),
    lists=st.builds(ListEffects, OUTCOMES, some(st.sampled_from(["access_level", "visit", "requirements", "lists"]))),
    areas=many(
        st.builds(
            AreaRule, AREAS, st.sampled_from(AntiPassbackMode), st.none() | DURATIONS, st.none() | st.integers(0, 3)
        )
    ),
    points=mostly((), many(st.builds(PointRule, some(POINT_IDS), DURATIONS, st.sampled_from(AntiPassbackMode)))),
    closures=mostly(
        (), many(st.builds(Closure, POINT_IDS, INSTANTS, INSTANTS, st.sampled_from(["", "p1", "nowhere"])))
    ),
    hours=mostly((), many(st.builds(Hours, POINT_IDS, SCHEDULES))),
    reviews=st.builds(Reviews, DURATIONS, OUTCOMES),
    leave=st.builds(Leave, st.sampled_from(LeaveMode), some(WORDS), out_without_leave=OUTCOMES, when_stale=OUTCOMES),
    visitors=st.builds(Visitors, some(WORDS), DURATIONS, DURATIONS, some(WORDS), OUTCOMES),
    vehicles=st.builds(
        Vehicles,
        some(st.sampled_from(VehicleClass)),
        some(WORDS),
        OUTCOMES,
        OUTCOMES,
        mostly((), many(st.builds(DriverCheck, _WHERE, OUTCOMES, OUTCOMES))),
    ),
    parking=mostly((), many(_PARKING)),
    pins=st.builds(Pins, OUTCOMES, st.integers(0, 5)),
    lockdown_override=st.builds(Override, some(WORDS), some(WORDS), st.booleans()),
    threats=mostly((), many(_THREATS)),
    unlocked=mostly((), many(st.builds(Unlocked, some(POINT_IDS), SCHEDULES, st.booleans()))),
)


def access_points(name: str, directions: st.SearchStrategy[Direction]) -> st.SearchStrategy[AccessPoint]:
    """One access point of that id."""
    return st.builds(
        AccessPoint,
        st.just(name),
        AREAS,
        AREAS,
        directions,
        mostly(AccessPointClass.PEDESTRIAN, st.sampled_from(AccessPointClass)),
        requires=mostly(CredentialRequirement.CARD, st.sampled_from(CredentialRequirement)),
        person_rule=mostly(PersonRule.SINGLE, st.sampled_from(PersonRule)),
        schedule_id=mostly("", SCHEDULES),
        redirect_id=st.sampled_from(["", "p1", "nowhere"]),
        redirect_ids=mostly((), st.just(("p0", "p2"))),
        escape=st.booleans(),
        senses_passage=st.booleans(),
        opened_by=mostly(frozenset(), some(WORDS)),
        second_within_ms=DURATIONS,
    )


_DAY = Schedule(
    "day",
    (
        Interval((DayKind.MON, DayKind.HOLIDAY), 28_800_000, 64_800_000),
        Interval((DayKind.TUE,)),
        Interval((DayKind.SUN,), 79_200_000, 14_400_000),
    ),
)


def plans(directions: st.SearchStrategy[Direction]) -> st.SearchStrategy[SitePlan]:
    """A site's plan."""
    modes = st.sampled_from(AntiPassbackMode)
    limits = st.none() | st.integers(0, 3)
    return st.builds(
        SitePlan,
        st.just("north"),
        st.integers(0, 9),
        st.tuples(
            st.builds(Area, st.just("campus"), st.just(""), modes, st.none() | DURATIONS, limits, some(WORDS)),
            st.builds(Area, st.just("library"), st.sampled_from(["campus", "library"]), modes, st.none(), limits),
        ),
        st.tuples(*[access_points(name, directions) for name in POINTS]),
        schedules=st.just((_DAY,)),
        holidays=many(st.builds(CalendarDay, st.sampled_from(["2026-03-02", "2026-03-03"]), st.sampled_from(DayKind))),
        access_levels=st.just(
            tuple(
                AccessLevel(name, (LevelEntry("p0"), LevelEntry("p1", "day"), LevelEntry("p2")))
                for name in ("l1", "l2")
            )
        ),
        group_assignments=many(st.builds(GroupAssignment, st.sampled_from(["l1", "l9"]), WORDS, INSTANTS, INSTANTS)),
        closures=mostly((), many(_CLOSURES)),
        parking=mostly((), many(_PARKING)),
        policies=some_of(POLICIES),
    )


ANY_PLANS = plans(mostly(Direction.ENTRY, st.sampled_from(Direction)))
