"""Rows as files a spreadsheet opens: CSV and XLSX, never over a file that is there, and nothing half written."""

import csv
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path

import xlsxwriter  # type: ignore[import-untyped]
from xlsxwriter.exceptions import XlsxWriterException  # type: ignore[import-untyped]

from menshen_cli.local.language import LocalError
from menshen_cli.new_names import give_name
from menshen_cli.os_troubles import os_words

Cell = str | int
Write = Callable[[Path, Sequence[str], Sequence[Sequence[Cell]]], None]

_MOST_SHEET_ROWS = 1_048_576
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def check_new(target: Path) -> None:
    """LocalError when the file is there, or its folder is not."""
    if os.path.lexists(target):
        raise LocalError(f"{target} is there already; nothing was written", f"{target} 已存在，未写入")
    if not target.parent.is_dir():
        raise LocalError(f"there is no folder {target.parent}", f"没有目录 {target.parent}")


def write_csv(target: Path, columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    """UTF-8 with BOM (RFC 4180). A text that a spreadsheet would calculate gets an apostrophe before it."""
    with new_csv(target, columns) as put:
        put(rows)


@contextmanager
def new_csv(target: Path, columns: Sequence[str]) -> Iterator[Callable[[Iterable[Sequence[Cell]]], None]]:
    """As `write_csv`, for rows that come bit by bit: the file is there once all have come, and not before."""
    with _new(target) as written, written.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        yield lambda rows: writer.writerows([_harmless(cell) for cell in row] for row in rows)


def write_xlsx(target: Path, columns: Sequence[str], rows: Sequence[Sequence[Cell]]) -> None:
    """One sheet in bounded memory. Texts are written as texts: no formula, no link.

    LocalError for more rows than a sheet holds.
    """
    if len(rows) >= _MOST_SHEET_ROWS:
        raise LocalError(
            f"{target}: a sheet holds {_MOST_SHEET_ROWS - 1} rows, not {len(rows)}; write CSV",
            f"{target}：工作表最多 {_MOST_SHEET_ROWS - 1} 行，现有 {len(rows)} 行；请用 CSV",
        )
    with _new(target) as written:
        # Its working files lie beside it, so that a failure leaves none of them behind.
        options = {"constant_memory": True, "tmpdir": str(written.parent)}
        with xlsxwriter.Workbook(str(written), options) as book:
            sheet = book.add_worksheet()
            for number, row in enumerate(chain([columns], rows)):
                for column, cell in enumerate(row):
                    if isinstance(cell, str):
                        sheet.write_string(number, column, cell)
                    else:
                        sheet.write_number(number, column, cell)


def _harmless(cell: Cell) -> Cell:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA_STARTS) else cell


@contextmanager
def _new(target: Path) -> Iterator[Path]:
    """A file beside the target, which takes its name when all is written; LocalError when that cannot be."""
    check_new(target)
    try:
        with tempfile.TemporaryDirectory(prefix=".menshen-", dir=target.parent) as folder:
            written = Path(folder) / target.name
            yield written
            written.chmod(0o600)
            give_name(written, target)
    except (OSError, XlsxWriterException) as error:
        en, zh = os_words(error)
        raise LocalError(f"cannot write {target}: {en}", f"无法写入 {target}：{zh}") from None
