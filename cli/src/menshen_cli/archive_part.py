"""The file of an export while it is written: `FILE.part`, which an interrupted export goes on with."""

import fcntl
import os
from collections.abc import Iterable
from io import BufferedRandom
from pathlib import Path
from types import TracebackType
from typing import Self

from menshen_access.domain.archive import (
    MOST_LINE_BYTES,
    ArchiveHeader,
    ArchiveTally,
    ArchiveTrailer,
    NotCanonicalError,
    header_line,
    is_trailer,
    link_line,
    read_header,
    read_link,
    trailer_line,
)
from menshen_access.domain.chain import StoredLink

from menshen_cli.local.language import LocalError
from menshen_cli.new_names import give_name


class ArchivePart:
    """Holds the part open and locked within `with`.

    `header` and `tally` are None until there is a header. LocalError when FILE exists, the part is none of ours, or
    another export writes it.
    """

    def __init__(self, file: Path, site: str) -> None:
        if os.path.lexists(file):
            raise _in_the_way(file)
        self._file = file
        self.path = file.with_name(file.name + ".part")
        self._site = site
        self.header: ArchiveHeader | None = None
        self.tally: ArchiveTally | None = None
        self._made = False

    def __enter__(self) -> Self:
        self._out = self._open()
        try:
            self._lock()
            self._resume()
        except BaseException:
            self._out.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.header is None and self._made:
            self.path.unlink()
        self._out.close()

    def begin(self, header: ArchiveHeader) -> None:
        """Write the header of a new file."""
        self.header, self.tally = header, ArchiveTally(header)
        self._out.write(header_line(header))

    def write(self, links: Iterable[StoredLink]) -> None:
        """Write links after those that are there; needs a header."""
        assert self.tally is not None
        for stored in links:
            line = link_line(stored)
            self._out.write(line)
            self.tally.add(line, stored.link)

    def finish(self) -> ArchiveTrailer:
        """Write the trailer, make all of it durable, and give the file its name."""
        assert self.tally is not None
        trailer = self.tally.trailer()
        self._out.write(trailer_line(trailer))
        self._out.flush()
        os.fsync(self._out.fileno())
        try:
            give_name(self.path, self._file)
        except FileExistsError:
            raise _in_the_way(self._file) from None
        folder = os.open(self._file.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        return trailer

    def _open(self) -> BufferedRandom:
        try:
            descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
            self._made = True
        except FileExistsError:
            descriptor = os.open(self.path, os.O_RDWR)
        return os.fdopen(descriptor, "r+b")

    def _lock(self) -> None:
        try:
            fcntl.flock(self._out, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LocalError(f"another export writes {self.path}", f"另一导出正在写入 {self.path}") from None

    def _resume(self) -> None:
        """Read what is there up to its last whole line, and drop the rest."""
        first, end = self._out.readline(MOST_LINE_BYTES), 0
        if first.endswith(b"\n"):
            end = self._read(first)
        elif not _begins_header(first, self._site):
            raise self._foreign(1)
        self._out.truncate(end)
        self._out.seek(end)

    def _read(self, first: bytes) -> int:
        end, number = len(first), 1
        try:
            header = read_header(first)
            tally = ArchiveTally(header)
            while (line := self._out.readline(MOST_LINE_BYTES)).endswith(b"\n") and not is_trailer(line):
                number += 1
                tally.add(line, read_link(line, header.site).link)
                end += len(line)
        except NotCanonicalError:
            raise self._foreign(number) from None
        if header.site != self._site:
            raise LocalError(f"{self.path} is of {header.site}", f"{self.path} 属于 {header.site}")
        self.header, self.tally = header, tally
        return end

    def _foreign(self, number: int) -> LocalError:
        return LocalError(
            f"{self.path}, line {number}, is not as an export writes it: remove the file to begin again",
            f"{self.path} 第 {number} 行不是导出文件的写法：请删除该文件后重新导出",
        )


def _begins_header(torn: bytes, site: str) -> bool:
    """Whether a header of the site, whatever its numbers, begins so."""
    for piece in header_line(ArchiveHeader(site, 0, 0, 0, 0)).replace(b":0", b":\0").split(b"\0"):
        if not torn.startswith(piece):
            return piece.startswith(torn)
        torn = torn.removeprefix(piece).lstrip(b"0123456789")
    return not torn


def _in_the_way(file: Path) -> LocalError:
    return LocalError(f"{file} exists and is not overwritten", f"{file} 已存在，不会覆盖")
