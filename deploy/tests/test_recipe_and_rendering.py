"""The image recipe, and what cannot be rendered."""

import shutil
from pathlib import Path

import check
import pytest
from manifests import recipe
from manifests.rendered import RenderError, render

RECIPE = check.HERE / "images" / "Dockerfile"
MAKEFILE = check.HERE.parent / "Makefile"


def test_the_recipe_is_clean() -> None:
    assert list(recipe.check(RECIPE, MAKEFILE)) == []


@pytest.mark.parametrize(
    ("text", "instead", "says"),
    [
        ("python:3.11.13-slim-bookworm", "python:3", "no exact tag"),
        ("USER 10001:10001", "USER menshen", "numeric user"),
        ("ARG UV_VERSION=", "ARG UV_VERSION=0.", "another uv"),
        ("--frozen ", "", "without --frozen"),
        ("--no-dev ", "--extra embedded ", "installs an extra"),
        ("RUN python -m pip install --no-cache-dir", "RUN sudo pip install", "DL3004"),
    ],
)
def test_a_bad_recipe_is_refused(text: str, instead: str, says: str, tmp_path: Path) -> None:
    bad = tmp_path / "Dockerfile"
    bad.write_text(RECIPE.read_text(encoding="utf-8").replace(text, instead), encoding="utf-8")

    found = [str(finding) for finding in recipe.check(bad, MAKEFILE)]

    assert any(says in finding for finding in found), found


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    shutil.copytree(check.HERE / "base", tmp_path / "base")
    shutil.copytree(check.HERE / "overlays", tmp_path / "overlays")
    return tmp_path / "overlays" / "development"


def test_an_overlay_that_names_a_missing_file_is_refused(copied: Path) -> None:
    (copied / "small.yaml").unlink()

    with pytest.raises(RenderError, match=r"small\.yaml"):
        render(copied)


def test_stages_that_would_undo_each_other_are_refused(copied: Path) -> None:
    kustomization = copied / "migrations" / "kustomization.yaml"
    kustomization.write_text(
        kustomization.read_text(encoding="utf-8") + "commonAnnotations: {stage: migrations}\n", encoding="utf-8"
    )

    with pytest.raises(RenderError, match="differs between the services and the migrations"):
        render(copied)
