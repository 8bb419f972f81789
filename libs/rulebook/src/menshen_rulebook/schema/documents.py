"""The schemas of the two documents."""

import json
from typing import Any, Final

from menshen_rulebook.plan import SitePlan
from menshen_rulebook.policy import LANGUAGE, Policy
from menshen_rulebook.schema.definitions import Definitions

_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


def policy_schema() -> dict[str, Any]:
    """The schema of a policy document, as `menshen_rulebook.policy.parse_policy` reads it."""
    return _schema(Policy, f"policy-{LANGUAGE}", ("策略文档，策略语言", "Policy document, policy language"))


def plan_schema() -> dict[str, Any]:
    """The schema of a whole plan, as `menshen_rulebook.plan.plan_from_mapping` reads it."""
    return _schema(SitePlan, f"plan-{LANGUAGE}", ("站点方案，策略语言", "Site plan, policy language"))


def schema_text(schema: dict[str, Any]) -> str:
    """The file a schema is published as: the same types give the same text."""
    return json.dumps(schema, ensure_ascii=False, indent=2) + "\n"


def _schema(root: type, name: str, title: tuple[str, str]) -> dict[str, Any]:
    definitions = Definitions()
    reference = definitions.refer(root)
    return {
        "$schema": _DIALECT,
        "$id": f"urn:menshen:schema:{name}",
        "title": f"{title[0]} {LANGUAGE} · {title[1]} {LANGUAGE}",
        **reference,
        "$defs": dict(sorted(definitions.found.items())),
    }
