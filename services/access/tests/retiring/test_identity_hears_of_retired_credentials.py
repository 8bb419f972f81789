"""Retirements on a real history: told to identity in order, through outages, and the place moves on only afterwards."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from harness.patience import eventually
from menshen_access.domain.administration import ReviewState
from menshen_access.domain.events import EventKind, EventPayload
from menshen_access.domain.history import entry_of
from menshen_access.domain.retirements import Retired, Retirement, Source, retired_by
from menshen_access.noticeboard import Noticeboard
from menshen_access.postgres.ledgers import PooledLedger
from menshen_access.postgres.retirements import Retirements
from menshen_access.postgres.reviews import Reviews
from menshen_access.postgres.sites import Sites, listen
from menshen_access.retiring import RetirementCourier
from menshen_servicekit.clock import SystemClock
from menshen_servicekit.postgres import Pool
from menshen_servicekit.supervision import Backoff, Tasks
from menshen_servicekit.telemetry import Metrics

Event = Callable[..., EventPayload]

SITE = "north"
REVIEWED = 3


class Desk:
    """Identity as it is told; away for as many calls as it is set to be."""

    def __init__(self, away_for: int = 0, answer: Retirement | None = Retirement.DONE) -> None:
        self.heard: list[Retired] = []
        self.away_for = away_for
        self._answer = answer

    async def retire(self, site: str, retired: Retired) -> Retirement | None:
        if self.away_for:
            self.away_for -= 1
            raise ConnectionError("identity is away")
        self.heard.append(retired)
        return self._answer


def using(event: Event, credential_id: str, *, reviewed: bool = False, kind: EventKind = EventKind.CENTRE) -> Any:
    """A decision about a successor, which retires a credential at once or once a guard lets its holder through."""
    row: list[Any] = ["T", "c:1", credential_id]
    core = {"outcome": REVIEWED, "review": {"opens_at_ms": None}} if reviewed else {}
    return event(kind, identity={"effects": [["V", None, [row]]] if reviewed else [row]}, **core)


async def record(ledger: PooledLedger, clock: SystemClock, events: Sequence[EventPayload]) -> None:
    await ledger.append(SITE, [entry_of(event, late=False) for event in events], clock.now_ms())


def courier(pool: Pool, sites: Sites, desk: Desk, board: Noticeboard | None = None) -> RetirementCourier:
    return RetirementCourier(SITE, Retirements(pool, sites), desk, board or Noticeboard(), Metrics())


async def caught_up(pool: Pool, sites: Sites, source: Source = Source.GRANTS) -> None:
    """Move the place behind everything that other tests recorded."""
    teller = courier(pool, sites, Desk())
    while await teller.step(source):
        pass


async def test_every_grant_to_a_successor_is_told_once_in_order_and_nothing_else(
    pool: Pool, sites: Sites, ledger: PooledLedger, event: Event, clock: SystemClock
) -> None:
    await caught_up(pool, sites)
    desk = Desk()
    first, second = using(event, "k-1"), using(event, "k-2", kind=EventKind.EDGE)
    await record(ledger, clock, [event(), first, event(EventKind.TAKEN), second, using(event, "k-3", reviewed=True)])

    for _ in range(3):
        await courier(pool, sites, desk).step(Source.GRANTS)

    assert desk.heard == [Retired("c:1", "k-1", first.event_id), Retired("c:1", "k-2", second.event_id)]


async def test_an_outage_of_identity_delays_a_retirement_and_loses_none(
    pool: Pool, sites: Sites, ledger: PooledLedger, event: Event, clock: SystemClock, board: Noticeboard
) -> None:
    await caught_up(pool, sites)
    desk = Desk(away_for=3)
    teller = courier(pool, sites, desk, board)
    tasks = Tasks(Metrics(), Backoff(0.01, 0.02))
    try:
        tasks.keep("listen", lambda: listen(pool, board.heard, board.post_everything))
        tasks.keep("retire", lambda: teller.follow(Source.GRANTS))
        await record(ledger, clock, [using(event, f"k-{number}") for number in range(4)])
        await eventually(lambda: len(desk.heard) >= 4)
        await record(ledger, clock, [using(event, "k-last")])
        await eventually(lambda: len(desk.heard) >= 5, 2)
    finally:
        await tasks.close()

    assert [retired.credential_id for retired in desk.heard] == ["k-0", "k-1", "k-2", "k-3", "k-last"]
    assert desk.away_for == 0


async def test_what_identity_will_never_take_holds_nothing_up(
    pool: Pool, sites: Sites, ledger: PooledLedger, event: Event, clock: SystemClock
) -> None:
    await caught_up(pool, sites)
    await record(ledger, clock, [using(event, "k-bad")])
    refusing, desk = Desk(answer=None), Desk()

    await courier(pool, sites, refusing).step(Source.GRANTS)
    await record(ledger, clock, [using(event, "k-good")])
    await courier(pool, sites, desk).step(Source.GRANTS)

    assert [retired.credential_id for retired in refusing.heard + desk.heard] == ["k-bad", "k-good"]


async def test_a_review_retires_once_the_guard_lets_the_holder_through(
    pool: Pool, sites: Sites, ledger: PooledLedger, event: Event, clock: SystemClock
) -> None:
    await caught_up(pool, sites, Source.REVIEWS)
    passed, refused = (using(event, name, reviewed=True) for name in ("k-passed", "k-refused"))
    await record(ledger, clock, [passed, refused])
    desk, reviews = Desk(), Reviews(pool, sites)

    await courier(pool, sites, desk).step(Source.REVIEWS)
    before = list(desk.heard)
    for one, state in ((passed, ReviewState.PASSED), (refused, ReviewState.REFUSED)):
        await reviews.change(SITE, one.event_id, lambda review, state=state: _ended(review, state))
    for _ in range(2):
        await courier(pool, sites, desk).step(Source.REVIEWS)

    assert (before, desk.heard) == ([], [Retired("c:1", "k-passed", passed.event_id)])


def _ended(review: Any, state: ReviewState) -> Any:
    return replace(review, state=state)


def test_two_decisions_of_one_presentation_retire_a_credential_once(event: Event) -> None:
    centre = using(event, "k-1")
    edge = event(EventKind.EDGE, event_id=centre.event_id, identity=dict(centre.identity))

    assert retired_by([centre, edge, event(EventKind.TAKEN, event_id=centre.event_id)], passed=False) == [
        Retired("c:1", "k-1", centre.event_id)
    ]
