"""The epochs that a restore makes due: begun when the suite starts, after the migrations and before anything serves."""

from dataclasses import replace
from pathlib import Path

from .processes import Program
from .secret import write_secret

WITH_EPOCHS = ("identity", "vehicles", "access")
"""Services whose cursors name an epoch."""

_DUE = "new-epoch.due"


def mark_due(folder: Path) -> Path:
    """From here on a start of the suite begins new epochs; a superfluous one does no harm, a missing one would.

    `folder` is the run folder, or a data folder that was set aside. Returns the file that says so.
    """
    return write_secret(folder / _DUE, "")


def is_due(folder: Path) -> bool:
    """Whether a start of the suite has to begin new epochs."""
    return (folder / _DUE).exists()


def mark_done(folder: Path) -> None:
    """Every service has begun its own."""
    (folder / _DUE).unlink(missing_ok=True)


def beginning(program: Program) -> Program:
    """The process of a service, asked to begin its epoch and end."""
    return replace(program, name=f"{program.name} new-epoch", argv=[*program.argv, "new-epoch"])
