"""`menshen verify` says what it found, in two languages, and ends with the status that says so."""

from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from menshen_access.domain.archive import ArchiveHeader
from menshen_access.domain.chain import StoredLink
from menshen_access.domain.events import EventPayload
from menshen_access.domain.heads import SignedHead, line_of, statement_of
from menshen_access.domain.history import Head, Numbered, entry_of, number
from menshen_cli.__main__ import main
from menshen_cli.archive_part import ArchivePart

SITE, COUNT = "north", 5
Verify = Callable[..., tuple[int, str]]


def history() -> list[Numbered]:
    cores = [
        {"event_id": f"0192f5c7-1b7e-7{n:03x}-8000-000000000001", "kind": 1, "site": SITE, "agent_id": "north-1",
         "epoch": 1, "number": n, "at_ms": 1}
        for n in range(COUNT)
    ]  # fmt: skip
    entries = [entry_of(EventPayload(core, {}, {}), late=False) for core in cores]
    return number(Head(SITE, 1), entries, bytes)


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """An export of COUNT rows, of which the first has lost its bytes."""
    file = tmp_path / "north.jsonl"
    with ArchivePart(file, SITE) as part:
        part.begin(ArchiveHeader(SITE, 1, 1_800_000_000_000, 0, COUNT))
        for one in history():
            gone = one.link.sequence == 1
            stored, salt = (None, None) if gone else (one.entry.core, one.salts.core)
            part.write([StoredLink(one.link, (stored, None, None), (salt, None, None))])
        part.finish()
    return file


@pytest.fixture
def verify(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Verify:
    """The exit status and everything that is said."""

    def call(*arguments: object, language: str = "en") -> tuple[int, str]:
        monkeypatch.setenv("MENSHEN_LANGUAGE", language)
        with pytest.raises(SystemExit) as ended:
            main(["verify", *map(str, arguments)])
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out + said.err

    return call


@pytest.fixture
def signed(tmp_path: Path) -> tuple[Path, Path]:
    """A folder of heads with the one of the fourth row, and the public key."""
    key, link = Ed25519PrivateKey.generate(), history()[3].link
    bare = SignedHead(SITE, 1, 4, link.hash.hex(), 1)
    folder, public = tmp_path / "heads", tmp_path / "key.pem"
    folder.mkdir()
    signature = key.sign(statement_of(bare)).hex()
    (folder / "north.jsonl").write_bytes(line_of(SignedHead(SITE, 1, 4, bare.hash, 1, signature)))
    public.write_bytes(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    return folder, public


def test_a_sound_file_is_told_with_what_was_deleted_and_what_no_head_proves(verify: Verify, export: Path) -> None:
    status, said = verify(export)

    assert status == 0
    assert "5 rows, sequences 1 to 5" in said
    assert "rows with deleted bytes: 1 (core 1, identity 0, health 0)" in said
    assert "NO SIGNED HEADS" in said


def test_heads_that_agree_are_told_with_the_rows_they_do_not_cover(
    verify: Verify, export: Path, signed: tuple[Path, Path]
) -> None:
    folder, public = signed

    status, said = verify(export, "--heads", folder, "--public-key", public)

    assert status == 0
    assert "signed heads: 1 agree, the last at sequence 4" in said
    assert "no signed head covers 5 to 5" in said


@pytest.mark.parametrize(
    ("language", "sentence"), [("en", "line 4, sequence 3: sequence 3 is missing"), ("zh", "缺少序号 3")]
)
def test_a_fault_is_told_with_its_line_and_sequence(verify: Verify, export: Path, language: str, sentence: str) -> None:
    lines = export.read_bytes().splitlines(keepends=True)
    export.write_bytes(b"".join(lines[:3] + lines[4:]))

    status, said = verify(export, language=language)

    assert status == 1
    assert sentence in said


def test_a_fault_of_the_heads_is_no_fault_of_the_file(verify: Verify, export: Path, signed: tuple[Path, Path]) -> None:
    folder, public = signed
    (folder / "north.jsonl").write_bytes(line_of(SignedHead(SITE, 1, 4, "00" * 32, 1, "00" * 64)))

    assert verify(export, "--heads", folder, "--public-key", public) == (
        1,
        "FAULT signed heads, line 1, sequence 4: the signature does not hold\n",
    )


def test_lines_that_are_no_heads_are_counted_and_the_heads_beside_them_count(
    verify: Verify, export: Path, signed: tuple[Path, Path]
) -> None:
    folder, public = signed
    whole = (folder / "north.jsonl").read_bytes()
    (folder / "north.jsonl").write_bytes(b'{"at_ms": 1, "ep\n' + whole + b"{}\n")

    status, said = verify(export, "--heads", folder, "--public-key", public)

    assert status == 0
    assert "signed heads: 1 agree" in said
    assert "2 lines of the heads could not be read" in said


@pytest.mark.parametrize("content", [b"", b"{}\n", b"\n\n"])
def test_heads_of_which_none_can_be_read_prove_nothing_and_are_a_fault(
    verify: Verify, export: Path, signed: tuple[Path, Path], content: bytes
) -> None:
    folder, public = signed
    (folder / "north.jsonl").write_bytes(content)

    assert verify(export, "--heads", folder, "--public-key", public) == (
        1,
        "FAULT signed heads, line 1: no line is a signed head: nothing was compared\n",
    )


def test_a_wrong_call_is_neither(verify: Verify, export: Path, signed: tuple[Path, Path], tmp_path: Path) -> None:
    folder, public = signed

    assert verify(export, "--heads", folder)[0] == 2
    assert verify(tmp_path / "none")[0] == 2
    assert verify(export, "--heads", tmp_path / "none", "--public-key", public)[0] == 2
    assert verify(export, "--heads", folder, "--public-key", export)[0] == 2


@pytest.mark.parametrize(
    ("language", "missing", "folder"),
    [
        ("en", "cannot read {}: there is no such file or folder", "cannot read {}: it is a folder"),
        ("zh", "无法读取 {}：没有此文件或目录", "无法读取 {}：这是一个目录"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_in_the_readers_words(
    verify: Verify, export: Path, tmp_path: Path, language: str, missing: str, folder: str
) -> None:
    none, heads = tmp_path / "none", tmp_path

    told = verify(none, language=language)
    key = verify(export, "--heads", heads, "--public-key", none, language=language)
    of_folder = verify(tmp_path, language=language)

    assert told == key == (2, f"menshen verify: {missing.format(none)}\n")
    assert of_folder == (2, f"menshen verify: {folder.format(tmp_path)}\n")


def test_one_row_is_no_rows(verify: Verify, tmp_path: Path) -> None:
    file, one = tmp_path / "one.jsonl", history()[0]
    with ArchivePart(file, SITE) as part:
        part.begin(ArchiveHeader(SITE, 1, 1_800_000_000_000, 0, 1))
        part.write([StoredLink(one.link, (one.entry.core, None, None), (one.salts.core, None, None))])
        part.finish()

    assert ": 1 row, sequences 1 to 1" in verify(file)[1]


def test_an_empty_file_is_a_fault(verify: Verify, tmp_path: Path) -> None:
    (tmp_path / "empty").touch()

    assert verify(tmp_path / "empty")[0] == 1
