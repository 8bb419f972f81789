"""How the quick suite runs in several workers (`pytest -n auto`): how many there are, and what goes to one together.

A worker has servers and folders of its own. Two share the processors and nothing else.
"""

import os
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

WORKERS = 2
TOGETHER = ("tests/contract/", "tests/faults/")
"""Folders that go to one worker whole: their suite starts once. All others go by module."""


class WholeRooms(LoadScopeScheduling):
    """Hands out modules and whole folders in the order of their collection, so that those with a suite come first."""

    def _split_scope(self, nodeid: str) -> str:
        module = nodeid.partition("::")[0]
        return next((folder for folder in TOGETHER if module.startswith(folder)), module)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> WholeRooms:
    config.option.loadscopereorder = False
    return WholeRooms(config, log)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """None beside this process where a setting names the servers: tests empty them under each other."""
    return 0 if any(map(os.environ.get, ("MENSHEN_DATABASE_URL", "MENSHEN_REDIS_URL"))) else WORKERS
