"""Who waits for what: a change made known by any process wakes the tasks of this one that wait for it."""

import asyncio
from contextlib import suppress
from enum import Enum


class Topic(Enum):
    """What changed at a site; the value is the word in the notice."""

    EVENTS = "events"
    SUBJECTS = "subjects"
    PLAN = "plan"
    HOLDS = "holds"
    REVIEWS = "reviews"
    COMMANDS = "commands"
    ALARMS = "alarms"
    NOTICES = "notices"
    SOURCES = "sources"
    RETIREMENTS = "retirements"
    SHADOWS = "shadows"
    EDGE = "edge"
    """Any of subjects, plan and holds: what edges hold."""


_OF_EDGE = frozenset({Topic.SUBJECTS, Topic.PLAN, Topic.HOLDS})


class Noticeboard:
    """Take `next` before reading, wait for it after, and no change is missed."""

    def __init__(self) -> None:
        self._waited: dict[tuple[Topic, str], asyncio.Event] = {}

    def next(self, topic: Topic, site: str) -> asyncio.Event:
        """Set at the next notice."""
        return self._waited.setdefault((topic, site), asyncio.Event())

    def post(self, topic: Topic, site: str) -> None:
        event = self._waited.pop((topic, site), None)
        if event is not None:
            event.set()
        if topic in _OF_EDGE:
            self.post(Topic.EDGE, site)

    def heard(self, word: str, site: str) -> None:
        """Post a notice that another process sent; an unknown word comes from a newer version and wakes nobody."""
        if word in Topic._value2member_map_:
            self.post(Topic(word), site)

    def post_everything(self) -> None:
        """Notices may have been missed: wake everyone."""
        waited, self._waited = self._waited, {}
        for event in waited.values():
            event.set()


async def within(event: asyncio.Event, seconds: float) -> bool:
    """Wait for the event at most so long; True when it came."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
    return event.is_set()
