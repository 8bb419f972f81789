"""Reviews: OPEN, then TAKEN, then PASSED, REFUSED or EXPIRED; agents at the lane hear how they end."""

import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from dataclasses import dataclass, replace
from typing import Protocol

import structlog
from menshen_servicekit.clock import Clock
from menshen_servicekit.status import DomainError, FieldTrouble, Trouble

from menshen_access.domain.administration import UNDECIDED, Review, ReviewState
from menshen_access.noticeboard import Noticeboard, Topic, within
from menshen_access.ports import ReviewEnd, Unwatch

PAGE = 200
POLL_S = 1.0
DAY_MS = 86_400_000
MOST_RECORD = 64

_log = structlog.get_logger(__name__)


class ReviewStore(Protocol):
    """Reviews in PostgreSQL."""

    async def change(self, site: str, review_id: str, decide: Callable[[Review], Review | None]) -> Review | None:
        """Let `decide` change a review under its lock; None when there is none."""

    async def listed(self, site: str, state: ReviewState, since_ms: int) -> list[Review]:
        """Newest first; of all states those opened since the instant."""

    async def undecided(self, site: str) -> tuple[int, list[Review]]:
        """The position changes follow from, and the reviews not decided as of it."""

    async def after(self, site: str, position: int, limit: int) -> list[Review]:
        """Changes after a position, in order."""

    async def overdue(self, site: str, now_ms: int) -> list[str]:
        """Ids of undecided reviews whose time is over."""

    async def next_expiry_ms(self, site: str) -> int | None:
        """When the next undecided review expires."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How a guard ends a review, and why. `telephone_record` is the number of the help centre's record of a call."""

    passes: bool
    note: str
    telephone_record: str = ""


class Reviewing:
    """What guards do with reviews, and what becomes of those nobody decides."""

    def __init__(self, store: ReviewStore, board: Noticeboard, clock: Clock) -> None:
        self._store = store
        self._board = board
        self._clock = clock

    async def listed(self, site: str, state: ReviewState) -> list[Review]:
        """At most 500, newest first; of all states those of the last day."""
        return await self._store.listed(site, state, self._clock.now_ms() - DAY_MS)

    async def take(self, site: str, review_id: str, operator: str) -> Review:
        """Take an open review; exactly one guard wins, and may take it again. DomainError CONFLICT for others."""

        def decide(review: Review) -> Review | None:
            if review.state is ReviewState.TAKEN and review.operator == operator:
                return None
            if review.state is not ReviewState.OPEN or review.expires_at_ms <= self._clock.now_ms():
                raise _conflict(
                    "REVIEW_NOT_OPEN", "该复核已被他人受理或已结束", "another guard has it, or it has ended"
                )
            return replace(review, state=ReviewState.TAKEN, operator=operator)

        return await self._changed(site, review_id, decide)

    async def resolve(self, site: str, review_id: str, operator: str, ending: Ending) -> Review:
        """Pass or refuse a review this guard has taken. DomainError CONFLICT when it is not theirs or has ended.

        INVALID without a note, and for a pass without the telephone record that a reason of the review needs.
        """
        _check(ending)
        state = ReviewState.PASSED if ending.passes else ReviewState.REFUSED

        def decide(review: Review) -> Review | None:
            if review.state is state and review.operator == operator:
                return None
            if review.state is not ReviewState.TAKEN or review.operator != operator:
                raise _conflict("REVIEW_NOT_TAKEN", "请先受理该复核", "take the review first")
            if ending.passes and not ending.telephone_record and _needs_telephone_record(review):
                raise _invalid("TELEPHONE_RECORD_MISSING", "telephone_record", "来电记录编号", "a call record's number")
            return replace(review, state=state, note=ending.note, telephone_record=ending.telephone_record)

        return await self._changed(site, review_id, decide)

    async def watch(self, site: str) -> AsyncGenerator[Review, None]:
        """Undecided reviews, then every change."""
        position, standing = await self._store.undecided(site)
        for review in standing:
            yield review
        async for review in self.changes(site, position):
            yield review

    async def changes(self, site: str, position: int) -> AsyncIterator[Review]:
        """Every change after a position, for ever."""
        while True:
            changed = self._board.next(Topic.REVIEWS, site)
            page = await self._store.after(site, position, PAGE)
            for review in page:
                position = review.position
                yield review
            if len(page) < PAGE:
                await within(changed, POLL_S)

    async def expire(self, site: str) -> None:
        """End reviews whose time is over, for ever, each within a moment of its instant."""
        while True:
            changed = self._board.next(Topic.REVIEWS, site)
            for review_id in await self._store.overdue(site, self._clock.now_ms()):
                await self._store.change(site, review_id, self._expired)
            next_ms = await self._store.next_expiry_ms(site)
            wait_s = POLL_S if next_ms is None else (next_ms - self._clock.now_ms()) / 1000
            await within(changed, min(max(wait_s, 0.02), POLL_S))

    def _expired(self, review: Review) -> Review | None:
        if review.state not in UNDECIDED or review.expires_at_ms > self._clock.now_ms():
            return None
        return replace(review, state=ReviewState.EXPIRED)

    async def _changed(self, site: str, review_id: str, decide: Callable[[Review], Review | None]) -> Review:
        review = await self._store.change(site, review_id, decide)
        if review is None:
            raise DomainError(Trouble.NOT_FOUND, "REVIEW_UNKNOWN", "无此复核", "there is no such review")
        self._board.post(Topic.REVIEWS, site)
        return review


def _check(ending: Ending) -> None:
    if not ending.note.strip():
        raise _invalid("NOTE_MISSING", "note", "处理说明", "a note")
    if ending.telephone_record != ending.telephone_record.strip() or len(ending.telephone_record) > MOST_RECORD:
        words = (f"不超过 {MOST_RECORD} 个字符的编号", f"a number of at most {MOST_RECORD} characters")
        raise _invalid("TELEPHONE_RECORD_INVALID", "telephone_record", *words)


def _needs_telephone_record(review: Review) -> bool:
    # A reason told by an agent of another version may have arguments of another form; those need nothing.
    arguments = [dict(given) for given in json.loads(review.reasons)["arguments"] if isinstance(given, dict)]
    return any(given.get("pass_needs") == "telephone_record" for given in arguments)


def _invalid(code: str, field: str, zh: str, en: str) -> DomainError:
    fault = FieldTrouble(field, zh, en)
    return DomainError(Trouble.INVALID, code, f"须填写{zh}", f"{en} is required", [fault])


def _conflict(code: str, zh: str, en: str) -> DomainError:
    return DomainError(Trouble.CONFLICT, code, zh, en)


@dataclass(frozen=True, slots=True, eq=False)
class _Watch:
    site: str
    access_points: frozenset[str]
    tell: Callable[[ReviewEnd], None]


class ReviewEnds:
    """Implements ports.ReviewOutcomes: tells the agents of this process how reviews at their access points end."""

    def __init__(self, reviewing: Reviewing, store: ReviewStore) -> None:
        self._reviewing = reviewing
        self._store = store
        self._watches: set[_Watch] = set()
        self._positions: dict[str, int] = {}

    def watch(self, site: str, access_points: frozenset[str], tell: Callable[[ReviewEnd], None]) -> Unwatch:
        watch = _Watch(site, access_points, tell)
        self._watches.add(watch)
        return lambda: self._watches.discard(watch)

    async def follow(self, site: str) -> None:
        """Tell what ends at one site, for ever. The place is kept over outages of PostgreSQL."""
        if site not in self._positions:
            self._positions[site] = (await self._store.undecided(site))[0]
        async for review in self._reviewing.changes(site, self._positions[site]):
            if review.state not in UNDECIDED:
                self._tell(site, review)
            self._positions[site] = review.position

    def _tell(self, site: str, review: Review) -> None:
        opens = review.state is ReviewState.PASSED or (review.state is ReviewState.EXPIRED and review.opens_itself)
        end = ReviewEnd(review.review_id, review.event_id, review.access_point, opens)
        for watch in tuple(self._watches):
            if watch.site == site and review.access_point in watch.access_points:
                watch.tell(end)
