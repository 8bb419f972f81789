"""The enumerations of the rulebook. Zero is UNSPECIFIED everywhere and never opens anything."""

from enum import IntEnum
from typing import Final

FOREVER_MS: Final = 2**53 - 1
"""The end of an interval that has none: the largest instant every JSON and Lua reader keeps exact."""


class Outcome(IntEnum):
    """The answer to a presentation, ordered by severity: of several the largest holds."""

    UNSPECIFIED = 0
    GRANT = 1
    GRANT_WITH_REMINDER = 2
    MANUAL_REVIEW = 3
    DENY = 4


class IdentifierType(IntEnum):
    """What kind of value a reader read."""

    UNSPECIFIED = 0
    CARD = 1
    QR = 2
    EPC = 3
    PLATE = 4


class PinVerdict(IntEnum):
    """What the holder's PIN proved to be; it is verified outside the rulebook."""

    UNSPECIFIED = 0
    NONE = 1
    OK = 2
    WRONG = 3
    DURESS = 4
    UNVERIFIABLE = 5


class SubjectKind(IntEnum):
    """Who or what presents itself."""

    UNSPECIFIED = 0
    CARDHOLDER = 1
    VEHICLE = 2


class CredentialState(IntEnum):
    """Where a credential stands in its life; only ACTIVE opens."""

    UNSPECIFIED = 0
    INACTIVE = 1
    ACTIVE = 2
    SUSPENDED = 3
    LOST = 4
    STOLEN = 5
    REPLACED = 6
    RETURNED = 7
    DESTROYED = 8
    EXPIRED = 9


class ListKind(IntEnum):
    """Black bars, white waives; black beats white."""

    UNSPECIFIED = 0
    BLACK = 1
    WHITE = 2


class VisitState(IntEnum):
    """Where a visit stands; READY and INSIDE may enter."""

    UNSPECIFIED = 0
    READY = 1
    CANCELLED = 2
    INSIDE = 3
    LEFT = 4
    PENDING = 5
    REFUSED = 6
    EXPIRED = 7


class VehicleClass(IntEnum):
    """What a vehicle is."""

    UNSPECIFIED = 0
    BICYCLE = 1
    E_BIKE = 2
    MOTORCYCLE = 3
    CAR = 4
    GOODS = 5


class PermitState(IntEnum):
    """Where a vehicle's permit stands; only ACTIVE opens and UNSPECIFIED says that there is none."""

    UNSPECIFIED = 0
    ACTIVE = 1
    SUSPENDED = 2
    REVOKED = 3
    PENDING = 4
    EXPIRED = 5
    AWAITING_TEST = 6


class Direction(IntEnum):
    """The way an access point leads. INNER joins two areas inside a site and is treated as an entry."""

    UNSPECIFIED = 0
    ENTRY = 1
    EXIT = 2
    INNER = 3


class AccessPointClass(IntEnum):
    """What an access point is built for."""

    UNSPECIFIED = 0
    PEDESTRIAN = 1
    NON_MOTOR = 2
    MOTOR = 3
    GOODS = 4


class CredentialRequirement(IntEnum):
    """What must be presented at an access point."""

    UNSPECIFIED = 0
    CARD = 1
    CARD_AND_PIN = 2
    CARD_AND_CODE = 3


class PersonRule(IntEnum):
    """How many people an access point wants: one, two different ones, or a visitor's host beside the visitor."""

    UNSPECIFIED = 0
    SINGLE = 1
    TWO_PERSON = 2
    ESCORT = 3


class AntiPassbackMode(IntEnum):
    """What a second entry without an exit brings: nothing, a reminder, a denial, a denial within the timeout."""

    UNSPECIFIED = 0
    NONE = 1
    SOFT = 2
    HARD = 3
    TIMED = 4


class HoldScope(IntEnum):
    """What a lockdown hold covers."""

    UNSPECIFIED = 0
    SITE = 1
    AREA = 2
    ACCESS_POINT = 3


HIGHEST_THREAT: Final = 5
"""Threat levels run from 0, normal, to this one."""


class OrderKind(IntEnum):
    """What an operator orders for an access point; numbers equal menshen.access.v1.OrderKind."""

    UNSPECIFIED = 0
    HOLD_OPEN = 1
    SECURE = 2


class PostureKind(IntEnum):
    """What a door is to do now. An emergency release stands above all three."""

    UNSPECIFIED = 0
    LOCKED = 1
    UNLOCKED = 2
    SECURED = 3


class PostureCause(IntEnum):
    """What says so: a lockdown, an operator's order, the policy's schedule; NOTHING leaves a door locked."""

    UNSPECIFIED = 0
    NOTHING = 1
    SCHEDULE = 2
    ORDER = 3
    LOCKDOWN = 4


class AlarmKind(IntEnum):
    """Alarms a decision may raise."""

    UNSPECIFIED = 0
    DURESS = 1
    TAG_CLONED = 2
    BLACKLISTED = 3
    CREDENTIAL_STOLEN = 4
    WRONG_PIN_REPEATED = 5
    EXIT_ALERT = 6
    SYSTEM_FAULT = 7


class Audience(IntEnum):
    """Who reads a reason: the holder at the lane, the guard at the post, the record."""

    UNSPECIFIED = 0
    HOLDER = 1
    GUARD = 2
    RECORD = 3


class Language(IntEnum):
    """The languages every reason has."""

    UNSPECIFIED = 0
    ZH = 1
    EN = 2


class FactState(IntEnum):
    """What a test on a fact found. Only PRESENT satisfies a requirement."""

    UNSPECIFIED = 0
    PRESENT = 1
    ABSENT = 2
    UNKNOWN = 3
    SOURCE_STALE = 4
    REJECTED = 5
    TOO_OLD = 6
    NOT_IN_FORCE = 7


class DayKind(IntEnum):
    """The days a schedule speaks of; a calendar turns a date into HOLIDAY or MAKE_UP_WORKDAY."""

    UNSPECIFIED = 0
    MON = 1
    TUE = 2
    WED = 3
    THU = 4
    FRI = 5
    SAT = 6
    SUN = 7
    HOLIDAY = 8
    MAKE_UP_WORKDAY = 9


class LeaveMode(IntEnum):
    """How student leave bears on the gate: not at all, by reminders, or as under closed management."""

    UNSPECIFIED = 0
    OFF = 1
    NORMAL = 2
    CLOSED = 3
