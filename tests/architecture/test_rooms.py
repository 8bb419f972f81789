"""Use cases know the domain and ports; the adapters come to them through the wiring. (The rest: `.importlinter`.)"""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SERVICES = ("identity", "access", "vehicles", "safety", "device-agent")
DRIVERS = {"grpc", "redis", "asyncpg", "menshen", "google"}
ADAPTERS = {"postgres", "redis", "peers", "rpc"}
WIRING = {"__init__", "__main__", "settings", "wiring"}
LONGEST_MAIN = 100


def package(service: str) -> Path:
    return ROOT / "services" / service / "src" / f"menshen_{service.replace('-', '_')}"


def imported(path: Path, own_package: str) -> set[tuple[str, ...]]:
    """Every module a file imports, as parts of its absolute name. Only lies at the package's top level are relative."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            origin = f"{own_package}.{node.module or ''}".strip(".") if node.level else node.module or ""
            found |= {f"{origin}.{alias.name}" for alias in node.names}
    return {tuple(name.split(".")) for name in found}


def trespasses(path: Path, own_package: str) -> list[str]:
    return [
        f"{path.name} imports {'.'.join(name)}"
        for name in sorted(imported(path, own_package))
        if name[0] in DRIVERS or (name[0] == own_package and len(name) > 1 and name[1] in ADAPTERS)
    ]


@pytest.mark.parametrize("service", SERVICES)
def test_a_use_case_knows_no_driver_and_no_adapter(service: str) -> None:
    modules = [path for path in package(service).glob("*.py") if path.stem not in WIRING]

    found = [trespass for path in modules for trespass in trespasses(path, package(service).name)]

    assert found == []


@pytest.mark.parametrize("service", SERVICES)
def test_wiring_is_one_short_file(service: str) -> None:
    main = package(service) / "__main__.py"

    assert len(main.read_text(encoding="utf-8").splitlines()) <= LONGEST_MAIN


def test_trespasses_are_seen(tmp_path: Path) -> None:
    module = tmp_path / "decide.py"
    module.write_text("import grpc\nfrom menshen_access.redis.keys import subject\nfrom .postgres import queries\n")

    assert len(trespasses(module, "menshen_access")) == 3
