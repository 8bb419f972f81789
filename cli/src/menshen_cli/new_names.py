"""Giving a finished file its name, which never takes the place of another file."""

import errno
import os
from pathlib import Path

_NO_LINKS = frozenset({errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK})
"""What file systems without hard links answer; EMLINK is a file that has as many as it can."""


def give_name(written: Path, target: Path) -> None:
    """Move `written` to `target` on the same file system. FileExistsError, and nothing moved, when that is there."""
    try:
        # A link never replaces a file, as a rename would.
        os.link(written, target)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        _reserve(target)
        # Whoever else makes the file anew finds it there: what is replaced is our own, and empty.
        try:
            os.replace(written, target)
        except OSError:
            target.unlink()
            raise
    else:
        written.unlink()


def _reserve(target: Path) -> None:
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
