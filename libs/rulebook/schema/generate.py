"""Writes the published schemas beside this file from the types of the rulebook."""

from pathlib import Path

from menshen_rulebook.schema import plan_schema, policy_schema, schema_text

HERE = Path(__file__).parent
SCHEMAS = {"policy-1.schema.json": policy_schema, "plan-1.schema.json": plan_schema}


def main() -> None:
    """Write every schema."""
    for name, make in SCHEMAS.items():
        (HERE / name).write_text(schema_text(make()), encoding="utf-8")


if __name__ == "__main__":
    main()
