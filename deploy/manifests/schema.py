"""Every document against Kubernetes' own schema, of every version we support, refusing unknown fields."""

from collections.abc import Iterator
from typing import Any

import kubernetes_validate  # type: ignore[import-untyped]

from manifests.rendered import Document, Finding, Manifests

VERSIONS = tuple(f"1.{minor}" for minor in range(30, 38))


def check(manifests: Manifests) -> Iterator[Finding]:
    """One finding per document and kind of fault, naming the versions that refuse it."""
    for document in manifests.documents:
        refusals: dict[str, list[str]] = {}
        for version in VERSIONS:
            refusal = _refusal(document, version)
            if refusal:
                refusals.setdefault(refusal, []).append(version)
        for refusal, versions in refusals.items():
            yield manifests.finding(document, f"Kubernetes {', '.join(versions)}: {refusal}")


def _refusal(document: Document, version: str) -> str:
    try:
        kubernetes_validate.validate(document, version, strict=True)
    except kubernetes_validate.ValidationError as error:
        return f"{_path(error.path)}: {error.message}"
    except (kubernetes_validate.SchemaNotFoundError, kubernetes_validate.VersionNotSupportedError) as error:
        return str(error.message)
    return ""


def _path(parts: Any) -> str:
    return ".".join(map(str, parts)) or "document"
