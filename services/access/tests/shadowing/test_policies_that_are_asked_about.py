"""Which document answers for a stored policy that a replay asks about."""

import json
from typing import Any

import pytest
from menshen_access.drafts import Drafts
from menshen_access.work_apart import HERE
from menshen_rulebook.plan import plan_from_mapping
from menshen_servicekit.status import DomainError

OFFICE_HOURS = ", hours: [{access_point: n-in, schedule: office}]"
LI = "operator/li"


async def test_a_withdrawn_draft_is_not_taken_for_the_policy_of_its_number_in_the_plan(campus: Any) -> None:
    withdrawn, other = await campus.draft(2, OFFICE_HOURS), await campus.draft(3, OFFICE_HOURS)
    for policy_id in (withdrawn, other):
        await campus.enacting.withdraw(campus.site, policy_id, "not fit", LI)
    await campus.activate(2)
    drafts = Drafts(campus.policies, HERE, campus.clock)

    with pytest.raises(DomainError) as refused:
        await drafts.asked(campus.site, withdrawn, "")
    asked = await drafts.asked(campus.site, other, "")

    assert (refused.value.code, [trouble.path for trouble in refused.value.fields]) == ("DOCUMENT_INVALID", ["version"])
    assert asked.version == 3
    assert [bool(one.hours) for one in plan_from_mapping(json.loads(asked.plan)).policies] == [False, False, True]
