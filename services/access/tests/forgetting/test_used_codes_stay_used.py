"""What was used once is forgotten when nothing could present it, on real stores; until then it stays used."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from menshen_access.domain.events import EventKind
from menshen_access.domain.history import entry_of
from menshen_access.domain.subject_records import FeedChange, FeedPlace
from menshen_access.domain.used_once import DAY_MS, MARGIN_MS, is_forgettable
from menshen_access.forgetting import PAGE, Forgetting
from menshen_access.noticeboard import Noticeboard
from menshen_access.ports import StoreAwayError
from menshen_access.postgres.administration import Administration
from menshen_access.postgres.ledgers import PooledLedger
from menshen_access.postgres.presence import PresenceHistory
from menshen_access.postgres.sites import Sites
from menshen_access.postgres.subjects import Subjects
from menshen_access.publishing import Publisher
from menshen_access.rebuilding import Rebuilder
from menshen_access.redis.commit import RedisStore
from menshen_rulebook.decide import decide
from menshen_rulebook.plan import plan_from_mapping
from menshen_rulebook.types import (
    FOREVER_MS,
    Credential,
    CredentialState,
    Identifier,
    IdentifierType,
    LiveState,
    Outcome,
    Presentation,
    Subject,
    SubjectKind,
    Visit,
    VisitState,
)
from menshen_servicekit.clock import ManualClock, SystemClock
from menshen_servicekit.postgres import Pool

SITE = "north"
LONG_MS = MARGIN_MS + 60_000
"""A margin after any validity, and after the moment in which a test used something."""
CODE = Identifier(IdentifierType.QR, "Q1")
POLICY = {"version": 1, "language": 1, "site": SITE, "from": "2020-01-01T00:00:00+08:00"}


def with_code(used_id: str, to_ms: int, *, is_visit: bool = False) -> Subject:
    """Somebody who gets in once: by a code of their own, or by a visit."""
    card = Credential("always" if is_visit else used_id, (CODE,), CredentialState.ACTIVE, single_use=not is_visit)
    if not is_visit:
        card = replace(card, valid_to_ms=to_ms)
    visit = Visit(used_id, SITE, 0, to_ms, VisitState.READY, single_entry=True)
    category, visits = ("visitor", (visit,)) if is_visit else ("staff", ())
    return Subject("c:1", 1, SubjectKind.CARDHOLDER, category, SITE, ("staff",), (card,), visits=visits)


class Places:
    """The stores, filled as the service fills them, and the duty on a clock of its own."""

    def __init__(self, pool: Pool, sites: Sites, ledger: PooledLedger, live: Any, event: Any) -> None:
        self.pool, self.ledger, self.live, self.event = pool, ledger, live, event
        self.subjects, self.history = Subjects(pool, sites), PresenceHistory(pool, sites)
        self.store = RedisStore(live.clients, live.generations, 10_000)
        self.clock = ManualClock(SystemClock().now_ms())
        self.duty = Forgetting(SITE, self.history, live.projection, live.generations, self.clock)
        publisher = Publisher(
            SITE, self.subjects, Administration(pool, sites), live.projection, live.generations, Noticeboard()
        )
        self.rebuilder = Rebuilder(
            SITE, live.generations, publisher, live.projection, self.history, self.store.apply, SystemClock()
        )
        self._versions = iter(range(1, 100))

    async def hold(self, subject: Subject) -> None:
        change = FeedChange(subject.subject_id, next(self._versions), subject)
        await self.subjects.apply_changes(SITE, [change], "identity", FeedPlace(1, 0), keep_place=False)

    async def use(self, used_id: str, kind: EventKind = EventKind.CENTRE) -> None:
        """Recorded, derived and known to Redis."""
        used = self.event(kind, identity={"effects": [["U", used_id]], "arguments": []})
        await self.ledger.append(SITE, [entry_of(used, late=kind is EventKind.EDGE)], self.clock.now_ms())
        while await self.history.derive(SITE, 500):
            pass
        generation = self.live.generations.current(SITE)
        if generation is not None:
            await self.live.projection.put_uses(SITE, generation, [(used_id, used.event_id)])

    async def known(self) -> tuple[set[str], set[str]]:
        """What PostgreSQL and Redis remember."""
        rows = await self.pool.fetch("SELECT used_id FROM used_once WHERE site = $1", SITE)
        fields = await self.live.client.call("HKEYS", self.live.generations.keys[SITE].used)
        return {row["used_id"] for row in rows}, {field.decode() for field in fields}

    async def go_round(self) -> None:
        after = await self.duty.step("")
        while after:
            after = await self.duty.step(after)


@pytest.fixture
async def places(pool: Pool, sites: Sites, ledger: PooledLedger, live: Any, event: Any) -> Places:
    await live.make_ready(SITE)
    await pool.execute("DELETE FROM used_once")
    await pool.execute("DELETE FROM subject_version")
    await pool.execute("DELETE FROM subject")
    return Places(pool, sites, ledger, live, event)


@pytest.mark.parametrize("is_visit", [False, True])
async def test_a_code_is_remembered_until_its_margin_is_over_and_forgotten_in_both_stores(
    places: Places, *, is_visit: bool
) -> None:
    end_ms = places.clock.now_ms() + DAY_MS
    await places.hold(with_code("code-1", end_ms, is_visit=is_visit))
    await places.use("code-1")

    places.clock.advance_ms(DAY_MS + MARGIN_MS - 1)
    await places.go_round()
    before = await places.known()
    places.clock.advance_ms(1)
    await places.go_round()

    assert before == ({"code-1"}, {"code-1"})
    assert await places.known() == (set(), set())


async def test_a_rebuilt_redis_knows_what_postgresql_knows_and_nothing_forgotten(places: Places) -> None:
    now_ms = places.clock.now_ms()
    await places.hold(
        replace(
            with_code("short", now_ms),
            visits=(Visit("long", SITE, 0, now_ms + 90 * DAY_MS, VisitState.READY, single_entry=True),),
        )
    )
    for used_id in ("short", "long"):
        await places.use(used_id)
    places.clock.advance_ms(LONG_MS)
    await places.go_round()

    await places.live.client.call("FLUSHALL")
    places.live.generations.forget_all()
    while places.live.generations.current(SITE) is None:
        await places.rebuilder.rebuild(await places.live.generations.inspect(SITE))

    assert await places.known() == ({"long"}, {"long"})


async def test_the_latest_validity_any_record_ever_gave_counts(places: Places) -> None:
    now_ms = places.clock.now_ms()
    await places.hold(with_code("longer", now_ms))
    await places.use("longer")
    await places.hold(with_code("longer", now_ms + 90 * DAY_MS))
    await places.hold(replace(with_code("another", now_ms), visits=()))

    places.clock.advance_ms(MARGIN_MS + DAY_MS)
    await places.go_round()
    remembered = await places.known()
    places.clock.advance_ms(90 * DAY_MS)
    await places.go_round()

    assert remembered == ({"longer"}, {"longer"})
    assert await places.known() == (set(), set())


async def test_what_nothing_bounds_is_remembered_for_good(places: Places) -> None:
    await places.hold(with_code("endless", FOREVER_MS))
    for used_id in ("endless", "unknown", "opened:point:no day"):
        await places.use(used_id)

    places.clock.advance_ms(50 * 365 * DAY_MS)
    await places.go_round()

    assert (await places.known())[0] == {"endless", "unknown", "opened:point:no day"}


async def test_openings_of_days_long_past_go_page_by_page(places: Places) -> None:
    await places.hold(with_code("other", FOREVER_MS))
    await places.pool.execute(
        "INSERT INTO used_once (site, used_id, event_id, at_ms)"
        " SELECT $1, 'opened:d-' || n || ':2020-01-01', $2, 0 FROM generate_series(1, $3) AS n",
        SITE,
        places.event().event_id,
        2 * PAGE + 1,
    )
    await places.use("opened:d-1:2026-03-02")

    first = await places.duty.step("")
    remaining = len((await places.known())[0])
    await places.go_round()

    assert first
    assert remaining == PAGE + 2
    assert (await places.known())[0] == {"opened:d-1:2026-03-02"}


class CutOff:
    """A store that fails at forgetting while it is away."""

    def __init__(self, store: Any) -> None:
        self._store = store
        self.away = True

    def __getattr__(self, name: str) -> Any:
        if self.away and name == "forget_uses":
            raise StoreAwayError("cut")
        return getattr(self._store, name)


@pytest.mark.parametrize("cut", ["redis", "postgresql"])
async def test_a_store_that_goes_away_in_between_leaves_nothing_usable_and_the_next_round_ends_it(
    places: Places, cut: str
) -> None:
    stores = {"postgresql": CutOff(places.history), "redis": CutOff(places.live.projection)}
    stores["redis" if cut == "postgresql" else "postgresql"].away = False
    duty = Forgetting(SITE, stores["postgresql"], stores["redis"], places.live.generations, places.clock)
    await places.hold(with_code("code-1", places.clock.now_ms()))
    await places.use("code-1")
    places.clock.advance_ms(LONG_MS)

    with pytest.raises(StoreAwayError):
        await duty.step("")
    during = await places.known()
    stores[cut].away = False
    await duty.step("")

    assert during[0] == {"code-1"}
    assert await places.known() == (set(), set())


async def test_nothing_is_forgotten_while_redis_is_rebuilt(places: Places) -> None:
    await places.hold(with_code("code-1", places.clock.now_ms()))
    await places.use("code-1")
    places.clock.advance_ms(LONG_MS)
    places.live.generations.forget_all()

    after = await places.duty.step("page")

    assert after == "page"
    assert (await places.known())[0] == {"code-1"}


async def test_an_event_uploaded_after_all_that_time_makes_it_used_again_and_the_next_round_forgets_it(
    places: Places,
) -> None:
    await places.hold(with_code("code-1", places.clock.now_ms()))
    await places.use("code-1")
    places.clock.advance_ms(LONG_MS)
    await places.go_round()

    await places.use("code-1", EventKind.EDGE)
    uploaded = await places.known()
    await places.go_round()

    assert uploaded == ({"code-1"}, {"code-1"})
    assert await places.known() == (set(), set())


def a_gate(late_h: int) -> Any:
    point = {"from_area": "outside", "to_area": "campus", "direction": "ENTRY", "access_point_class": "PEDESTRIAN"}
    return plan_from_mapping(
        {
            "site": SITE,
            "version": 1,
            "areas": [{"id": "outside"}, {"id": "campus"}],
            "access_points": [{"id": "in", **point}],
            "access_levels": [{"id": "all", "entries": [{"access_point": "in"}]}],
            "group_assignments": [{"level": "all", "group": "staff"}],
            "policies": [{**POLICY, "visitors": {"late": f"{late_h}h"}}],
        }
    )


NOW_MS = 1_772_409_600_000
SKEWS = st.integers(-DAY_MS, DAY_MS)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    ends=st.lists(st.integers(-MARGIN_MS - 3, 3).map(lambda at: NOW_MS + at), min_size=1, max_size=4),
    is_visit=st.booleans(),
    late_h=st.sampled_from([0, 1, 48, 24 * 28]),
    skew_ms=SKEWS,
)
def test_whatever_is_forgotten_opens_nothing_to_anybody_whose_clock_is_a_day_off(
    ends: Sequence[int], *, is_visit: bool, late_h: int, skew_ms: int
) -> None:
    holders = [with_code("code-1", end_ms, is_visit=is_visit) for end_ms in ends]
    forgotten = is_forgettable("code-1", holders, NOW_MS)
    shown = Presentation("e", SITE, "in", "agent", NOW_MS + skew_ms, (CODE,))
    used = frozenset() if forgotten else frozenset({"code-1"})

    outcomes = {
        decide(shown, (one,), "in", a_gate(late_h), LiveState(used_ids=used), NOW_MS + skew_ms).outcome
        for one in holders
    }

    assert outcomes == {Outcome.DENY}
    assert forgotten == (max(ends) + MARGIN_MS <= NOW_MS)
