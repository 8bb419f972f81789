"""Verifying an export line by line: nothing is read but the lines, nothing is kept but the end of the chain.

Whoever can rewrite the whole file can write a chain that fits together; only heads that were signed outside his reach
tell. They are compared here with the links of their sequences.
"""

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Final

from menshen_access.domain.archive import (
    FORMAT,
    ArchiveHeader,
    ArchiveTally,
    NotCanonicalError,
    is_trailer,
    read_header,
    read_link,
    read_trailer,
)
from menshen_access.domain.chain import CLASSES, StoredLink, fault_of, promises_of
from menshen_access.domain.heads import NotAHeadError, SignedHead, head_of
from menshen_access.domain.history import GENESIS

_LAST_MS: Final = 253_402_214_400_000
"""The last day of the year 9999: a day later would be the year 10000 in some time zone, which no calendar shows."""


class ArchiveFaultError(Exception):
    """What is wrong with an export: the line of the file, the sequence (0 where no link is concerned), the words."""

    def __init__(self, line: int, sequence: int, en: str, zh: str) -> None:
        super().__init__(en)
        self.line = line
        self.sequence = sequence
        self.en = en
        self.zh = zh


@dataclass(slots=True)
class ArchiveFindings:
    """What was verified. `deleted` counts, by class, the links whose bytes are gone; `deleted_rows` those of any."""

    rows: int = 0
    deleted: dict[str, int] = field(default_factory=lambda: dict.fromkeys(CLASSES, 0))
    deleted_rows: int = 0
    heads_agreed: int = 0
    covered_through: int = 0
    heads_of_other_epochs: int = 0
    heads_outside: int = 0
    heads_later: int = 0
    heads_unreadable: int = 0


def signed_heads(
    lines: Iterable[bytes], site: str, holds: Callable[[SignedHead], bool]
) -> tuple[list[SignedHead], int]:
    """The heads of a file, without the signatures they had, and how many lines are none, as a torn one is.

    ArchiveFaultError where a signature does not hold.
    """
    heads, unreadable = [], 0
    for number, line in enumerate(lines, 1):
        try:
            head = head_of(line)
        except NotAHeadError:
            unreadable += 1
            continue
        if head.site != site:
            raise ArchiveFaultError(number, 0, f"the head is of {head.site}", f"该链头属于 {head.site}")
        if not holds(head):
            raise ArchiveFaultError(number, head.sequence, "the signature does not hold", "签名无效")
        heads.append(replace(head, signature=""))
    return heads, unreadable


class ArchiveCheck:
    """Takes the lines of one file in order, each with its newline; `finish` says what was verified.

    Every method raises ArchiveFaultError at the first fault. `heads` are signed heads of the header's site, whose
    signatures hold.
    """

    def __init__(self, first_line: bytes) -> None:
        self._line = 1
        try:
            self.header: ArchiveHeader = read_header(first_line)
        except NotCanonicalError:
            raise self._fault(0, "the header is none of an export", "文件头不是导出文件的文件头") from None
        if self.header.format != FORMAT:
            raise self._fault(0, f"the format is not {FORMAT}", f"格式不是 {FORMAT}")
        if not 0 <= self.header.after <= self.header.through:
            raise self._fault(0, "the header's sequences are out of order", "文件头的序号顺序有误")
        if not 0 <= self.header.exported_at_ms < _LAST_MS:
            raise self._fault(0, "the header's time is none", "文件头的时间无效")
        self._tally = ArchiveTally(self.header)
        self._previous = GENESIS if self.header.after == 0 else None
        self._epoch = 0
        self._ended = False
        self._heads: deque[SignedHead] = deque()
        self._differing: list[tuple[int, SignedHead]] = []
        self._agreed_epoch = 0
        self._findings = ArchiveFindings()

    def expect(self, heads: Iterable[SignedHead], unreadable: int = 0) -> None:
        """Compare with these heads; to be called before the first link. `unreadable` lines are only counted."""
        self._findings.heads_unreadable = unreadable
        self._heads = deque(sorted(heads, key=lambda head: head.sequence))
        self._agree(0, GENESIS, 0)

    def take(self, line: bytes) -> None:
        """The next line."""
        self._line += 1
        if self._ended:
            raise self._fault(0, "something stands after the trailer", "文件尾之后还有内容")
        if not line.endswith(b"\n"):
            cut = ("the file is cut short in the middle of a line", "文件不完整：在一行中间中断")
            raise self._fault(self._tally.sequence + 1, *cut)
        if is_trailer(line):
            self._end(line)
        else:
            self._take_link(line)

    def finish(self) -> ArchiveFindings:
        """To be called after the last line."""
        if not self._ended:
            self._line += 1
            raise self._fault(
                self._tally.sequence + 1, "the file is cut short: it has no trailer", "文件不完整：缺少文件尾"
            )
        for line, head in self._differing:
            if not self._lost(head):
                raise _rewritten(line, head.sequence)
        for head in self._heads:
            self._beyond(head)
        return self._findings

    def _take_link(self, line: bytes) -> None:
        expected = self._tally.sequence + 1
        try:
            stored = read_link(line, self.header.site)
        except NotCanonicalError:
            raise self._fault(expected, "the line is not as an export writes it", "该行不是导出文件的写法") from None
        fault = fault_of(stored, expected, self._previous)
        if fault is not None:
            raise self._fault(expected, fault.en, fault.zh)
        link = stored.link
        if not self._epoch <= link.epoch <= self.header.epoch:
            raise self._fault(expected, "the epoch is out of order", "纪元顺序有误")
        if expected > self.header.through:
            raise self._fault(expected, "the header promises fewer links", "链节多于文件头所述")
        if self._tally.count == 0 and expected > 1:
            self._agree(self.header.after, link.previous, link.epoch)
        self._agree(link.sequence, link.hash, link.epoch)
        self._count(stored)
        self._tally.add(line, link)
        self._epoch, self._previous = link.epoch, link.hash

    def _count(self, stored: StoredLink) -> None:
        findings = self._findings
        findings.rows += 1
        gone = [
            title
            for title, promise, one in zip(CLASSES, promises_of(stored.link), stored.stored, strict=True)
            if promise is not None and one is None
        ]
        findings.deleted_rows += bool(gone)
        for title in gone:
            findings.deleted[title] += 1

    def _end(self, line: bytes) -> None:
        try:
            trailer = read_trailer(line)
        except NotCanonicalError:
            raise self._fault(0, "the trailer is none of an export", "文件尾不是导出文件的文件尾") from None
        if self._tally.sequence < self.header.through:
            missing = self._tally.sequence + 1
            raise self._fault(missing, f"sequence {missing} is missing", f"缺少序号 {missing}")
        if trailer != self._tally.trailer():
            raise self._fault(0, "the trailer does not fit what stands before it", "文件尾与其前内容不符")
        self._ended = True

    def _agree(self, sequence: int, link_hash: bytes, epoch: int) -> None:
        """Compare the heads up to a sequence; those before it are of links that the file does not hold.

        A link recorded in a later epoch than the head's may stand where a restore lost one: `finish` judges that.
        """
        while self._heads and self._heads[0].sequence <= sequence:
            head = self._heads.popleft()
            if head.sequence < sequence:
                self._findings.heads_outside += 1
            elif head.hash == link_hash.hex():
                self._findings.heads_agreed += 1
                self._findings.covered_through = sequence
                self._agreed_epoch = max(self._agreed_epoch, head.epoch)
            elif head.epoch < epoch:
                self._differing.append((self._line, head))
            else:
                raise _rewritten(self._line, sequence)

    def _beyond(self, head: SignedHead) -> None:
        """A head after the last link: of a lost epoch, later than the export, or of links that were cut off."""
        if self._lost(head):
            return
        if head.at_ms > self.header.exported_at_ms:
            self._findings.heads_later += 1
        else:
            raise self._fault(
                head.sequence,
                f"the history is truncated: sequence {head.sequence} was signed before the export",
                f"历史被截断：序号 {head.sequence} 在导出之前已签名",
            )

    def _lost(self, head: SignedHead) -> bool:
        """Whether a restore lost the head's link. An epoch written in the file proves none; one signed later does."""
        lost = head.epoch < self._agreed_epoch
        self._findings.heads_of_other_epochs += lost
        return lost

    def _fault(self, sequence: int, en: str, zh: str) -> ArchiveFaultError:
        return ArchiveFaultError(self._line, sequence, en, zh)


def _rewritten(line: int, sequence: int) -> ArchiveFaultError:
    return ArchiveFaultError(
        line,
        sequence,
        "the link is not the one whose hash was signed: history was rewritten here or before",
        "该链节的哈希与签名时不同：此处或之前的历史被改写",
    )
