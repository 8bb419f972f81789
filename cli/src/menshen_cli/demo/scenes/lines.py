"""The lines of the scripted morning, read from the file beside this module."""

from importlib.resources import files

import yaml

from ..expectations import Line


def lines() -> tuple[Line, ...]:
    """Every line, in the order it is told."""
    text = (files(__package__) / "lines.yaml").read_text(encoding="utf-8")
    return tuple(Line(**row) for row in yaml.safe_load(text))
