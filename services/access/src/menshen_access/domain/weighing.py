"""Between which plans a change is counted, so that no policy, date or companion hides what it takes. Pure; epoch ms.

Every change is counted as the plan stands, over the week from when on it counts. A new policy is counted also without
those that are not in force yet, because one operator may have put them there to be taken out again, or to end. And each
policy that is to be in force at some time is held against the one that is then in its place, as if both were in force
from now on: so alone are rights seen that are to be prolonged before it takes force, and what another one hides today.
A new policy that others overrule for ever is held against the one in force. What a change takes later than in the first
week, at dates of its own, is counted over a further week each (`domain.taken_later`).

Where somebody must come first or along, nobody passes alone, and nobody would have anything to lose there: each of
these is counted once more without what asks for company before the change, in both plans.
"""

from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import Final, NamedTuple

from menshen_rulebook.plan import SitePlan
from menshen_rulebook.policy import Policy
from menshen_rulebook.vocabulary import FOREVER_MS

from menshen_access.domain.company import without_company
from menshen_access.domain.taken_later import taken_later

WEEK_MS: Final = 7 * 86_400_000


class Weighing(NamedTuple):
    """Two plans, and the beginning of the week over which they are held against each other."""

    before: SitePlan
    after: SitePlan
    from_ms: int


def weighings(before: SitePlan, after: SitePlan, from_ms: int, now_ms: int) -> tuple[Weighing, ...]:
    """Those of a change that counts from an instant on, each once; none where nothing is to be seen.

    TooManyInstantsError as `taken_later` says.
    """
    start_ms = max(from_ms, now_ms)
    starts = [start_ms, *taken_later(before, after, start_ms, WEEK_MS)]
    found, old, new = [_over_a_week(before, after, at_ms) for at_ms in starts], before, after
    if not set(after.policies) <= set(before.policies):
        to_come = {one.version for one in before.policies if one.from_ms > now_ms}
        old, new = _without(before, to_come), _without(after, to_come)
        found.append(_over_a_week(old, new, start_ms))
    for one, other in _in_turn(old, new, now_ms):
        found.append(_over_a_week(_alone(before, one), _alone(after, other), now_ms))
    in_force = _alone(before, before.policy_at(now_ms))
    found += [_over_a_week(in_force, _alone(after, one), now_ms) for one in _overruled(before, after, now_ms)]
    found += [Weighing(*without_company(one.before, one.after), one.from_ms) for one in found]
    return tuple(one for place, one in enumerate(found) if one not in found[:place] and one.before != one.after)


def _overruled(before: SitePlan, after: SitePlan, now_ms: int) -> Iterator[Policy]:
    """The new policies that others overrule for as long as they last."""
    instants = [now_ms, *(at_ms for at_ms in after.index.policy_boundaries() if at_ms > now_ms)]
    known = {one.version for one in before.policies}
    seen = known | {one.version for at_ms in instants if (one := after.policy_at(at_ms)) is not None}
    return (one for one in after.policies if one.version not in seen and one.to_ms > now_ms)


def _in_turn(old: SitePlan, new: SitePlan, now_ms: int) -> Iterator[tuple[Policy, Policy | None]]:
    """The policies in force at some time from now on, each with the one then in its place, itself as a rule."""
    later = {*old.index.policy_boundaries(), *new.index.policy_boundaries()}
    told: set[tuple[int, int]] = set()
    for at_ms in sorted({now_ms, *(at_ms for at_ms in later if at_ms > now_ms)}):
        one, other = old.policy_at(at_ms), new.policy_at(at_ms)
        names = (one.version if one else 0, other.version if other else 0)
        if one is not None and names not in told:
            told.add(names)
            yield one, other


def _over_a_week(before: SitePlan, after: SitePlan, from_ms: int) -> Weighing:
    to_ms = from_ms + WEEK_MS
    return Weighing(_reigning(before, from_ms, to_ms), _reigning(after, from_ms, to_ms), from_ms)


def _reigning(plan: SitePlan, from_ms: int, to_ms: int) -> SitePlan:
    """The plan with those of its policies alone that are in force at some time in [from_ms, to_ms)."""
    instants = [from_ms, *(at_ms for at_ms in plan.index.policy_boundaries() if from_ms < at_ms < to_ms)]
    holders = [plan.policy_at(at_ms) for at_ms in instants]
    if len(set(holders)) == 1:
        return _alone(plan, holders[0])
    reigning = {one.version for one in holders if one is not None}
    return _without(plan, {one.version for one in plan.policies} - reigning)


def _alone(plan: SitePlan, policy: Policy | None) -> SitePlan:
    always = () if policy is None else (replace(policy, from_ms=0, to_ms=FOREVER_MS),)
    return replace(plan, policies=always)


def _without(plan: SitePlan, versions: Collection[int]) -> SitePlan:
    return replace(plan, policies=tuple(one for one in plan.policies if one.version not in versions))
