"""The two environments, rendered once."""

import check
import pytest
from manifests.rendered import Manifests, render


@pytest.fixture(scope="session")
def environments() -> dict[str, Manifests]:
    return {overlay.name: render(overlay) for overlay in check.overlays()}
