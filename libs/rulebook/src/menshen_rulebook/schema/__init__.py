"""JSON Schema (2020-12) of plan and policy documents, made from the types that read them.

A schema says what can be said of one document by itself: keys, types, words, forms. What it cannot say (an id that is
defined elsewhere, an end before a start, an access point nobody can pass) is said by the readers and by
`menshen_rulebook.analysis`. Where the readers are lenient about the form of an instant, the schema knows only the form
the documents teach: `2026-03-02T08:00:00+08:00`.
"""

from menshen_rulebook.schema.documents import plan_schema, policy_schema, schema_text

__all__ = ["plan_schema", "policy_schema", "schema_text"]
