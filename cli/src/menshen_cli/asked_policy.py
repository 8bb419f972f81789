"""A policy that a command asks about: a file, or a policy stored by the suite."""

from pathlib import Path
from typing import Any

from menshen_cli.os_troubles import no_text


def named_policy(policy: str) -> dict[str, Any]:
    """The fields of a request for `FILE.yaml` or the id of a stored policy; LocalError for a file that is none."""
    file = Path(policy)
    if not file.suffix:
        return {"policy_id": policy}
    try:
        return {"document": file.read_text(encoding="utf-8")}
    except (OSError, UnicodeDecodeError) as error:
        raise no_text(file, error) from None
