"""Statements by name."""

import pytest
from menshen_servicekit.queries import parse_queries

TEXT = """
-- Queries of the test.

-- name: first_one
SELECT a
FROM t  -- why
WHERE b = $1;

-- name: second_one
DELETE FROM t;
"""


def test_statements_are_found_by_attribute_and_by_key() -> None:
    queries = parse_queries(TEXT)

    assert list(queries) == ["first_one", "second_one"]
    assert queries.second_one == queries["second_one"] == "DELETE FROM t"
    assert queries.first_one == "SELECT a\nFROM t  -- why\nWHERE b = $1"


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="third_one"):
        _ = parse_queries(TEXT).third_one


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("-- name: a\nSELECT 1;\n-- name: a\nSELECT 2;", "two statements are named a"),
        ("-- name: a\n-- nothing\n-- name: b\nSELECT 1;", "statement a is empty"),
        ("SELECT 1;\n-- name: a\nSELECT 2;", "before the first"),
    ],
)
def test_a_doubtful_file_is_refused(text: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        parse_queries(text)
