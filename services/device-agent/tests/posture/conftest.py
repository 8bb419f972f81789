"""Doors whose board answers and whose posture is not said yet."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from .doorway import Doorway


@pytest.fixture
def doorway(tmp_path: Path) -> Iterator[Callable[..., Doorway]]:
    """Builds doors, started and read once, and closes them."""
    built: list[Doorway] = []

    def build(**wiring: bool) -> Doorway:
        folder = tmp_path / str(len(built))
        folder.mkdir()
        built.append(Doorway(folder, **wiring))
        built[-1].control.start(())
        built[-1].read()
        return built[-1]

    yield build
    for door in built:
        door.close()
