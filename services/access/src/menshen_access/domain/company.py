"""Plans without what asks for somebody else at an access point: a first or second person, an escort, a driver. Pure."""

from dataclasses import replace

from menshen_rulebook.plan import AccessPoint, SitePlan
from menshen_rulebook.vocabulary import PersonRule


def without_company(before: SitePlan, after: SitePlan) -> tuple[SitePlan, SitePlan]:
    """Both plans without the company that the first asks for; what the second alone asks for stays in it."""
    known = {one.access_point_id: one for one in before.access_points}
    drivers = any(policy.vehicles.drivers for policy in before.policies)
    if not drivers and all(not one.opened_by and one.person_rule is PersonRule.SINGLE for one in known.values()):
        return before, after
    return _without(before, known, drivers=drivers), _without(after, known, drivers=drivers)


def _without(plan: SitePlan, known: dict[str, AccessPoint], *, drivers: bool) -> SitePlan:
    points = tuple(_lone(one, known.get(one.access_point_id, one)) for one in plan.access_points)
    policies = plan.policies
    if drivers:
        policies = tuple(replace(one, vehicles=replace(one.vehicles, drivers=())) for one in policies)
    return replace(plan, access_points=points, policies=policies)


def _lone(point: AccessPoint, asked: AccessPoint) -> AccessPoint:
    opened_by = frozenset() if asked.opened_by else point.opened_by
    person_rule = point.person_rule if asked.person_rule is PersonRule.SINGLE else PersonRule.SINGLE
    return replace(point, opened_by=opened_by, person_rule=person_rule)
