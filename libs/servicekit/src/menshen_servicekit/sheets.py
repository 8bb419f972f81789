"""CSV files that arrive in chunks: records and line-numbered faults, without I/O and in bounded memory."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

MAX_FAULTS = 100
MAX_LINE_BYTES = 16 * 1024
MAX_ROWS = 1_000_000

_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class RowFault:
    """What is wrong in a line of the file (from 1): the column, or "" for the whole line, and what was expected."""

    line: int
    field: str
    expected_zh: str
    expected_en: str


@dataclass(frozen=True, slots=True)
class Row:
    """One record: its line and its values by column name, stripped; a column the file lacks is absent."""

    line: int
    values: Mapping[str, str]


class Sheet:
    """A CSV file (RFC 4180, UTF-8 with or without BOM, no line breaks inside quotes) that arrives in chunks.

    The first line names the columns. Trouble is collected in `faults`, at most MAX_FAULTS; after trouble that makes the
    rest unreadable, or that many faults, further lines are passed over.
    """

    def __init__(self, required: Sequence[str], optional: Sequence[str]) -> None:
        self._required = tuple(required)
        self._known = frozenset((*required, *optional))
        self._columns: tuple[str, ...] = ()
        self._rest = b""
        self._line = 0
        self._is_over = False
        self.rows = 0
        self.faults: list[RowFault] = []

    def feed(self, chunk: bytes) -> list[Row]:
        """The records that `chunk` completes."""
        if self._is_over:
            return []
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        if len(self._rest) > MAX_LINE_BYTES:
            lines, self._rest = [*lines, self._rest], b""
        return self._read(lines)

    def finish(self) -> list[Row]:
        """The last record when no line break follows it. A file without a first line is a fault."""
        rows = self._read([self._rest] if self._rest else [])
        self._rest = b""
        if not self._columns and not self.faults:
            self.add_fault(RowFault(1, "", "第一行应为列名", "a first line that names the columns"))
        return rows

    def add_fault(self, fault: RowFault) -> None:
        if len(self.faults) < MAX_FAULTS:
            self.faults.append(fault)
        self._is_over = self._is_over or len(self.faults) >= MAX_FAULTS

    def _read(self, lines: Sequence[bytes]) -> list[Row]:
        rows: list[Row] = []
        for line in lines:
            if self._is_over:
                break
            self._line += 1
            fields = self._fields(line)
            if fields and not self._columns:
                self._name_columns(fields)
            elif fields:
                row = self._row(fields)
                if row is not None:
                    rows.append(row)
        return rows

    def _fields(self, line: bytes) -> list[str]:
        """The fields of a line; none for a blank line or one at fault."""
        if len(line) > MAX_LINE_BYTES:
            self._end(f"一行不超过 {MAX_LINE_BYTES} 字节", f"at most {MAX_LINE_BYTES} bytes on a line")
            return []
        if self._line == 1:
            line = line.removeprefix(_BOM)
        try:
            text = line.removesuffix(b"\r").decode("utf-8")
        except UnicodeDecodeError:
            self._fault("", "UTF-8 编码", "UTF-8")
            return []
        if not text.strip():
            return []
        if not text.isprintable() and any(ord(letter) < 32 for letter in text):
            self._fault("", "不含控制字符", "no control characters")
            return []
        try:
            return [field.strip() for field in next(csv.reader((text,), strict=True))]
        except csv.Error:
            self._fault("", "引号在同一行内闭合", "quotation marks that close on the same line")
            return []

    def _name_columns(self, names: list[str]) -> None:
        for name in names:
            if name not in self._known:
                known = ", ".join(sorted(self._known))
                self._fault(name[:64], f"列名应为:{known}", f"one of the columns {known}")
        for name in self._required:
            if name not in names:
                self._fault(name, "缺少此列", "this column, which is missing")
        if len(set(names)) != len(names):
            self._fault("", "列名不得重复", "no column named twice")
        self._columns = tuple(names)
        self._is_over = bool(self.faults)

    def _row(self, fields: list[str]) -> Row | None:
        wanted = len(self._columns)
        if len(fields) != wanted:
            self._fault("", f"{wanted} 个字段,实际 {len(fields)} 个", f"{wanted} fields, found {len(fields)}")
            return None
        if self.rows >= MAX_ROWS:
            self._end(f"最多 {MAX_ROWS} 行", f"at most {MAX_ROWS} rows")
            return None
        self.rows += 1
        return Row(self._line, dict(zip(self._columns, fields, strict=True)))

    def _fault(self, field: str, zh: str, en: str) -> None:
        self.add_fault(RowFault(self._line, field, zh, en))

    def _end(self, zh: str, en: str) -> None:
        self._fault("", zh, en)
        self._is_over = True
