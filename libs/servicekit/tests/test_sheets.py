"""CSV in chunks."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from menshen_servicekit.sheets import MAX_FAULTS, MAX_LINE_BYTES, Row, Sheet

FILE = '\ufeffref,name,note\r\n1,"张, 三",\n\n 2 ,"say ""hi""",x\r\n3,王五,last'.encode()
ROWS = [
    Row(2, {"ref": "1", "name": "张, 三", "note": ""}),
    Row(4, {"ref": "2", "name": 'say "hi"', "note": "x"}),
    Row(5, {"ref": "3", "name": "王五", "note": "last"}),
]


def read(content: bytes, cuts: list[int]) -> tuple[list[Row], Sheet]:
    sheet = Sheet(("ref",), ("name", "note"))
    edges = sorted({0, *(min(cut, len(content)) for cut in cuts), len(content)})
    rows = [row for start, end in pairwise(edges) for row in sheet.feed(content[start:end])]
    return rows + sheet.finish(), sheet


@given(st.lists(st.integers(0, len(FILE)), max_size=20))
def test_any_chunking_gives_the_same_rows(cuts: list[int]) -> None:
    rows, sheet = read(FILE, cuts)
    assert rows == ROWS
    assert not sheet.faults


@given(st.binary(max_size=300), st.lists(st.integers(0, 300), max_size=6))
def test_any_bytes_give_rows_or_faults_and_never_raise(content: bytes, cuts: list[int]) -> None:
    rows, sheet = read(b"ref,name,note\n" + content, cuts)
    whole, again = read(b"ref,name,note\n" + content, [])
    assert (rows, sheet.faults) == (whole, again.faults)
    assert len(rows) == sheet.rows


def test_a_line_without_an_end_is_cut_off_and_named() -> None:
    sheet = Sheet(("ref",), ())
    sheet.feed(b"ref\n")
    for _ in range(40):
        sheet.feed(b"x" * 1024)
    assert [(fault.line, fault.expected_en) for fault in sheet.faults] == [
        (2, f"at most {MAX_LINE_BYTES} bytes on a line")
    ]
    assert not sheet.feed(b"\n1\n")


def test_faults_end_at_their_limit() -> None:
    sheet = Sheet(("ref",), ())
    sheet.feed(b"ref\n" + b"1,2\n" * 1000)
    assert len(sheet.faults) == MAX_FAULTS


def test_a_column_missing_unknown_or_doubled_is_named_and_no_row_is_read() -> None:
    for header, field in ((b"name", "ref"), (b"ref,size", "size"), (b"ref,ref", "")):
        sheet = Sheet(("ref",), ("name",))
        assert not sheet.feed(header + b"\n1,2\n")
        assert [fault.field for fault in sheet.faults] == [field]
