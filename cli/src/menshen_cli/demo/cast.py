"""Those who play a part in the morning, kept apart from the crowd: fixed ids, cards and tags, known to every scene.

Ids are UUIDs that end in a number counted from 1; card numbers lie below those of the crowd.
"""

from menshen_simulators.uhf_reader import SimulatedTag

from .people import Person, card_text
from .plans import LABORATORY_GROUP, RESIDENTS_GROUP
from .traffic import Permit, Vehicle

UNKNOWN_CARD = 0x0DEADBEA
"""A card nobody was ever given."""


def _person(number: int, site: str, category: str, name: str, *groups: str, facts: str = "", photo: str = "") -> Person:
    return Person(
        cardholder_id=f"c:00000000-0000-7000-8000-{number:012x}",
        site=site,
        sites=(site,),
        category=category,
        groups=groups,
        name=name,
        card=0x0A000000 + number,
        external_ref=f"cast-{number}",
        facts=facts,
        photo_ref=photo,
    )


def _vehicle(
    number: int, site: str, kind: str, owner: Person, plate: str = "", *, permit: Permit = Permit.IN_FORCE
) -> Vehicle:
    return Vehicle(
        vehicle_id=f"v:00000000-0000-7000-8000-{number:012x}",
        site=site,
        sites=(site,),
        vehicle_class=kind,
        plate=plate,
        owner_id=owner.cardholder_id,
        owner_category=owner.category,
        permit=permit,
        epc=f"E2DE00000000000000{number:06X}",
        tid=f"E2801160CA57000000{number:06X}",
        external_ref=f"cast-vehicle-{number}",
    )


LOSER = _person(1, "north", "staff", "罗思远")
"""Reports the card lost a second before somebody presents it."""
OVERDUE = _person(2, "north", "student", "叶晴", facts="leave.state=none")
"""A student whose leave ended yesterday."""
BANNED = _person(3, "east", "student", "Goran Farrow")
"""Blacklisted."""
REVIEWED = _person(4, "lake", "contractor", "邱巍", photo="portraits/cast-4")
"""A contractor without a work proof, with a photo: the guard decides."""
THREATENED = _person(5, "north", "staff", "苏韵", LABORATORY_GROUP)
"""Works in the laboratory; has a PIN and a duress PIN."""
PIN, DURESS_PIN = "2580", "0852"
RESIDENT = _person(6, "north", "student", "谭竹", RESIDENTS_GROUP)
"""Enters the dormitory twice without leaving it."""
HOST = _person(7, "east", "staff", "韩惟")
"""Whom the visitor visits."""
RIDER = _person(8, "north", "student", "Elif Marlow")
"""Owns the e-bikes."""
REVOKED = _person(9, "lake", "staff", "贺舟")
"""Loses the card in mid-rush: how long until it is refused at the gate?"""
LONE_WALKER = _person(10, "lake", "staff", "Vera Quill")
"""Passes the gate whose uplink is cut."""
CAST = (LOSER, OVERDUE, BANNED, REVIEWED, THREATENED, RESIDENT, HOST, RIDER, REVOKED, LONE_WALKER)

VISITOR_NAME = "Milan Ibsley"
VISITOR_CARD = 0x0B000001
"""The card handed to the visitor; identity makes the visitor when the visit is booked."""

E_BIKE = _vehicle(1, "north", "E_BIKE", RIDER)
E_BIKE_WITHOUT_PERMIT = _vehicle(2, "north", "E_BIKE", RIDER, permit=Permit.NONE)
E_BIKE_CLONED = _vehicle(3, "north", "E_BIKE", RIDER)
STUDENT_CAR = _vehicle(4, "north", "CAR", RIDER, "宁XZ9004")
"""Permitted by mistake, refused all the same: students may not bring cars."""
CAST_VEHICLES = (E_BIKE, E_BIKE_WITHOUT_PERMIT, E_BIKE_CLONED, STUDENT_CAR)
CLONE_TID = "E2801160C10E000000000003"


def tag_of(vehicle: Vehicle) -> SimulatedTag:
    """The tag on a vehicle."""
    return SimulatedTag(vehicle.epc, vehicle.tid)


def cloned_tag() -> SimulatedTag:
    """The same EPC as on E_BIKE_CLONED, in another chip."""
    return SimulatedTag(E_BIKE_CLONED.epc, CLONE_TID)


def identifier_of(person: Person) -> str:
    """The card's identifier as a reader gives it."""
    return card_text(person.card)
