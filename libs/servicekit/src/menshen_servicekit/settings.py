"""Settings: one frozen dataclass read once from MENSHEN_* environment variables.

A field `listen` is read from MENSHEN_LISTEN. Every field says what it is for with `setting("...")`. A secret is never
a value in the environment: its field ends in `_file`, is a Path, and is read with `read_secret`.
"""

import dataclasses
import enum
import os
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, field
from pathlib import Path
from typing import Any, TypeVar, dataclass_transform

from menshen_servicekit.redis_url import parse_redis_url

PREFIX = "MENSHEN_"

S = TypeVar("S")
T = TypeVar("T")


class Environment(enum.Enum):
    DEVELOPMENT = "development"
    PRODUCTION = "production"


class LogLevel(enum.Enum):
    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class SettingsError(Exception):
    """Every problem found in one reading, each naming its variable; values are not repeated."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def setting(doc: str, *, default: Any = MISSING, check: Callable[[Any], object] | None = None) -> Any:
    """A documented dataclass field. Without a default the variable must be set.

    `check` raises ValueError, with what is expected, for a value of the right type that is not a right value.
    """
    return field(default=default, metadata={"doc": doc, "check": check})


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(setting,))
def settings(settings_class: type[T]) -> type[T]:
    """Make a frozen, keyword-only dataclass of a class whose fields are written with `setting`."""
    return dataclass(frozen=True, kw_only=True)(settings_class)


@settings
class ProcessSettings:
    """What every process of the suite is told. A service's own dataclass inherits from it."""

    listen: str = setting("host:port of the gRPC server (mutual TLS); port 0 chooses one", default="127.0.0.1:0")
    health_listen: str = setting("host:port of the plaintext gRPC health service", default="127.0.0.1:0")
    metrics_listen: str = setting("host:port of the Prometheus endpoint (HTTP)", default="127.0.0.1:0")
    certificate_file: Path = setting("PEM certificate chain of this process, with its SPIFFE URI")
    key_file: Path = setting("PEM private key of the certificate")
    trust_file: Path = setting("PEM certificates of the authorities whose callers and servers are trusted")
    environment: Environment = setting("development or production", default=Environment.PRODUCTION)
    log_level: LogLevel = setting("debug, info, warning or error", default=LogLevel.INFO)
    address_file: Path | None = setting(
        "where to write the chosen addresses as JSON once the process serves", default=None
    )


@settings
class DatabaseSettings:
    """Inherited beside ProcessSettings by a process that has a PostgreSQL schema."""

    database_url: str = setting("postgresql://role@host:port/database, without a password")
    database_password_file: Path | None = setting("file with the role's password", default=None)


@settings
class RedisSettings:
    """Inherited beside ProcessSettings by a process that uses Redis."""

    redis_url: str = setting(
        "redis://host:port/number, redis+sentinel://host:port,host:port/primary/number or "
        "redis+cluster://host:port,host:port, without a password",
        check=parse_redis_url,
    )
    redis_password_file: Path | None = setting("file with the Redis password", default=None)
    redis_sentinel_password_file: Path | None = setting(
        "file with the password of the sentinels, when they have one", default=None
    )


@dataclass(frozen=True, slots=True)
class SettingRow:
    """One variable, for READMEs and the manifest checker. `default` is None when the variable must be set."""

    variable: str
    type_name: str
    default: str | None
    doc: str
    is_secret: bool


def read_settings(settings_class: type[S], environ: Mapping[str, str] = os.environ) -> S:
    """Read `settings_class` from `environ`; SettingsError names every missing or malformed variable at once."""
    values: dict[str, Any] = {}
    problems: list[str] = []
    checks = {item.name: item.metadata.get("check") for item in dataclasses.fields(settings_class)}  # type: ignore[arg-type]
    for name, wanted, default in _fields(settings_class):
        variable = PREFIX + name.upper()
        text = environ.get(variable, "")
        if text:
            try:
                values[name] = _checked(_parse(text, wanted), checks[name])
            except ValueError as error:
                problems.append(f"{variable}: expected {error}")
        elif default is MISSING:
            problems.append(f"{variable}: missing, expected {_type_name(wanted)}")
    if problems:
        raise SettingsError(tuple(problems))
    return settings_class(**values)


def unknown_variables(settings_class: type[Any], environ: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    """MENSHEN_* variables that no field reads: most often a misspelling."""
    known = {PREFIX + name.upper() for name, _, _ in _fields(settings_class)}
    return tuple(sorted(name for name in environ if name.startswith(PREFIX) and name not in known))


def describe(settings_class: type[Any]) -> tuple[SettingRow, ...]:
    """One row per field, in the order of the dataclass."""
    docs = {item.name: item.metadata.get("doc", "") for item in dataclasses.fields(settings_class)}
    return tuple(
        SettingRow(
            variable=PREFIX + name.upper(),
            type_name=_type_name(wanted),
            default=None if default is MISSING else _default_text(default),
            doc=docs[name],
            is_secret=name.endswith("_file") and ("password" in name or "key" in name or "secret" in name),
        )
        for name, wanted, default in _fields(settings_class)
    )


def environment_of(values: Any) -> dict[str, str]:
    """The variables that `read_settings` would turn back into this dataclass value: for whoever starts a process."""
    present = ((item.name, getattr(values, item.name)) for item in dataclasses.fields(values))
    return {PREFIX + name.upper(): _default_text(value) for name, value in present if value not in (None, "", ())}


def read_secret(path: Path) -> str:
    """The text of a secret file without the line end. OSError when unreadable, ValueError when empty."""
    secret = path.read_text(encoding="utf-8").rstrip("\r\n")
    if not secret:
        raise ValueError(f"{path} is empty")
    return secret


def _fields(settings_class: type[Any]) -> list[tuple[str, Any, Any]]:
    hints = typing.get_type_hints(settings_class)
    return [(item.name, hints[item.name], item.default) for item in dataclasses.fields(settings_class)]


def _checked(value: Any, check: Callable[[Any], object] | None) -> Any:
    if check is not None:
        check(value)
    return value


def _parse(text: str, wanted: Any) -> Any:
    if isinstance(wanted, type) and issubclass(wanted, enum.Enum):
        return _parse_enum(text, wanted)
    if typing.get_origin(wanted) in {types.UnionType, typing.Union}:
        (inner,) = (choice for choice in typing.get_args(wanted) if choice is not types.NoneType)
        return _parse(text, inner)
    if wanted == tuple[str, ...]:
        return tuple(part.strip() for part in text.split(",") if part.strip())
    return _PARSERS[wanted](text)


def _parse_enum(text: str, wanted: type[enum.Enum]) -> enum.Enum:
    for member in wanted:
        if str(member.value) == text:
            return member
    raise ValueError(_type_name(wanted))


def _parse_int(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise ValueError("a whole number") from None


def _parse_float(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ValueError("a number") from None


def _parse_bool(text: str) -> bool:
    if text not in {"true", "false"}:
        raise ValueError("true or false")
    return text == "true"


_PARSERS: Mapping[Any, Callable[[str], Any]] = {
    str: str,
    int: _parse_int,
    float: _parse_float,
    bool: _parse_bool,
    Path: Path,
}


def _type_name(wanted: Any) -> str:
    if isinstance(wanted, type) and issubclass(wanted, enum.Enum):
        return " or ".join(str(member.value) for member in wanted)
    if typing.get_origin(wanted) in {types.UnionType, typing.Union}:
        return " or ".join(_type_name(choice) for choice in typing.get_args(wanted) if choice is not types.NoneType)
    names = {str: "text", int: "a whole number", float: "a number", bool: "true or false", Path: "a path"}
    return names.get(wanted, "a comma-separated list")


def _default_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, enum.Enum):
        return str(value.value)
    if isinstance(value, bool):
        return str(value).lower()
    return ",".join(value) if isinstance(value, tuple) else str(value)
