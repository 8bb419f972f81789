"""A change that takes access from many is refused until a second person approves it, on a real PostgreSQL."""

import asyncio
import itertools
import multiprocessing
import os
import signal
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio
from harness.apart import read_apart
from harness.patience import eventually
from menshen_access.approving_changes import ApprovingChanges, Deciders
from menshen_access.assigning import Assigning
from menshen_access.domain.administration import Assignment, WaitingAlarm
from menshen_access.domain.guarded_change import VALID_MS, Bound, LossCount
from menshen_access.domain.policy_life import PolicyAct, PolicyState
from menshen_access.domain.subject_records import FeedChange, FeedPlace
from menshen_access.domain.tripwire import WATCHED_MS, Change, Tally, Trip
from menshen_access.enacting import Enacting, EnactingTerms
from menshen_access.guarded_changes import ChangeGuard, GuardStores
from menshen_access.noticeboard import Noticeboard
from menshen_access.planning import Planning
from menshen_access.postgres.administration import Administration
from menshen_access.postgres.guarded_changes import ChangeApprovals, KnownRecords
from menshen_access.postgres.policies import Policies
from menshen_access.postgres.rollbacks import Rollbacks
from menshen_access.postgres.sites import Sites
from menshen_access.postgres.subjects import Subjects
from menshen_access.postgres.tripwire import Tripwires
from menshen_access.removing import Removing
from menshen_access.rolling_back import RollingBack
from menshen_rulebook.types import Credential, CredentialState, Identifier, IdentifierType, Subject, SubjectKind
from menshen_servicekit.clock import ManualClock
from menshen_servicekit.postgres import Pool
from menshen_servicekit.status import DomainError, Trouble

LI, WANG, ZHOU, SUN = "operator/li", "operator/wang", "operator/zhou", "operator/sun"
LEAD_MS = 60_000
NOW_MS = 1_772_409_600_000
PLAN = """
areas: [{id: outside}, {id: campus}, {id: library, parent: campus}]
access_points:
  - {id: n-in, from_area: outside, to_area: campus, direction: ENTRY, access_point_class: PEDESTRIAN}
  - {id: n-out, from_area: campus, to_area: outside, direction: EXIT, access_point_class: PEDESTRIAN}
  - {id: l-in, from_area: campus, to_area: library, direction: INNER, access_point_class: PEDESTRIAN}
  - {id: l-out, from_area: library, to_area: campus, direction: INNER, access_point_class: PEDESTRIAN, escape: true}
access_levels: [{id: all, entries: [{access_point: n-in}, {access_point: l-in}]}]
group_assignments: [{level: all, group: staff}, {level: all, group: guest}]
"""
WITHOUT_LIBRARY = "access_levels: [{id: all, entries: [{access_point: n-in}]}]"
VERSIONS, NUMBERS = itertools.count(2), itertools.count()
LARGE = [("guest", 30), ("staff", 70)]


def policy(site: str, version: int, clauses: str = "") -> str:
    return f"language: 1\nversion: {version}\nsite: {site}\nfrom: '2026-03-01T00:00:00+08:00'\n{clauses}"


def strict(site: str, category: str) -> str:
    """A policy that shuts a category out at the north gate."""
    where = f"{{categories: [{category}], access_points: [n-in]}}"
    return policy(site, next(VERSIONS), f"requirements: [{{id: t, test: {{fact: training}}, where: {where}}}]")


def person(number: int, category: str) -> FeedChange:
    card = Identifier(IdentifierType.CARD, f"{number:08X}")
    credentials = (Credential(f"k{number}", (card,), CredentialState.ACTIVE),)
    subject = Subject(f"c:{number}", 1, SubjectKind.CARDHOLDER, category, "", credentials=credentials)
    return FeedChange(subject.subject_id, 1, subject)


@dataclass
class Office:
    """The use cases behind one guard, over a site of its own."""

    site: str
    clock: ManualClock
    store: Administration
    planning: Planning
    enacting: Enacting
    assigning: Assigning
    approving: ApprovingChanges
    rolling: RollingBack

    async def approved(self, text: str) -> str:
        """Drafted and checked by Li, approved by Wang."""
        draft = await self.enacting.draft(self.site, text, "notice 7", LI)
        _, found = await self.enacting.check(self.site, draft.policy.policy_id, "ready", LI)
        assert found.is_fit
        await self.enacting.approve(self.site, draft.policy.policy_id, "agreed", WANG)
        return draft.policy.policy_id

    async def approve(self, policy_id: str, who: str) -> Any:
        return await self.enacting.approve(self.site, policy_id, "seen", who)

    async def schedule(self, policy_id: str, who: str = LI) -> Any:
        return await self.enacting.schedule(self.site, policy_id, self.clock.now_ms() + LEAD_MS, "as announced", who)

    async def scheduled(self, text: str) -> str:
        """In the plan, whoever approved it, from a second later on than the one before."""
        self.clock.advance_ms(1_000)
        policy_id = await self.approved(text)
        with suppress(DomainError):
            await self.approve(policy_id, ZHOU)
        await self.schedule(policy_id)
        return policy_id

    async def withdraw(self, policy_id: str, who: str = LI) -> Any:
        return await self.enacting.withdraw(self.site, policy_id, "weather", who)

    async def roll_back(self, policy_id: str = "", who: str = LI) -> Any:
        return await self.rolling.roll_back(self.site, await self.plan_version(), "the queue", who, policy_id)

    async def approve_removal(self, policy_id: str, who: str) -> Any:
        return await self.approving.approve_removal(self.site, policy_id, "seen", who)

    async def plan_version(self) -> int:
        return (await self.store.current_plan(self.site))[0]


Open = Callable[..., Any]


@pytest_asyncio.fixture(loop_scope="session")
async def opened(pool: Pool, database: Any, sites: Sites, new_id: Callable[[], str]) -> AsyncIterator[Open]:
    """Opens an office whose site knows so many of each category, all of whom pass everywhere."""
    guards: list[ChangeGuard] = []
    publish = publish_subjects = unpublished

    async def build(known: list[tuple[str, int]], most_s: float = 100.0, bound: Bound = Bound()) -> Office:  # noqa: B008
        site, clock, store = f"guarded-{next(NUMBERS)}", ManualClock(NOW_MS), Administration(pool, sites)
        policies, approvals = Policies(pool, sites), ChangeApprovals(pool, sites)
        stores = GuardStores(KnownRecords(pool, read_apart(database)), store, approvals)
        guard = ChangeGuard(stores, bound, clock, most_s)
        guards.append(guard)
        planning = Planning(store, publish, clock, new_id, guard)
        assigning = Assigning(store, publish, publish_subjects, clock, new_id, guard)
        terms = EnactingTerms(LEAD_MS, lambda _: True)
        office = Office(
            site,
            clock,
            store,
            planning,
            Enacting(policies, planning, publish, clock, new_id, terms),
            assigning,
            ApprovingChanges(guard, approvals, Deciders(planning, assigning, Removing(policies)), clock),
            RollingBack(Rollbacks(pool, sites), publish, Noticeboard(), clock, new_id, guard),
        )
        await planning.put_plan(site, PLAN, 0, "because", LI)
        await planning.activate_policy(site, policy(site, 1), 1, "because", LI)
        numbers = itertools.count()
        subjects = [person(next(numbers), category) for category, count in known for _ in range(count)]
        await Subjects(pool, sites).apply_changes(site, subjects, "identity", FeedPlace(1, 1))
        return office

    yield build
    for guard in guards:
        await guard.close()


async def unpublished(*_: Any) -> None:
    """Nobody is told."""


@contextmanager
def refused(code: str = "SECOND_APPROVER_NEEDED", trouble: Trouble = Trouble.CONFLICT) -> Iterator[list[str]]:
    """Expects a refusal; its English sentence."""
    said: list[str] = []
    with pytest.raises(DomainError) as error:
        yield said
    assert (error.value.code, error.value.trouble) == (code, trouble)
    said.append(error.value.message_en)


@asynccontextmanager
async def counted_apart(change: Coroutine[Any, Any, Any]) -> AsyncIterator[tuple[asyncio.Task[Any], int]]:
    """The change under way, and the process that counts whom it takes access from."""

    def children() -> set[int]:
        return {child.pid for child in multiprocessing.active_children() if child.pid is not None}

    known = children()
    counting = asyncio.create_task(change)
    (child,) = await eventually(lambda: children() - known, 30)
    async with asyncio.timeout(100):
        yield counting, child


async def test_a_policy_that_shuts_thirty_of_a_hundred_out_needs_a_second_approver(opened: Open, pool: Pool) -> None:
    office: Office = await opened(LARGE)
    policy_id, version = await office.approved(strict(office.site, "guest")), await office.plan_version()

    with refused() as said:
        await office.schedule(policy_id)
    with refused("SECOND_OPERATOR_NEEDED", Trouble.FORBIDDEN):
        await office.approve(policy_id, LI)
    with refused("ANOTHER_APPROVER_NEEDED", Trouble.FORBIDDEN):
        await office.approve(policy_id, WANG)
    given = await office.approve(policy_id, ZHOU)
    with refused():
        await office.schedule(policy_id, ZHOU)
    unchanged = await office.plan_version()
    scheduled = await office.schedule(policy_id, WANG)

    audited = "SELECT caller FROM audit WHERE target = $1 AND action = 'SCHEDULE_POLICY_REFUSED' ORDER BY number"
    assert [row["caller"] for row in await pool.fetch(audited, policy_id)] == [LI, ZHOU]
    assert "30 of 100 (30.0 %) people" in said[0]
    assert "more than 5 %" in said[0]
    assert "n-in (30)" in said[0]
    assert (given.state, given.loss.people, given.loss.points) == (
        PolicyState.APPROVED,
        LossCount(100, 30),
        (("n-in", 30, 0),),
    )
    assert (unchanged, scheduled.state, scheduled.policy.plan_version) == (version, PolicyState.SCHEDULED, version + 1)
    _, done = await office.enacting.get(office.site, policy_id)
    (second,) = [one for one in done if one.act is PolicyAct.SECOND_APPROVE]
    assert (second.who, second.loss, second.sha256) == (ZHOU, given.loss, scheduled.policy.sha256)
    assert (await office.roll_back()).policy_id == policy_id


async def test_a_policy_within_the_bound_needs_one_approver_and_takes_no_second(opened: Open) -> None:
    office: Office = await opened([("guest", 19), ("staff", 81)])
    policy_id = await office.approved(strict(office.site, "guest"))

    with refused("POLICY_OUT_OF_TURN"):
        await office.approve(policy_id, ZHOU)
    scheduled = await office.schedule(policy_id)

    assert scheduled.state is PolicyState.SCHEDULED


@pytest.mark.full
async def test_a_loss_that_grew_since_needs_approving_again(opened: Open, pool: Pool, sites: Sites) -> None:
    office: Office = await opened(LARGE)
    policy_id = await office.approved(strict(office.site, "guest"))
    await office.approve(policy_id, ZHOU)
    more = [person(number, "guest") for number in range(1_000, 1_020)]
    await Subjects(pool, sites).apply_changes(office.site, more, "identity", FeedPlace(1, 2))

    with refused() as said:
        await office.schedule(policy_id)
    again = await office.approve(policy_id, SUN)
    scheduled = await office.schedule(policy_id)

    assert "50 of 120" in said[0]
    assert (again.loss.people, scheduled.state) == (LossCount(120, 50), PolicyState.SCHEDULED)


async def test_one_operator_does_not_activate_what_takes_access_from_many(opened: Open) -> None:
    office: Office = await opened(LARGE)
    version = await office.plan_version()

    with refused() as said:
        await office.enacting.activate(office.site, strict(office.site, "guest"), 0, "now", LI)
    unchanged = await office.plan_version()
    harmless = await office.enacting.activate(office.site, policy(office.site, next(VERSIONS)), 0, "now", LI)

    assert "have two others approve it" in said[0]
    assert (unchanged, harmless.policy.plan_version) == (version, version + 1)


async def test_a_plan_document_is_put_once_another_person_has_approved_that_very_document(opened: Open) -> None:
    office: Office = await opened(LARGE)
    put = lambda text=WITHOUT_LIBRARY, who=LI: office.planning.put_plan(office.site, text, 0, "works", who)  # noqa: E731
    version = await office.plan_version()

    with refused() as said:
        await put()
    given = await office.approving.approve_plan(office.site, WITHOUT_LIBRARY, "seen", WANG)
    with refused():
        await put(who=WANG)
    with refused():
        await put(WITHOUT_LIBRARY + "\n")
    office.clock.set_ms(NOW_MS + VALID_MS)
    with refused():
        await put()
    office.clock.set_ms(NOW_MS + VALID_MS - 1)
    unchanged, now = await office.plan_version(), await put()

    assert (given.loss.people, given.loss.points) == (LossCount(100, 100), (("l-in", 100, 0),))
    assert given.digest.hex() in said[0]
    assert given.until_ms == NOW_MS + VALID_MS
    assert (unchanged, now) == (version, version + 1)
    with refused("NO_SECOND_APPROVER_NEEDED"):
        await office.approving.approve_plan(office.site, "areas: [{id: lawn, parent: campus}]", "seen", WANG)


@pytest.mark.full
async def test_a_groups_assignment_is_ended_once_another_person_has_approved_it(opened: Open) -> None:
    office: Office = await opened([*LARGE, ("worker", 40)])
    wanted = Assignment("", "", "worker", "all", 0, 0, "open day", "")
    made = (await office.assigning.assign(office.site, wanted, LI)).assignment_id
    own = await office.assigning.assign(office.site, Assignment("", "c:1", "", "all", 0, 0, "guest", ""), LI)

    with refused() as said:
        await office.assigning.revoke(office.site, made, "over", LI)
    await office.assigning.revoke(office.site, own.assignment_id, "lost", LI)
    with refused("NO_SECOND_APPROVER_NEEDED"):
        await office.approving.approve_revocation(office.site, own.assignment_id, "seen", WANG)
    with refused("REASON_MISSING", Trouble.INVALID):
        await office.approving.approve_revocation(office.site, made, " ", WANG)
    await office.approving.approve_revocation(office.site, made, "seen", WANG)
    ended = await office.assigning.revoke(office.site, made, "over", LI)

    assert "40 of 140" in said[0]
    assert ended.to_ms == NOW_MS


async def test_a_plan_that_changed_while_it_was_counted_is_refused_and_nothing_is_changed(opened: Open) -> None:
    office: Office = await opened(LARGE)
    policy_id = await office.approved(strict(office.site, "staff"))
    await office.approve(policy_id, ZHOU)
    async with counted_apart(office.schedule(policy_id)) as (counting, _):
        unguarded = Planning(office.store, unpublished, office.clock, str)
        await unguarded.put_plan(office.site, "areas: [{id: lawn, parent: campus}]", 0, "grass", SUN)
        version = await office.plan_version()
        with refused("PLAN_MOVED_ON", Trouble.STALE):
            await counting

    shown, _ = await office.enacting.get(office.site, policy_id)
    assert (shown.state, await office.plan_version()) == (PolicyState.APPROVED, version)
    assert (await office.schedule(policy_id)).state is PolicyState.SCHEDULED


async def test_a_process_killed_while_it_counts_asks_for_a_second_approver(opened: Open) -> None:
    office: Office = await opened(LARGE)
    policy_id, version = await office.approved(strict(office.site, "nobody")), await office.plan_version()

    async with counted_apart(office.schedule(policy_id)) as (counting, child):
        os.kill(child, signal.SIGKILL)
        with refused() as said:
            await counting

    shown, _ = await office.enacting.get(office.site, policy_id)
    assert "could not be computed" in said[0]
    assert (shown.state, await office.plan_version()) == (PolicyState.APPROVED, version)


async def test_what_is_not_counted_in_time_passes_on_the_word_of_somebody_who_knew_that(opened: Open) -> None:
    office: Office = await opened(LARGE, most_s=0.0)
    policy_id = await office.approved(strict(office.site, "nobody"))

    with refused():
        await office.schedule(policy_id)
    given = await office.approve(policy_id, ZHOU)
    scheduled = await office.schedule(policy_id)

    assert (given.loss.is_computed, scheduled.state) == (False, PolicyState.SCHEDULED)


async def test_a_small_site_and_one_without_a_bound_are_not_counted(opened: Open) -> None:
    for office in (await opened([("guest", 19)], 0.0), await opened(LARGE, 0.0, Bound(share_percent=100))):
        policy_id = await office.approved(strict(office.site, "guest"))

        scheduled = await office.schedule(policy_id)

        assert scheduled.state is PolicyState.SCHEDULED


async def test_a_scheduled_policy_leaves_the_plan_once_another_person_has_approved_that(
    opened: Open, pool: Pool
) -> None:
    office: Office = await opened(LARGE, most_s=0.0)
    policy_id, other = [await office.scheduled(strict(office.site, "guest")) for _ in range(2)]
    version = await office.plan_version()

    with refused() as said:
        await office.withdraw(policy_id)
    await office.approve_removal(policy_id, WANG)
    with refused():
        await office.withdraw(policy_id, WANG)
    with refused():
        await office.withdraw(other)
    unchanged, withdrawn = await office.plan_version(), await office.withdraw(policy_id)

    audited = "SELECT caller, action FROM audit WHERE target = $1 AND action LIKE '%R%'"
    assert (WANG, "APPROVE_REMOVAL") in [tuple(row) for row in await pool.fetch(audited, policy_id)]
    assert (LI, "WITHDRAW_POLICY_REFUSED") in [tuple(row) for row in await pool.fetch(audited, policy_id)]
    assert f"have somebody else approve that {policy_id} leaves the plan" in said[0]
    assert (unchanged, withdrawn.state) == (version, PolicyState.WITHDRAWN)
    with refused("POLICY_OUT_OF_TURN"):
        await office.approve_removal(policy_id, WANG)
    with refused("POLICY_UNKNOWN", Trouble.NOT_FOUND):
        await office.approve_removal("no-such-policy", WANG)


async def trip(office: Office, pool: Pool, policy_id: str, at_ms: int, alarm_id: str) -> None:
    """Refusals jumped after the policy took force."""
    change = Change(f"policy:9:{at_ms}", at_ms, 9, 8, policy_id)
    tripped = Trip(change, at_ms, Tally(20, 0), Tally(20, 20), "FACT_MISSING")
    alarm = WaitingAlarm(alarm_id, office.site, 1, change.change_id, "", at_ms)
    await Tripwires(pool).trip(office.site, tripped, alarm)


async def test_one_operator_rolls_back_what_a_trip_of_the_last_hour_names_and_nothing_else(
    opened: Open, pool: Pool, new_id: Callable[[], str]
) -> None:
    office: Office = await opened(LARGE, most_s=0.0)
    once_named, named, approved = [await office.scheduled(strict(office.site, "guest")) for _ in range(3)]
    now_ms = office.clock.now_ms()
    await trip(office, pool, once_named, now_ms - WATCHED_MS, new_id())
    await trip(office, pool, named, now_ms + 1 - WATCHED_MS, new_id())

    for policy_id in ("", once_named):
        with refused():
            await office.roll_back(policy_id)
    at_once = await office.roll_back(named)
    await office.approve_removal(approved, WANG)
    with refused():
        await office.roll_back(approved, WANG)
    with refused("PLAN_MOVED_ON", Trouble.STALE):
        await office.rolling.roll_back(office.site, 1, "the queue", LI)
    back = await office.roll_back()

    assert (at_once.policy_id, back.policy_id) == (named, approved)


async def test_a_trip_waives_the_count_neither_of_the_last_policy_nor_of_what_was_put_beneath_since(
    opened: Open, pool: Pool, new_id: Callable[[], str]
) -> None:
    office: Office = await opened(LARGE, most_s=0.0)
    (only,) = await office.enacting.listed(office.site, [])
    await trip(office, pool, only.policy.policy_id, office.clock.now_ms(), new_id())

    with refused():
        await office.roll_back(only.policy.policy_id)

    named = await office.scheduled(strict(office.site, "guest"))
    beneath = Planning(office.store, unpublished, office.clock, new_id)
    await beneath.activate_policy(office.site, strict(office.site, "staff"), 2, "because", SUN)
    await trip(office, pool, named, office.clock.now_ms(), new_id())

    with refused():
        await office.roll_back(named)


async def test_what_leaves_the_plan_does_not_wait_for_the_count_of_another_change(opened: Open) -> None:
    office: Office = await opened(LARGE)
    added = await office.scheduled(policy(office.site, next(VERSIONS)))
    waiting = await office.approved(strict(office.site, "nobody"))

    async with counted_apart(office.schedule(waiting)) as (counting, child):
        os.kill(child, signal.SIGSTOP)
        try:
            back = await office.roll_back(added)
            held_up = not counting.done()
        finally:
            os.kill(child, signal.SIGKILL)
        with refused():
            await counting

    assert (back.policy_id, held_up) == (added, True)


@pytest.mark.full
async def test_a_policy_cannot_be_laid_over_another_to_be_taken_off_again_by_one_hand(opened: Open) -> None:
    office: Office = await opened(LARGE)
    below, above = [next(VERSIONS) for _ in range(2)]
    over = await office.approved(policy(office.site, above))
    await office.schedule(over)
    under = await office.approved(strict(office.site, "guest").replace(f"version: {above + 1}", f"version: {below}"))

    with refused() as said:
        await office.schedule(under)
    await office.approve(under, ZHOU)
    await office.schedule(under)
    with refused() as withdrawing:
        await office.withdraw(over)
    with refused() as rolling:
        await office.roll_back(over)
    given = await office.approve_removal(over, WANG)
    await office.withdraw(over)

    assert ["30 of 100" in text[0] for text in (said, withdrawing, rolling)] == [True] * 3
    assert (given.loss.people, given.loss.points) == (LossCount(100, 30), (("n-in", 30, 0),))
    with refused("NO_SECOND_APPROVER_NEEDED"):
        await office.approve_removal(under, WANG)
    assert (await office.withdraw(under)).state is PolicyState.WITHDRAWN


@pytest.mark.full
async def test_a_limit_is_scheduled_once_somebody_knows_that_nobody_can_count_it(opened: Open) -> None:
    office: Office = await opened(LARGE)
    limited = policy(office.site, next(VERSIONS), "areas: [{area: library, limit: 1}]")
    policy_id = await office.approved(limited)

    with refused() as said:
        await office.schedule(policy_id)
    given = await office.approve(policy_id, ZHOU)
    scheduled = await office.schedule(policy_id)

    assert "0 of 100 people" in said[0]
    assert "whom these will refuse cannot be counted beforehand: the limit of library (1)" in said[0]
    assert (given.loss.unseen, scheduled.state) == ((("occupancy", "library", "1"),), PolicyState.SCHEDULED)
