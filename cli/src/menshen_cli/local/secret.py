"""Passwords in files: 0600 from the first byte, the whole content is the password."""

import os
import secrets
from pathlib import Path


def new_secret() -> str:
    """A password of 192 random bits, safe in any file or URL."""
    return secrets.token_urlsafe(24)


def write_secret(path: Path, text: str) -> Path:
    """Write `text` to `path`, readable by its owner only, replacing what was there whole."""
    partial = path.with_name(f"{path.name}.partial")
    partial.unlink(missing_ok=True)
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    partial.rename(path)
    return path
