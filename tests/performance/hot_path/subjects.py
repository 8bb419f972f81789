"""The invented site the benchmark decides for."""

from typing import Any

from menshen_rulebook.types import (
    Credential,
    CredentialState,
    Identifier,
    IdentifierType,
    Subject,
    SubjectKind,
)

SITE = "north"
LANES = 8
SUBJECTS = 4000
POLICY = """
language: 1
version: 1
site: north
title: {zh: 校门管理, en: Gate rules}
from: 2020-01-01T00:00:00+08:00
"""


def plan_document(lanes: int = LANES) -> dict[str, Any]:
    """A campus of that many lanes, each in and out, with anti-passback."""
    points: list[dict[str, Any]] = []
    for lane in range(lanes):
        common = {"access_point_class": "PEDESTRIAN", "name": {"zh": "北门", "en": "North"}, "door": f"d{lane}"}
        entry = {"from_area": "outside", "to_area": "campus", "direction": "ENTRY", "schedule": "day"}
        leave = {"from_area": "campus", "to_area": "outside", "direction": "EXIT"}
        points += [{"id": f"n{lane}-in", **entry, **common}, {"id": f"n{lane}-out", **leave, **common}]
    days = ["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"]
    return {
        "areas": [{"id": "outside"}, {"id": "campus", "anti_passback": "SOFT"}],
        "schedules": [{"id": "day", "intervals": [{"days": days, "opens": "00:00", "closes": "24:00"}]}],
        "doors": [{"id": f"d{lane}"} for lane in range(lanes)],
        "access_points": points,
        "access_levels": [{"id": "day", "entries": [{"access_point": p["id"], "schedule": "day"} for p in points]}],
        "group_assignments": [{"level": "day", "group": "staff"}],
    }


def card_of(number: int) -> str:
    return f"{number:08X}"


def subject(number: int) -> Subject:
    """A member of staff with one card."""
    return Subject(
        f"c:{number:08d}-0000-7000-8000-000000000000",
        1,
        SubjectKind.CARDHOLDER,
        "staff",
        SITE,
        ("staff",),
        (Credential(f"card-{number}", (Identifier(IdentifierType.CARD, card_of(number)),), CredentialState.ACTIVE),),
    )
