"""A file that a command cannot read is told by its name, and why, in both languages."""

from pathlib import Path
from typing import Any

import pytest
from menshen_cli.__main__ import main

EXAMPLES = Path(__file__).parents[3] / "examples" / "replay"
OPERATOR = ["--reason", "works", "--as", "li"]
COMMANDS: list[tuple[list[str], list[str]]] = [
    (["plan", "put", "north"], OPERATOR),
    (["policy", "draft", "north"], OPERATOR),
    (["policy", "check"], []),
    (["what-if", "north"], []),
    (["replay"], ["--plan", str(EXAMPLES / "plan.yaml"), "--policy", str(EXAMPLES / "policy.yaml")]),
]


@pytest.fixture(params=["missing", "folder", "other", "torn"])
def file(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, tuple[str, str]]:
    """What cannot be read, and the words for it."""
    file = tmp_path / "rules.yaml"
    if request.param == "missing":
        return file, ("there is no such file or folder", "没有此文件或目录")
    if request.param == "folder":
        file.mkdir()
        return file, ("it is a folder", "这是一个目录")
    if request.param == "other":
        file.write_bytes("site: 北".encode("gb18030"))
        return file, ("UTF-8", "UTF-8")
    (tmp_path / "rules.yaml.txt").write_text("site: north\n")
    return tmp_path / "rules.yaml.txt" / "more.yaml", ("a part of the path is no folder", "路径中有一段不是目录")


@pytest.mark.parametrize(("before", "after"), COMMANDS, ids=[" ".join(before[:2]) for before, _ in COMMANDS])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_reason_is_told_with_the_name(
    before: list[str],
    after: list[str],
    language: str,
    file: Any,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("MENSHEN_LANGUAGE", language)
    path, words = file

    try:
        status: Any = main([*before, str(path), *after])
    except SystemExit as ended:
        status = ended.code

    told = capsys.readouterr().err
    assert status in {1, 2}
    assert str(path) in told
    assert words[language == "zh"] in told
