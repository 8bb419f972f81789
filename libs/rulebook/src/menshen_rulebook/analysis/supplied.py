"""Requirements on facts nobody supplies, and sources that do not exist."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, TypeVar

from menshen_rulebook.analysis.finding import Findings
from menshen_rulebook.clauses import Condition, FactTest, Fee, Reminder, Requirement
from menshen_rulebook.plan import SitePlan
from menshen_rulebook.policy import Policy
from menshen_rulebook.vocabulary import LeaveMode

C = TypeVar("C", Requirement, Reminder, Fee)

INHERENT: Final = frozenset({"subject.category", "vehicle.class", "permit.state"})
"""The facts every record has without a source."""


@dataclass(frozen=True, slots=True)
class Supply:
    """The facts that reach the gates of a site: by source, and those measured at the lanes.

    The rulebook cannot know them: sources report facts to `identity` under a name of their own, and lanes measure what
    their hardware can. Whoever checks a policy states them.
    """

    sources: tuple[tuple[str, frozenset[str]], ...] = ()
    measured: frozenset[str] = frozenset()

    def supplies(self, fact: str) -> bool:
        """Whether this fact may ever be found."""
        return fact in INHERENT or fact in self.measured or any(fact in facts for _, facts in self.sources)


def check_facts(policy: Policy, prefix: str, supply: Supply, found: Findings) -> None:
    """Note every test whose fact or source nobody supplies. `prefix` stands before every path."""
    for place, requirement in _awake(policy, policy.requirements):
        at = f"{prefix}requirements[{place}]"
        _check(requirement.test, f"{at}.test", supply, found, "FACT_NOT_SUPPLIED")
        _check_conditions(requirement.only_if, at, supply, found)
    for place, reminder in _awake(policy, policy.reminders):
        _check_conditions(reminder.only_if, f"{prefix}reminders[{place}]", supply, found)
    for place, fee in _awake(policy, policy.fees):
        at = f"{prefix}fees[{place}]"
        _check_conditions(fee.only_if, at, supply, found)
        if fee.waived_by is not None:
            _check(fee.waived_by, f"{at}.waived_by", supply, found, "FACT_NOT_SUPPLIED")
    leave = policy.leave
    if leave.mode in (LeaveMode.NORMAL, LeaveMode.CLOSED):
        test = FactTest(leave.fact, source=leave.source)
        _check(test, f"{prefix}leave", supply, found, "FACT_NOT_SUPPLIED")


def check_bounds(plan: SitePlan, policy: Policy, prefix: str, found: Findings) -> None:
    """Note the sources a policy names for which the plan, which bounds others, has no bound."""
    known = {source.source_id for source in plan.sources}
    named = [(f"{path}.source", test.source) for path, test in tests_of(policy)]
    if policy.leave.mode in (LeaveMode.NORMAL, LeaveMode.CLOSED):
        named.append(("leave.source", policy.leave.source))
    for path, source in named:
        if known and source and source not in known:
            found.add("SOURCE_WITHOUT_BOUND", f"{prefix}{path}", source=source)


def _awake(policy: Policy, clauses: Iterable[C]) -> Iterator[tuple[int, C]]:
    return ((place, clause) for place, clause in enumerate(clauses) if clause.pack not in policy.switched_off)


def tests_of(policy: Policy) -> Iterator[tuple[str, FactTest]]:
    """Every test of a policy with its path."""
    for place, requirement in enumerate(policy.requirements):
        yield f"requirements[{place}].test", requirement.test
        for row, condition in enumerate(requirement.only_if):
            yield f"requirements[{place}].only_if[{row}].test", condition.test
    for place, reminder in enumerate(policy.reminders):
        for row, condition in enumerate(reminder.only_if):
            yield f"reminders[{place}].only_if[{row}].test", condition.test
    for place, fee in enumerate(policy.fees):
        for row, condition in enumerate(fee.only_if):
            yield f"fees[{place}].only_if[{row}].test", condition.test
        if fee.waived_by is not None:
            yield f"fees[{place}].waived_by", fee.waived_by


def _check_conditions(conditions: tuple[Condition, ...], at: str, supply: Supply, found: Findings) -> None:
    for row, condition in enumerate(conditions):
        _check(condition.test, f"{at}.only_if[{row}].test", supply, found, "CONDITION_NOT_SUPPLIED")


def _check(test: FactTest, at: str, supply: Supply, found: Findings, missing: str) -> None:
    by_source = dict(supply.sources)
    if not supply.supplies(test.fact):
        found.add(missing, f"{at}.fact", fact=test.fact)
    if test.source and test.source not in by_source:
        found.add("SOURCE_UNKNOWN", f"{at}.source", source=test.source)
    elif test.source and test.fact not in by_source[test.source] and supply.supplies(test.fact):
        found.add("FACT_OF_OTHER_SOURCE", f"{at}.source", source=test.source, fact=test.fact)
