"""Generate the Python code of the protos into gen/, or check that it is current.

Usage: python protos/generate.py [--check]. With --check nothing is written: exit 1 names every file that differs,
after buf's own lint and format checks.
"""

from __future__ import annotations

import filecmp
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from grpc_tools import protoc

ROOT = Path(__file__).resolve().parent
GENERATED = ROOT / "gen"


def sources() -> list[str]:
    """Return every proto file, relative to the proto root, in a stable order."""
    return sorted(str(path.relative_to(ROOT)) for path in (ROOT / "menshen").rglob("*.proto"))


def generate(out: Path) -> None:
    """Write messages, stubs and their type hints below `out`."""
    arguments = ["protoc", f"-I{ROOT}", f"--python_out={out}", f"--pyi_out={out}"]
    arguments += [f"--grpc_python_out={out}", f"--mypy_grpc_out={out}", *sources()]
    if protoc.main(arguments) != 0:
        raise SystemExit("protoc failed")
    for marker in sorted({path.parent for path in out.rglob("*_pb2.py")}):
        (marker / "py.typed").touch()


def differing(left: Path, right: Path) -> list[str]:
    """Return the relative paths that are missing on a side or differ in bytes."""
    names = {path.relative_to(root) for root in (left, right) for path in root.rglob("*.py*") if path.suffix != ".pyc"}
    return sorted(
        str(name)
        for name in names
        if not ((left / name).is_file() and (right / name).is_file())
        or not filecmp.cmp(left / name, right / name, shallow=False)
    )


def buf(*arguments: str) -> bool:
    """Run buf in the proto root and say whether it was content."""
    program = Path(sys.executable).parent / "buf"
    return subprocess.run([str(program), *arguments], cwd=ROOT, check=False, timeout=120).returncode == 0


def check() -> int:
    """Compare a fresh generation with the committed one; 0 when all is current and clean."""
    clean = buf("lint") & buf("format", "--diff", "--exit-code")
    with tempfile.TemporaryDirectory() as folder:
        generate(Path(folder))
        stale = differing(Path(folder), GENERATED)
    for name in stale:
        sys.stderr.write(f"not current: protos/gen/{name}\n")
    return 0 if clean and not stale else 1


def main() -> int:
    """Generate in place, or check."""
    if "--check" in sys.argv[1:]:
        return check()
    shutil.rmtree(GENERATED, ignore_errors=True)
    GENERATED.mkdir()
    generate(GENERATED)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
