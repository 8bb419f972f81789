"""A few texts by name on disk, for what must outlive the agent and changes rarely."""

import json
import os
from collections.abc import Mapping
from pathlib import Path


class NamedTexts:
    """One file, replaced durably as a whole. A file that cannot be read counts as empty."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> dict[str, str]:
        """Name to text."""
        try:
            stored = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return {str(name): str(text) for name, text in stored.items()} if isinstance(stored, dict) else {}

    def write(self, texts: Mapping[str, str]) -> bool:
        """Replace the file durably; False when the disk refuses."""
        beside = self._path.with_name(self._path.name + ".new")
        try:
            with beside.open("w", encoding="utf-8") as file:
                json.dump(texts, file)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(self._path)
        except OSError:
            return False
        return True
