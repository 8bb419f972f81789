"""What a process does, and what it reads of its service's settings: the processes of one service share them."""

from collections.abc import Mapping
from typing import Any

from manifests.rendered import Workload

KEPT = ("access",)
"""The services whose sites a process beside the server keeps."""

ARGUMENTS: Mapping[str, tuple[str, ...]] = {
    "server": (),
    "agent": (),
    "keeper": ("keep",),
    "migration": ("migrate",),
}
"""What a component is started with: selectors go by the label, the process by its argument."""


def components_of(workload: Workload) -> tuple[str, ...]:
    """The components a workload of its kind and service can be."""
    if workload.is_migration:
        return ("migration",)
    return ("server", "agent", "keeper") if workload.service in KEPT else ("server", "agent")


def read_by(workload: Workload, values: Any) -> dict[str, Any]:
    """The settings the process makes use of, by name. A migration opens its database and nothing else."""
    if workload.is_migration:
        return {name: value for name, value in vars(values).items() if name.startswith("database_")}
    unread = _unread(workload, values)
    return {name: value for name, value in vars(values).items() if name not in unread}


def _unread(workload: Workload, values: Any) -> set[str]:
    """What the process does without; tests/contract runs it without these files and targets."""
    if workload.is_keeper:
        # It signs heads of the chain only, and those only where a folder for them is given.
        signs = getattr(values, "heads_folder", None) is not None
        return {"listen", "pin_pepper_file"} | (set() if signs else {"snapshot_key_file"})
    if workload.service in KEPT:
        return {"heads_folder"} | {name for name in vars(values) if name.endswith("_target")}
    return set()
