"""python deploy/check.py: hold every overlay to Kubernetes' schemas and to our rules; 1 when something is wrong."""

import sys
from collections.abc import Iterator
from pathlib import Path

from manifests import recipe, schema
from manifests.rendered import Finding, Manifests, RenderError, render
from manifests.rules import RULES

HERE = Path(__file__).resolve().parent


def overlays() -> tuple[Path, ...]:
    """The environments: one folder each."""
    return tuple(sorted(folder for folder in (HERE / "overlays").iterdir() if folder.is_dir()))


def semantic(manifests: Manifests) -> list[Finding]:
    """What our rules find, each thing once."""
    return sorted({finding for rule in RULES for finding in rule(manifests)})


def findings() -> Iterator[Finding]:
    """Everything wrong with the overlays and the image recipe."""
    yield from recipe.check(HERE / "images" / "Dockerfile", HERE.parent / "Makefile")
    for overlay in overlays():
        try:
            manifests = render(overlay)
        except RenderError as error:
            yield Finding(overlay.name, str(error))
            continue
        malformed = list(schema.check(manifests))
        # Rules rely on the shape that the schemas guarantee.
        yield from malformed or semantic(manifests)


def main() -> int:
    found = list(findings())
    for finding in found:
        sys.stderr.write(f"{finding}\n")
    if not found:
        names = ", ".join(folder.name for folder in overlays())
        sys.stdout.write(f"manifests: {names} hold for Kubernetes {schema.VERSIONS[0]} to {schema.VERSIONS[-1]}\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
