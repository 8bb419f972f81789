"""Names that say nothing, rooms without walls, clocks read out of turn, and comments that tell history are refused."""

import ast
import io
import re
import subprocess
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LONGEST_FILE = 500

SAYS_NOTHING = re.compile(r"(Manager|Helper|Handler|Utils?|Base|Impl|Common|Data|Info)(?=$|[A-Z_0-9])")
SAYS_NOTHING_AS_MODULE = {"utils", "util", "helpers", "helper", "common", "misc", "base", "manager", "managers"}

WALL_CLOCKS = {
    "time.time", "time.time_ns", "time.localtime", "time.gmtime",
    "datetime.now", "datetime.utcnow", "datetime.today", "date.today",
    "datetime.datetime.now", "datetime.datetime.utcnow", "datetime.datetime.today", "datetime.date.today",
}  # fmt: skip
MAY_READ_THE_WALL_CLOCK = {"libs/servicekit/src/menshen_servicekit/clock.py"}

TELLS_HISTORY = re.compile(
    r"\b(previously|formerly|no longer|used to (be|do|have|return|live)|was (renamed|moved|removed)|(re)?written from"
    r"|refactored|backwards?[- ]compat\w*|legacy|old (code|version|implementation)|hot ?fix|workaround for #"
    r"|issue #?\d+|todo|fixme|xxx|hack)\b",
    re.IGNORECASE,
)
BANNER = re.compile(r"^#\s*([-=#*~_])\1{3,}|^#.*([-=#*~])\2{5,}\s*$")
MACHINE_PATH = re.compile(r"(?<![\w.])(/hom[e]/[a-z]|/User[s]/|/roo[t]/|/wor[k]/|[C]:\\)")


def tracked(*suffixes: str) -> list[Path]:
    """The files of the tree that are written by hand."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True, timeout=60,
    ).stdout.split("\0")  # fmt: skip
    paths = (ROOT / name for name in listed if name.endswith(suffixes) and not name.startswith("protos/gen/"))
    return [path for path in paths if path.is_file()]


def shown(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


PYTHON_FILES = tracked(".py")
OWN_PYTHON_FILES = [path for path in PYTHON_FILES if "/src/" in shown(path)]


def defined_names(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.lineno, node.name


def comments(text: str) -> Iterator[tuple[int, str]]:
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


def dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    return f"{dotted(node.value)}.{node.attr}" if isinstance(node, ast.Attribute) else ""


def test_the_tree_was_found() -> None:
    assert len(OWN_PYTHON_FILES) > 50


def test_no_module_has_a_name_that_says_nothing() -> None:
    found = [
        shown(path) for path in PYTHON_FILES if SAYS_NOTHING_AS_MODULE & {path.stem, *path.relative_to(ROOT).parts}
    ]

    assert found == []


def test_no_class_has_a_name_that_says_nothing() -> None:
    found = [
        f"{shown(path)}:{line} {name}"
        for path in OWN_PYTHON_FILES
        for line, name in defined_names(ast.parse(path.read_text(encoding="utf-8")))
        if name[:1].isupper() and SAYS_NOTHING.search(name)
    ]

    assert found == []


def test_no_file_is_longer_than_anyone_reads() -> None:
    lengths = {shown(path): len(path.read_text(encoding="utf-8").splitlines()) for path in PYTHON_FILES}

    assert {name: length for name, length in lengths.items() if length > LONGEST_FILE} == {}


def test_only_the_clock_reads_the_wall_clock() -> None:
    found = [
        f"{shown(path)}:{node.lineno} {dotted(node)}"
        for path in OWN_PYTHON_FILES
        if shown(path) not in MAY_READ_THE_WALL_CLOCK
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and dotted(node) in WALL_CLOCKS
    ]

    assert found == []


def test_no_comment_tells_history_or_draws_a_banner() -> None:
    found = [
        f"{shown(path)}:{line} {comment}"
        for path in PYTHON_FILES
        for line, comment in comments(path.read_text(encoding="utf-8"))
        if TELLS_HISTORY.search(comment) or BANNER.search(comment)
    ]

    assert found == []


def test_no_file_names_a_path_of_someones_machine() -> None:
    suffixes = (".py", ".md", ".toml", ".yaml", ".yml", ".sql", ".proto", ".lua", "Makefile", ".ci/run")
    found = [
        f"{shown(path)}:{number} {line.strip()[:80]}"
        for path in tracked(*suffixes)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if MACHINE_PATH.search(line)
    ]

    assert found == []


@pytest.mark.parametrize(
    ("pattern", "refused", "allowed"),
    [
        (SAYS_NOTHING, "SessionManager", "Manageress"),
        (SAYS_NOTHING, "BaseRule", "Database"),
        (TELLS_HISTORY, "# no longer needed", "# the longer of both"),
        (BANNER, "# ------ rules ------", "# a - b"),
        (MACHINE_PATH, f"see /{'home'}/anna/x", "spiffe://menshen/site"),
    ],
)
def test_the_patterns_refuse_what_they_are_for(pattern: re.Pattern[str], refused: str, allowed: str) -> None:
    assert pattern.search(refused)
    assert not pattern.search(allowed)
