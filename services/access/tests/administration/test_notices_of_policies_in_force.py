"""The outbox of public notices: put when a policy takes force, once, in order, late after an outage of the keeper."""

import asyncio
import itertools
from collections.abc import Callable
from typing import Any

import pytest
from harness.patience import eventually
from menshen_access.announcing import Announcer, NoticeFeed
from menshen_access.domain.notices import LATE_MS, Notice
from menshen_access.domain.policy_life import TIME, PolicyAct, PolicyState
from menshen_access.enacting import Enacting, EnactingTerms
from menshen_access.noticeboard import Noticeboard
from menshen_access.planning import Planning
from menshen_access.postgres.administration import Administration
from menshen_access.postgres.notices import Notices
from menshen_access.postgres.policies import Policies
from menshen_access.postgres.sites import Sites
from menshen_servicekit.clock import ManualClock, SystemClock
from menshen_servicekit.postgres import Pool
from menshen_servicekit.status import DomainError
from menshen_servicekit.supervision import Tasks

VERSIONS, SITES = itertools.count(1), itertools.count(1)
HUB = "service/messages"


class Office:
    """One site of a test's own: its policies, its notices, and keepers that may come and go."""

    def __init__(self, pool: Pool, sites: Sites, clock: Any, new_id: Callable[[], str]) -> None:
        self.site = f"site-{next(SITES)}"
        self.clock = clock
        self.board = Noticeboard()
        self.notices = Notices(pool, sites)
        store = Administration(pool, sites)
        self.planning = Planning(store, self._publish, clock, new_id)
        terms = EnactingTerms(60_000, lambda _site: True)
        self.enacting = Enacting(Policies(pool, sites), self.planning, self._publish, clock, new_id, terms)
        self.feed = NoticeFeed(self.notices, self.board, clock)

    def keeper(self) -> Announcer:
        """As a keeper that has just started."""
        return Announcer(self.site, self.notices, self.board, self.clock)

    async def activate(self, from_ms: int, text: str = "{zh: 校门今起变更, en: The gates change today}") -> str:
        document = (
            f"language: 1\nversion: {next(VERSIONS)}\nsite: {self.site}\nfrom_ms: {from_ms}\n"
            f"title: {{zh: 校门管理, en: Gate rules}}\nnotice: {text}\n"
        )
        shown = await self.enacting.activate(self.site, document, from_ms, "notice 7", "operator/li")
        return shown.policy.policy_id

    async def put(self, cursor: tuple[int, int] | None = None) -> list[Notice]:
        """What a watcher gets that wants everything up to now."""
        return [one async for page, _ in self.feed.watch(self.site, cursor, until_now=True) for one in page]

    async def epoch(self) -> int:
        return (await self.notices.end(self.site)).epoch

    async def _publish(self, _site: str) -> None:
        return None


@pytest.fixture
def office(pool: Pool, sites: Sites, new_id: Any) -> Office:
    return Office(pool, sites, ManualClock(), new_id)


async def test_a_notice_is_put_when_the_policy_takes_force_and_not_when_it_is_scheduled(office: Office) -> None:
    at_ms = office.clock.now_ms() + 10_000
    policy_id = await office.activate(at_ms)
    keeper = office.keeper()

    office.clock.set_ms(at_ms - 1)
    early = await keeper.announce()
    office.clock.set_ms(at_ms)
    announced = await keeper.announce()

    (notice,) = await office.put()
    assert (early, announced) == (0, 1)
    assert (notice.policy_id, notice.effective_ms, notice.late) == (policy_id, at_ms, False)
    assert (notice.text_zh, notice.text_en) == ("校门今起变更", "The gates change today")
    _, done = await office.enacting.get(office.site, policy_id)
    assert (done[-1].act, done[-1].who, done[-1].at_ms) == (PolicyAct.TAKE_FORCE, TIME, at_ms)


async def test_a_keeper_that_was_down_at_the_instant_puts_the_notice_late_and_once(office: Office) -> None:
    at_ms = office.clock.now_ms() + 10_000
    await office.activate(at_ms)
    await office.keeper().announce()

    office.clock.set_ms(at_ms + LATE_MS + 1)
    announced = [await office.keeper().announce() for _ in range(3)]

    (notice,) = await office.put()
    assert announced == [1, 0, 0]
    assert (notice.effective_ms, notice.put_at_ms, notice.late) == (at_ms, at_ms + LATE_MS + 1, True)


async def test_two_keepers_at_once_put_a_notice_once(office: Office) -> None:
    await office.activate(office.clock.now_ms())

    announced = await asyncio.gather(*(office.keeper().announce() for _ in range(4)))

    assert sorted(announced) == [0, 0, 0, 1]
    assert len(await office.put()) == 1


async def test_notices_of_an_outage_come_in_the_order_the_policies_took_force(office: Office) -> None:
    start_ms = office.clock.now_ms() + 1_000
    later, sooner = [await office.activate(start_ms + after_ms) for after_ms in (2_000, 1_000)]

    office.clock.set_ms(start_ms + 60_000)
    await office.keeper().announce()

    assert [notice.policy_id for notice in await office.put()] == [sooner, later]


async def test_a_policy_that_never_was_in_force_has_no_notice(office: Office) -> None:
    at_ms = office.clock.now_ms() + 1_000
    shadowed, holder = await office.activate(at_ms), await office.activate(at_ms)

    office.clock.set_ms(at_ms)
    await office.keeper().announce()

    assert [notice.policy_id for notice in await office.put()] == [holder]
    assert (await office.enacting.get(office.site, shadowed))[0].state is PolicyState.SUPERSEDED


async def test_a_policy_without_a_notice_takes_force_silently(office: Office) -> None:
    policy_id = await office.activate(office.clock.now_ms(), '{zh: "", en: ""}')

    announced = await office.keeper().announce()

    assert (announced, await office.put()) == (1, [])
    assert (await office.enacting.get(office.site, policy_id))[1][-1].act is PolicyAct.TAKE_FORCE


async def test_a_withdrawn_policy_is_not_announced(office: Office) -> None:
    at_ms = office.clock.now_ms() + 1_000
    policy_id = await office.activate(at_ms)
    keeper = office.keeper()
    await keeper.announce()

    await office.enacting.withdraw(office.site, policy_id, "weather", "operator/li")
    office.clock.set_ms(at_ms)
    await keeper.announce()

    assert await office.put() == []


async def test_what_is_not_acknowledged_comes_again_and_what_is_does_not(office: Office) -> None:
    for _ in range(2):
        await office.activate(office.clock.now_ms())
        await office.keeper().announce()
        office.clock.advance_ms(1)
    first, second = await office.put()

    epoch = await office.epoch()
    acknowledged = await office.feed.acknowledge(office.site, (epoch, first.position), HUB)
    again = await office.feed.acknowledge(office.site, (epoch, first.position), HUB)

    assert (acknowledged, again) == (1, 0)
    assert await office.put() == [second]
    assert await office.put((epoch, 0)) == [first, second]


@pytest.mark.parametrize(
    ("later", "position", "code"), [(1, 0, "EPOCH_ENDED"), (0, 1, "CURSOR_AHEAD")], ids=["epoch", "position"]
)
async def test_a_cursor_of_another_place_is_refused(office: Office, later: int, position: int, code: str) -> None:
    place = await office.epoch() + later, position

    with pytest.raises(DomainError) as watched:
        await office.put(place)
    with pytest.raises(DomainError) as acknowledged:
        await office.feed.acknowledge(office.site, place, HUB)

    assert (watched.value.code, acknowledged.value.code) == (code, code)


async def test_a_running_keeper_puts_a_notice_within_a_moment_of_the_instant(
    pool: Pool, sites: Sites, new_id: Any, tasks: Tasks
) -> None:
    office = Office(pool, sites, SystemClock(), new_id)
    tasks.keep("announce", office.keeper().follow)
    at_ms = office.clock.now_ms() + 1_500
    await office.activate(at_ms)

    (notice,) = await eventually(office.put)

    assert 0 <= notice.put_at_ms - at_ms < 1_000
    assert not notice.late
