"""Who is told what of a recorded decision: the one place where something is kept from somebody.

A duress PIN answers as the right one does. Whoever is not the security centre is told what they would have been told
had the right PIN been typed: nothing is missing where something was kept back.
"""

from collections.abc import Sequence
from dataclasses import replace
from enum import Enum
from typing import Any

from menshen_rulebook.account import RuleAccount
from menshen_rulebook.types import PinVerdict

from menshen_access.domain.events import EventPayload


class Reader(Enum):
    """Whom a recorded decision is told to."""

    CENTRE = "CENTRE"
    """The operators of the security centre: everything."""
    POST = "POST"
    """Lanes, guards at their posts, and services that act for them."""
    SUBJECT = "SUBJECT"
    """Whoever the record is about."""


def told_to(reader: Reader, event: EventPayload) -> EventPayload:
    """The event as this reader may know it. Only what it gives may be put in an answer to them."""
    if reader is Reader.CENTRE:
        return event
    core, identity = dict(event.core), dict(event.identity)
    identity.pop("private_reasons", None)
    if identity.get("pin_verdict") == PinVerdict.DURESS:
        identity["pin_verdict"] = int(PinVerdict.OK)
    if "effects" in identity:
        identity["effects"] = [row for row in identity["effects"] if not _is_private_alarm(row)]
    alarms = [row for row in core.pop("alarms", ()) if not row[1]]
    if alarms:
        core["alarms"] = alarms
    return replace(event, core=core, identity=identity)


def accounts_told_to(reader: Reader, accounts: Sequence[RuleAccount]) -> tuple[RuleAccount, ...]:
    """What every rule said as this reader may know it."""
    if reader is Reader.CENTRE:
        return tuple(accounts)
    return tuple(replace(one, private_reasons=()) for one in accounts)


def _is_private_alarm(effect: list[Any]) -> bool:
    return effect[0] == "A" and bool(effect[2])
