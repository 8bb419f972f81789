"""The image recipe: hadolint's rules and a few of our own."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from manifests.rendered import Finding


def check(recipe: Path, makefile: Path) -> Iterator[Finding]:
    """What is wrong with a Dockerfile; `makefile` says which uv the project is locked with."""
    where, text = recipe.name, recipe.read_text(encoding="utf-8")
    yield from (Finding(where, line) for line in _hadolint(recipe))
    wanted = re.search(r"^UV_VERSION := (\S+)$", makefile.read_text(encoding="utf-8"), re.MULTILINE)
    if not wanted or f"ARG UV_VERSION={wanted[1]}\n" not in text:
        yield Finding(where, "installs with another uv than the Makefile")
    if not re.search(r"^USER [1-9]\d{3,}:[1-9]\d{3,}$", text.rpartition("\nFROM ")[2], re.MULTILINE):
        yield Finding(where, "its last stage does not end as a numeric user")
    for option in ("--frozen", "--no-dev"):
        if option not in text:
            yield Finding(where, f"uv sync without {option}")
    if re.search(r"^ARG PYTHON_IMAGE=\S+:\d+\.\d+\.\d+-\S+$", text, re.MULTILINE) is None:
        yield Finding(where, "its base image has no exact tag")
    if re.search(r"--(?:all-extras|extra)\b", text):
        yield Finding(where, "installs an extra: embedded servers have no place in an image")


def _hadolint(recipe: Path) -> list[str]:
    command = [str(Path(sys.executable).with_name("hadolint")), "--no-color", str(recipe)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    lines = [line.removeprefix(str(recipe)).lstrip(":") for line in done.stdout.splitlines()]
    return lines or ([] if done.returncode == 0 else [f"hadolint failed: {done.stderr.strip()}"])
