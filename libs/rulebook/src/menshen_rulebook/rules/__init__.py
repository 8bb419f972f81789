"""The rules, one a module, in rule order."""

from typing import Final

from menshen_rulebook.rules import (
    access_level,
    access_point,
    anti_passback,
    code,
    credential_known,
    credential_state,
    driver,
    emergency_release,
    fees,
    interlock,
    leave,
    lists,
    lockdown,
    occupancy,
    orders,
    parking,
    persons,
    pin,
    plate,
    policy_in_force,
    reminders,
    requirements,
    tag_binding,
    threats,
    vehicle_permit,
    visit,
)
from menshen_rulebook.rules.rule import Rule

RULES: Final[tuple[Rule, ...]] = (
    emergency_release.RULE,
    lockdown.RULE,
    orders.RULE,
    threats.RULE,
    policy_in_force.RULE,
    credential_known.RULE,
    credential_state.RULE,
    tag_binding.RULE,
    pin.RULE,
    code.RULE,
    lists.RULE,
    visit.RULE,
    access_point.RULE,
    access_level.RULE,
    requirements.RULE,
    leave.RULE,
    vehicle_permit.RULE,
    plate.RULE,
    driver.RULE,
    persons.RULE,
    interlock.RULE,
    anti_passback.RULE,
    occupancy.RULE,
    parking.RULE,
    fees.RULE,
    reminders.RULE,
)

__all__ = ["RULES", "Rule"]
