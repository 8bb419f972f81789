"""What may be said of an unexpected exception: its types and where it was, never its text, which may quote data."""

import traceback
from typing import Any

MAX_FRAMES = 12


def fault_fields(error: BaseException) -> dict[str, Any]:
    """Log fields: the exception types from outermost to first cause, and the innermost frames as file:line function."""
    return {"fault": _types(error), "frames": _frames(error)}


def _types(error: BaseException) -> str:
    names: list[str] = []
    step: BaseException | None = error
    while step is not None and len(names) < MAX_FRAMES:
        names.append(type(step).__qualname__ + _leaves(step))
        step = step.__cause__ or (None if step.__suppress_context__ else step.__context__)
    return " < ".join(names)


def _leaves(error: BaseException) -> str:
    if not isinstance(error, BaseExceptionGroup):
        return ""
    return "(" + ", ".join(_types(leaf) for leaf in error.exceptions[:MAX_FRAMES]) + ")"


def _frames(error: BaseException) -> list[str]:
    summary = traceback.StackSummary.extract(
        traceback.walk_tb(error.__traceback__), limit=-MAX_FRAMES, lookup_lines=False
    )
    return [f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in summary]
