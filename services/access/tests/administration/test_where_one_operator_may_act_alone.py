"""Which sites may activate a policy without a second operator, as the settings say."""

import pytest
from menshen_access.settings import AccessSettings
from menshen_access.wiring.background import enacting_terms
from menshen_servicekit.settings import describe, read_settings

NEEDED = {row.variable: "x" for row in describe(AccessSettings) if row.default is None}
NEEDED["MENSHEN_REDIS_URL"] = "redis://localhost/0"


def allowed(site: str, **changes: str) -> bool:
    given = read_settings(AccessSettings, {**NEEDED, **{f"MENSHEN_{name}": value for name, value in changes.items()}})
    return enacting_terms(given).lone(site)


@pytest.mark.parametrize(
    ("changes", "alone"),
    [
        ({}, False),
        ({"ENVIRONMENT": "production"}, False),
        ({"LONE_OPERATOR_SITES": "east"}, False),
        ({"LONE_OPERATOR_SITES": "east,north"}, True),
        ({"ENVIRONMENT": "development"}, True),
    ],
)
def test_in_production_one_operator_acts_alone_only_where_it_is_set(changes: dict[str, str], alone: bool) -> None:
    assert allowed("north", **changes) is alone


def test_a_policy_is_scheduled_a_minute_ahead_unless_set_otherwise() -> None:
    usual = enacting_terms(read_settings(AccessSettings, NEEDED))
    sooner = enacting_terms(read_settings(AccessSettings, {**NEEDED, "MENSHEN_POLICY_LEAD_S": "5"}))

    assert (usual.lead_ms, sooner.lead_ms) == (60_000, 5_000)
