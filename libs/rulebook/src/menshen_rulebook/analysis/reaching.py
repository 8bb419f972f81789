"""Clauses that reach nobody, contradict themselves, or are overtaken by an earlier one."""

from collections.abc import Iterator
from typing import Final

from menshen_rulebook.analysis.finding import Findings
from menshen_rulebook.analysis.supplied import tests_of
from menshen_rulebook.analysis.threatened import check_threats, covers
from menshen_rulebook.clauses import Condition, FactTest, Requirement, Where
from menshen_rulebook.plan import AccessPoint, SitePlan
from menshen_rulebook.points import VEHICLE_CLASSES, applies, leads_out
from menshen_rulebook.policy import Policy
from menshen_rulebook.rules.requirements import ruling
from menshen_rulebook.subject import FactValue
from menshen_rulebook.vocabulary import HIGHEST_THREAT, FactState, LeaveMode, Outcome

_FINDINGS: Final = tuple(state for state in FactState if state)
_TRUTHS: Final = {"true": True, "false": False}


def check_clauses(policy: Policy, prefix: str, found: Findings) -> None:
    """Note what a policy says in vain by itself, whatever the site looks like."""
    for path, test in tests_of(policy):
        if _is_never_present(test):
            found.add("TEST_NEVER_PRESENT", prefix + path, fact=test.fact)
    for path, where, conditions in _clauses(policy):
        _check_conditions(where, conditions, prefix + path, found)
        if where.threat_level > HIGHEST_THREAT:
            found.add("CLAUSE_ABOVE_EVERY_LEVEL", f"{prefix}{path}.where.threat_level", highest=HIGHEST_THREAT)
    check_threats(policy, prefix, found)
    for place, requirement in enumerate(policy.requirements):
        if _is_other_category(requirement.where, requirement.test):
            found.add("CATEGORY_EXCLUDED", f"{prefix}requirements[{place}].test")
        _check_effect(policy, place, requirement, prefix, found)
    _check_packs(policy, prefix, found)
    for part, names in _keyed(policy):
        for place, name in enumerate(names):
            if name in names[:place]:
                found.add("CLAUSE_SAID_TWICE", f"{prefix}{part}[{place}]", name=name, part=part)


def _check_packs(policy: Policy, prefix: str, found: Findings) -> None:
    named = [one.pack for one in policy.requirements]
    named += [one.pack for one in policy.reminders]
    named += [one.pack for one in policy.fees]
    for pack in sorted(policy.switched_off - frozenset(named)):
        found.add("PACK_UNKNOWN", f"{prefix}switched_off", pack=pack)


def _check_conditions(where: Where, conditions: tuple[Condition, ...], path: str, found: Findings) -> None:
    if _contradict(conditions):
        found.add("CONDITIONS_CONTRADICT", f"{path}.only_if")
    for row, condition in enumerate(conditions):
        if condition.present and _is_other_category(where, condition.test):
            found.add("CATEGORY_EXCLUDED", f"{path}.only_if[{row}]")


def check_reach(plan: SitePlan, policy: Policy, prefix: str, found: Findings) -> None:
    """Note the clauses no access point or category of this site ever meets."""
    for path, where, _ in _clauses(policy):
        reached = [point for point in plan.access_points if applies(where, point, _into(plan, point))]
        if not reached:
            named = where.access_point_ids or where.area_ids
            found.add("CLAUSE_REACHES_NO_POINT" if named else "CLAUSE_NO_SUCH_POINT", f"{prefix}{path}.where")
        elif path.startswith("threats") and all(leads_out(point) for point in reached):
            found.add("THREAT_AT_WAYS_OUT", f"{prefix}{path}.where")
    known = _categories(plan, policy)
    if not plan.group_assignments:
        return
    for path, categories in _named_categories(policy):
        for category in sorted(categories - known):
            found.add("CATEGORY_UNNAMED", prefix + path, category=category)


def _into(plan: SitePlan, point: AccessPoint) -> tuple[str, ...]:
    return plan.index.area_path(point.to_area_id)


def _clauses(policy: Policy) -> Iterator[tuple[str, Where, tuple[Condition, ...]]]:
    for place, requirement in enumerate(policy.requirements):
        yield f"requirements[{place}]", requirement.where, requirement.only_if
    for place, reminder in enumerate(policy.reminders):
        yield f"reminders[{place}]", reminder.where, reminder.only_if
    for place, fee in enumerate(policy.fees):
        yield f"fees[{place}]", fee.where, fee.only_if
    for place, threat in enumerate(policy.threats):
        yield f"threats[{place}]", threat.where, ()
    for place, check in enumerate(policy.vehicles.drivers):
        yield f"vehicles.drivers[{place}]", check.where, ()


def _keyed(policy: Policy) -> Iterator[tuple[str, list[str]]]:
    yield "hours", [hours.access_point_id for hours in policy.hours]
    yield "areas", [rule.area_id for rule in policy.areas]
    yield "admissions", [admission.access_point_class.name for admission in policy.admissions]


def _categories(plan: SitePlan, policy: Policy) -> frozenset[str]:
    groups = {assignment.group for assignment in plan.group_assignments}
    for point in plan.access_points:
        groups |= point.opened_by
    return frozenset(groups) | policy.visitors.categories


def _named_categories(policy: Policy) -> Iterator[tuple[str, frozenset[str]]]:
    for path, where, _ in _clauses(policy):
        # Vehicles have categories of their own, which no assignment names.
        speaks_of_vehicles = path.startswith("vehicles.") or (where.classes and where.classes <= VEHICLE_CLASSES)
        if not speaks_of_vehicles:
            yield f"{path}.where.categories", where.categories
    if policy.leave.mode in (LeaveMode.NORMAL, LeaveMode.CLOSED):
        yield "leave.categories", policy.leave.categories
    yield "lockdown_override.categories", policy.lockdown_override.categories
    for place, threat in enumerate(policy.threats):
        if threat.admits is not None:
            yield f"threats[{place}].admits.categories", threat.admits.categories


def _contradict(conditions: tuple[Condition, ...]) -> bool:
    # Python holds 1, 1.0 and true for equal; a fact given as text tells them apart, and so does their written form.
    written = {(repr(condition.test), condition.present) for condition in conditions}
    return any((test, not present) in written for test, present in written)


def _is_other_category(where: Where, test: FactTest) -> bool:
    # A source might report a second category, so that this is no certain mistake.
    is_tested = test.fact == "subject.category" and bool(test.accept) and bool(where.categories)
    return is_tested and where.categories.isdisjoint({str(value) for value in test.accept})


def _is_never_present(test: FactTest) -> bool:
    if not _is_bounded(test):
        return False
    if test.at_least is not None and not _is_within(test, test.at_least):
        return True
    # A value counts as accepted by its text as well, so that `null` may be met by a text.
    if not test.accept or None in test.accept:
        return False
    return not any(_is_within(test, value) for value in test.accept)


def _is_bounded(test: FactTest) -> bool:
    return test.at_least is not None or test.at_most is not None or test.below is not None


def _is_within(test: FactTest, value: FactValue) -> bool:
    try:
        number = float((_TRUTHS.get(value, value) if isinstance(value, str) else value) or 0)
    except (ValueError, OverflowError):
        return False
    return (
        (test.at_least is None or number >= test.at_least)
        and (test.at_most is None or number <= test.at_most)
        and (test.below is None or number < test.below)
    )


def _check_effect(policy: Policy, place: int, requirement: Requirement, prefix: str, found: Findings) -> None:
    path = f"{prefix}requirements[{place}]"
    if max(_outcomes(requirement)) <= Outcome.GRANT:
        found.add("REQUIREMENT_WITHOUT_EFFECT", path, requirement=requirement.requirement_id)
    for ban in policy.requirements[:place]:
        is_awake = ban.pack not in policy.switched_off
        if is_awake and min(_outcomes(ban)) is Outcome.DENY and _covers(ban, requirement):
            found.add("REQUIREMENT_SHADOWED", path, requirement=requirement.requirement_id, ban=ban.requirement_id)
            return


def _outcomes(requirement: Requirement) -> set[Outcome]:
    """Every ruling that may come out; a category a clause asks for and accepts is always found."""
    where, test = requirement.where, requirement.test
    is_plain = not _is_bounded(test) and test.max_age_ms is None and not test.newest
    if test.fact == "subject.category" and is_plain and where.categories and where.categories <= set(test.accept):
        return {requirement.rulings.present}
    return {ruling(requirement.rulings, state) for state in _FINDINGS}


def _covers(ban: Requirement, later: Requirement) -> bool:
    return covers(ban.where, later.where) and {repr(condition) for condition in ban.only_if} <= {
        repr(condition) for condition in later.only_if
    }
