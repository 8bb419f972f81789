"""The epochs that a restore makes due: begun when the suite starts, after the migrations and before anything serves."""

from dataclasses import replace
from pathlib import Path

from .processes import Program
from .secret import write_secret

WITH_EPOCHS = ("identity", "vehicles", "access")
"""Services whose cursors name an epoch."""

_DUE = "new-epoch.due"


def mark_due(run_folder: Path) -> None:
    """From here on a start of the suite begins new epochs; a superfluous one does no harm, a missing one would."""
    write_secret(run_folder / _DUE, "")


def is_due(run_folder: Path) -> bool:
    """Whether a start of the suite has to begin new epochs."""
    return (run_folder / _DUE).exists()


def mark_done(run_folder: Path) -> None:
    """Every service has begun its own."""
    (run_folder / _DUE).unlink()


def beginning(program: Program) -> Program:
    """The process of a service, asked to begin its epoch and end."""
    return replace(program, name=f"{program.name} new-epoch", argv=[*program.argv, "new-epoch"])
