"""Every subcommand of the table exists, explains itself and refuses precisely."""

import subprocess
import sys
from pathlib import Path

import pytest
from cryptography import x509
from menshen.access.v1 import events_pb2
from menshen.identity.v1 import identity_pb2
from menshen_cli.__main__ import SUBCOMMANDS, main
from menshen_cli.importing import report
from menshen_cli.muster import muster_list


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "menshen_cli", *arguments], capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize("name", [subcommand.name for subcommand in SUBCOMMANDS])
def test_a_subcommand_explains_itself(name: str) -> None:
    shown = run(name, "--help")

    assert shown.returncode == 0, shown.stderr
    assert "Usage" in shown.stdout


def test_an_unknown_subcommand_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["nonsense"]) == 2
    assert "nonsense" in capsys.readouterr().err


def test_a_certificate_is_issued_for_an_identity(tmp_path: Path) -> None:
    uri = "spiffe://menshen/site/north/agent/gate-1"

    shown = run("pki", str(tmp_path), uri)

    certificate_file, key_file, _ = map(Path, shown.stdout.split())
    certificate = x509.load_pem_x509_certificate(certificate_file.read_bytes())
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.UniformResourceIdentifier) == [uri]
    assert key_file.stat().st_mode & 0o077 == 0


def test_an_identity_that_is_none_is_refused(tmp_path: Path) -> None:
    refused = run("pki", str(tmp_path), "https://example.org")

    assert refused.returncode == 1
    assert "https://example.org" in refused.stderr


def test_an_import_without_a_file_or_a_suite_says_so(tmp_path: Path) -> None:
    missing = run("import", "north", str(tmp_path / "none.csv"))
    (tmp_path / "some.csv").write_text("external_ref,category,name\n")
    alone = run("import", "north", str(tmp_path / "some.csv"), "--folder", str(tmp_path))

    assert missing.returncode == 1
    assert "none.csv" in missing.stderr
    assert alone.returncode == 1
    assert "Traceback" not in alone.stderr


def test_the_report_lists_every_fault_with_its_line() -> None:
    fault = identity_pb2.ImportFault(line=7, field="card", expected_zh="十六进制", expected_en="hexadecimal")

    table = report(identity_pb2.ImportCardholdersResponse(rows=9, faults=[fault]))

    assert [list(column.cells) for column in table.columns][:2] == [["7"], ["card"]]


def test_the_muster_list_counts_who_is_inside_and_puts_whoever_is_unknown_last() -> None:
    unknown = events_pb2.MusterEntry(subject_id="c:1", area="hall", last_passage_at_ms=1, place_unknown=True)
    inside = events_pb2.MusterEntry(subject_id="c:2", area="hall", last_passage_at_ms=1)

    table = muster_list([unknown, inside])

    assert [row[0] for row in table.rows] == ["c:2", "c:1"]
    assert "1" in str(table.title)
