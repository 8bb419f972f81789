"""Rows as they come: all of them into a new CSV file, or the first of them on the screen."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from menshen_servicekit.status import counted
from rich.console import Console

from menshen_cli.local.language import pick
from menshen_cli.whole_rows import WholeRows
from menshen_cli.written_files import new_csv

SHOWN: Final = 200
"""Rows on the screen; a file gets all of them."""

Row = Sequence[str]


class Shown:
    """Takes rows and keeps no more of them than the screen gets; `count` is how many came."""

    def __init__(self, columns: Sequence[str], file: str, put: Callable[[Iterable[Row]], None] | None) -> None:
        self.count = 0
        self._columns = columns
        self._file = file
        self._put = put
        self._first: list[Row] = []

    def take(self, rows: Sequence[Row]) -> None:
        """Write the rows, or keep the first."""
        self.count += len(rows)
        if self._put is not None:
            self._put(rows)
        else:
            self._first += rows[: SHOWN - len(self._first)]

    def tell(self, title: str, *, more: bool = False) -> None:
        """The title, and the table or where the rows are; `more`: there are others that were not fetched."""
        console = Console()
        if self._file:
            console.print(title, markup=False)
            console.print(
                pick(f"{counted(self.count, 'row')} in {self._file}", f"{self.count} 行已写入 {self._file}"),
                markup=False,
            )
            return
        console.print(WholeRows(self._columns, self._first, title))
        left = self.count - len(self._first)
        if left:
            console.print(pick(f"and {left} more; --csv FILE writes all", f"另有 {left} 行；--csv 文件 可导出全部"))
        elif more:
            console.print(pick("and more; --csv FILE writes all", "尚有更多；--csv 文件 可导出全部"))


@contextmanager
def showing(columns: Sequence[str], file: Path | None) -> Iterator[Shown]:
    """With a file all rows are in it once the block ends, and it is there only then; LocalError if it cannot be."""
    if file is None:
        yield Shown(columns, "", None)
        return
    with new_csv(file, columns) as put:
        yield Shown(columns, str(file), put)
