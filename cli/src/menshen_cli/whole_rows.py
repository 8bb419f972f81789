"""Rows on a terminal of any width with every id and code whole: a table where it fits, else a card for each row."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table
from rich.text import Text

_NAMING: Final = re.compile(r"[!-~]", re.ASCII)
"""A word with one of these may be an id, a code or a plate and is never broken; words without break anywhere."""
_BESIDE: Final = 3
"""The edge and the padding of a column."""


class WholeRows:
    """Rows under headings, of plain text; nothing in them is markup."""

    def __init__(self, headings: Sequence[str], rows: Sequence[Sequence[str]], title: str = "") -> None:
        self.title = title
        self.headings = headings
        self.rows = rows

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        widths = self._widths(options.max_width - 1 - _BESIDE * len(self.headings))
        if widths is not None:
            yield self._table(widths)
            return
        if self.title:
            yield Text(self.title, style="italic")
        yield from self._cards()

    def _widths(self, room: int) -> list[int] | None:
        """Of each column, so that all fit and nothing whole is broken; None where it cannot be."""
        columns = list(zip(self.headings, *self.rows, strict=True))
        least = [max(map(_longest_whole, column)) for column in columns]
        most = [max(map(_longest_line, column)) for column in columns]
        spare = room - sum(least)
        if spare < 0:
            return None
        wanted = sum(most) - sum(least)
        if wanted <= spare:
            return most
        return [low + spare * (high - low) // wanted for low, high in zip(least, most, strict=True)]

    def _table(self, widths: Sequence[int]) -> Table:
        table = Table(title=Text(self.title) if self.title else None)
        for heading, width in zip(self.headings, widths, strict=True):
            table.add_column(Text(heading), width=width, overflow="fold")
        for row in self.rows:
            table.add_row(*map(Text, row))
        return table

    def _cards(self) -> Iterator[Text]:
        for row in self.rows:
            yield Text("─" * 8)
            for heading, cell in zip(self.headings, row, strict=True):
                if cell:
                    yield Text.assemble((f"{heading}  ", "bold"), cell, overflow="fold")


def _longest_whole(text: str) -> int:
    """In cells; one at least, and two where something is that wide."""
    whole = [cell_len(word) for word in text.split() if _NAMING.search(word)]
    return max(whole, default=min(cell_len(text), 2) or 1)


def _longest_line(text: str) -> int:
    return max(max(map(cell_len, text.splitlines()), default=0), _longest_whole(text))
