"""Puts what was just committed in force, before the followers come to it."""

from collections.abc import Mapping, Sequence
from contextlib import suppress

from menshen_access.domain.subject_records import HeldSubject
from menshen_access.noticeboard import Noticeboard, Topic
from menshen_access.ports import Generations, NotReadyError, StoreAwayError
from menshen_access.publishing import Publisher


class InForce:
    """Puts what was just committed in force at once, where it can; the followers do it again anyway."""

    def __init__(self, publishers: Mapping[str, Publisher], generations: Generations, board: Noticeboard) -> None:
        self._publishers = publishers
        self._generations = generations
        self._board = board

    async def documents(self, site: str) -> None:
        generation = self._generations.current(site)
        if generation is not None:
            with suppress(StoreAwayError, NotReadyError):
                await self._publishers[site].documents(generation)
        self._board.post(Topic.PLAN, site)
        self._board.post(Topic.HOLDS, site)

    async def subjects(self, site: str, changed: Sequence[HeldSubject]) -> None:
        with suppress(StoreAwayError, NotReadyError):
            await self._publishers[site].at_once(changed)
        self._board.post(Topic.SUBJECTS, site)
