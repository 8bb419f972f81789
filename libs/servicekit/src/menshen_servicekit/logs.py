"""Structured logs: one JSON object a line on stderr, without personal data, credential numbers or exception texts."""

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any, TextIO

import structlog

from menshen_servicekit.faults import fault_fields
from menshen_servicekit.settings import LogLevel

FORBIDDEN_WORDS = frozenset(
    {
        "card", "credential", "identifier", "name", "names", "phone", "pin", "key", "token", "password", "secret",
        "plate", "epc", "tid", "uid", "qr", "photo",
    }
)  # fmt: skip
"""A log key that contains one of these words (split at `_`) is withheld, whatever its value."""

WITHHELD = "[withheld]"

_WORD_BREAK = re.compile(r"[_.\-\s]+|(?<=[a-z0-9])(?=[A-Z])")


def configure_logs(process_name: str, level: LogLevel = LogLevel.INFO, stream: TextIO | None = None) -> None:
    """Send structlog and the standard library's logging to `stream` (stderr) as JSON lines. Called once a process."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _stamp(process_name),
        describe_fault,
        withhold,
    ]
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
    )
    out = logging.StreamHandler(stream if stream is not None else sys.stderr)
    out.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [out]
    root.setLevel(level.name)
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def get_logger(module: str) -> structlog.stdlib.BoundLogger:
    """The logger of a module: `get_logger(__name__)`. Events are snake_case words, all else is a field."""
    logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(module)
    return logger


def withhold(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace the value of every field, however deep, whose key holds a forbidden word."""
    for field, value in event.items():
        event[field] = WITHHELD if is_forbidden(field) else _cleaned(value)
    return event


def _cleaned(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {field: WITHHELD if is_forbidden(str(field)) else _cleaned(inner) for field, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_cleaned(inner) for inner in value]
    return value


def is_forbidden(field: str) -> bool:
    return any(word.lower() in FORBIDDEN_WORDS for word in _WORD_BREAK.split(field))


def describe_fault(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Turn `exc_info` into types and frames: an exception's text may quote what a person presented."""
    raised = event.pop("exc_info", None)
    event.pop("stack_info", None)
    if raised is True:
        raised = sys.exc_info()
    error = raised[1] if isinstance(raised, tuple) else raised
    if isinstance(error, BaseException):
        event.update(fault_fields(error))
    return event


def _stamp(process_name: str) -> Any:
    def stamp(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        event["process"] = process_name
        return event

    return stamp
