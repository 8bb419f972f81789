"""SQL by name: a package file of statements, each under a line `-- name: statement_name`."""

import re
from collections.abc import Iterator, Mapping
from importlib import resources

_NAME = re.compile(r"^--\s*name:\s*(?P<name>[a-z][a-z0-9_]*)\s*$", re.MULTILINE)


class Queries(Mapping[str, str]):
    """Frozen statements, as `queries.insert_event` or `queries["insert_event"]`."""

    def __init__(self, statements: Mapping[str, str]) -> None:
        self._statements = dict(statements)

    def __getattr__(self, name: str) -> str:
        try:
            return self._statements[name]
        except KeyError:
            raise AttributeError(f"no statement is named {name}") from None

    def __getitem__(self, name: str) -> str:
        return self._statements[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._statements)

    def __len__(self) -> int:
        return len(self._statements)


def load_queries(package: str, file: str = "queries.sql") -> Queries:
    """Read `file` of the importable `package`; ValueError when a name is doubled or a statement is empty."""
    return parse_queries(resources.files(package).joinpath(file).read_text(encoding="utf-8"))


def parse_queries(text: str) -> Queries:
    """The statements of one SQL text. What stands before the first name may only be comments."""
    head, *pieces = _NAME.split(text)
    if _without_comments(head):
        raise ValueError("SQL stands before the first `-- name:` line")
    statements: dict[str, str] = {}
    for name, body in zip(pieces[::2], pieces[1::2], strict=True):
        if name in statements:
            raise ValueError(f"two statements are named {name}")
        if not _without_comments(body):
            raise ValueError(f"statement {name} is empty")
        statements[name] = body.strip().removesuffix(";")
    return Queries(statements)


def _without_comments(sql: str) -> str:
    return "".join(line for line in sql.splitlines() if not line.lstrip().startswith("--")).strip()
