"""The example documents, as they stand: read as an operator's are, comments and all."""

from collections.abc import Callable
from pathlib import Path

import pytest
from menshen_access.planning import Planning
from menshen_access.postgres.administration import Administration
from menshen_access.postgres.sites import Sites
from menshen_servicekit.clock import ManualClock
from menshen_servicekit.postgres import Pool

EXAMPLES = Path(__file__).parents[4] / "examples" / "policies"
CAMPUSES = ("east", "lake", "north")


async def _unpublished(_site: str) -> None:
    return None


@pytest.mark.parametrize("campus", CAMPUSES)
async def test_every_example_is_accepted_as_it_stands(
    campus: str, pool: Pool, sites: Sites, new_id: Callable[[], str]
) -> None:
    planning = Planning(Administration(pool, sites), _unpublished, ManualClock(), new_id)
    text = (EXAMPLES / "plans" / f"{campus}.yaml").read_text(encoding="utf-8")
    policies = sorted((EXAMPLES / campus).glob("*.yaml"))

    await planning.put_plan(campus, text, 0, "example", "operator/li")
    checks = {path.name: await planning.validate_policy(campus, path.read_text("utf-8")) for path in policies}

    assert len(policies) == (5 if campus == "north" else 1)
    assert [name for name, check in checks.items() if not check.is_fit] == []
