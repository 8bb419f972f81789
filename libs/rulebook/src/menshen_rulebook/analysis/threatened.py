"""Threat clauses that change nothing, or leave nobody to enter."""

from menshen_rulebook.analysis.finding import Findings
from menshen_rulebook.clauses import Admitted, Where
from menshen_rulebook.policy import Policy
from menshen_rulebook.vocabulary import CredentialRequirement


def check_threats(policy: Policy, prefix: str, found: Findings) -> None:
    """Note what the threat clauses of a policy say in vain, or against each other."""
    for place, threat in enumerate(policy.threats):
        path = f"{prefix}threats[{place}]"
        if threat.admits is None and threat.requires is CredentialRequirement.CARD:
            found.add("THREAT_WITHOUT_EFFECT", path)
        if threat.admits is None:
            continue
        for other, lower in enumerate(policy.threats):
            if other == place or lower.admits is None or not covers(lower.where, threat.where):
                continue
            if _have_nobody_in_common(threat.admits, lower.admits):
                found.add("THREAT_ADMITS_NOBODY", f"{path}.admits", other=f"threats[{other}]")
                break


def covers(wide: Where, narrow: Where) -> bool:
    """Whether a clause surely applies wherever, and to whomever, another one does."""
    pairs = (
        (wide.categories, narrow.categories),
        (wide.groups, narrow.groups),
        (wide.access_point_ids, narrow.access_point_ids),
        (wide.classes, narrow.classes),
        (wide.directions, narrow.directions),
        (wide.area_ids, narrow.area_ids),
    )
    return wide.threat_level <= narrow.threat_level and all(
        not outer or (inner and inner <= outer) for outer, inner in pairs
    )


def _have_nobody_in_common(one: Admitted, other: Admitted) -> bool:
    return one.categories.isdisjoint(other.categories) and one.groups.isdisjoint(other.groups)
