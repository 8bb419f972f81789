"""The lines of an export of a history, and the writing of them.

Every line is canonical JSON (keys sorted, no spaces, ASCII) and a newline. The first is the header, the last the
trailer, a link between them each. Commitments, hashes and salts are lowercase hexadecimal, stored bytes Base64; null
stands for what does not exist. `digest` is the SHA-256 of all bytes of the file before the trailer.
"""

import base64
import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Final, TypeVar

from menshen_access.domain.chain import StoredLink, promises_of
from menshen_access.domain.history import GENESIS, Commitments, Link

FORMAT: Final = "menshen-history-1"
MOST_LINE_BYTES: Final = 16 * 1024 * 1024
_NUMBERS: Final = ("epoch", "exported_at_ms", "after", "through")
_SITE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}\Z")
"""What a certificate can name as a site; nothing a terminal would obey."""
_Value = TypeVar("_Value")


class NotCanonicalError(ValueError):
    """The line is none that this module writes."""


@dataclass(frozen=True, slots=True)
class ArchiveHeader:
    """What a file holds: the links after `after` up to `through`; `exported_at_ms` is the centre's time."""

    site: str
    epoch: int
    exported_at_ms: int
    after: int
    through: int
    format: str = FORMAT


@dataclass(frozen=True, slots=True)
class ArchiveTrailer:
    """What a whole file ends with; `hash` is the last link's, GENESIS without one."""

    count: int
    sequence: int
    hash: bytes
    digest: bytes


class ArchiveTally:
    """The running end of a file: what its trailer will say."""

    def __init__(self, header: ArchiveHeader) -> None:
        self._digest = hashlib.sha256(header_line(header))
        self.count = 0
        self.sequence = header.after
        self.hash = GENESIS

    def add(self, line: bytes, link: Link) -> None:
        """Count the line of a link."""
        self._digest.update(line)
        self.count += 1
        self.sequence, self.hash = link.sequence, link.hash

    def trailer(self) -> ArchiveTrailer:
        """The trailer of the file as it is."""
        return ArchiveTrailer(self.count, self.sequence, self.hash, self._digest.digest())


def header_line(header: ArchiveHeader) -> bytes:
    return _line(asdict(header))


def trailer_line(trailer: ArchiveTrailer) -> bytes:
    return _line({**asdict(trailer), "hash": trailer.hash.hex(), "digest": trailer.digest.hex()})


def link_line(stored: StoredLink) -> bytes:
    """The line of a link; the site stands in the header only."""
    link = stored.link
    return _line(
        {
            "sequence": link.sequence,
            "epoch": link.epoch,
            "event_id": link.event_id,
            "kind": link.kind,
            "commitments": [_hex(promise) for promise in promises_of(link)],
            "previous": link.previous.hex(),
            "hash": link.hash.hex(),
            "stored": [None if one is None else base64.b64encode(one).decode() for one in stored.stored],
            "salts": [_hex(salt) for salt in stored.salts],
        }
    )


def read_header(line: bytes) -> ArchiveHeader:
    """NotCanonicalError for a line that `header_line` does not write."""
    return _read(line, _header, header_line)


def read_trailer(line: bytes) -> ArchiveTrailer:
    """NotCanonicalError for a line that `trailer_line` does not write."""
    return _read(line, _trailer, trailer_line)


def read_link(line: bytes, site: str) -> StoredLink:
    """NotCanonicalError for a line that `link_line` does not write."""
    return _read(line, lambda row: _link(row, site), link_line)


def is_trailer(line: bytes) -> bool:
    """Whether the line begins as only trailers do."""
    return line.startswith(b'{"count":')


def _read(line: bytes, build: Callable[[Any], _Value], write: Callable[[_Value], bytes]) -> _Value:
    """The value of a line, which must be written as it was, byte for byte."""
    try:
        value = build(json.loads(line))
        if write(value) == line:
            return value
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        pass
    raise NotCanonicalError("the line is not as it is written")


def _header(row: Any) -> ArchiveHeader:
    if not _SITE.match(row["site"]):
        raise NotCanonicalError("a site is none")
    return ArchiveHeader(**{**row, **{name: _number(row[name]) for name in _NUMBERS}})


def _trailer(row: Any) -> ArchiveTrailer:
    return ArchiveTrailer(
        _number(row["count"]), _number(row["sequence"]), *map(bytes.fromhex, (row["hash"], row["digest"]))
    )


def _link(row: Any, site: str) -> StoredLink:
    core, identity, health = (_unhex(text) for text in row["commitments"])
    stored = [None if text is None else base64.b64decode(text, validate=True) for text in row["stored"]]
    salts = [_unhex(text) for text in row["salts"]]
    link = Link(
        site,
        _number(row["epoch"]),
        _number(row["sequence"]),
        str(row["event_id"]),
        _number(row["kind"]),
        Commitments(core if core is not None else b"", identity, health),
        bytes.fromhex(row["previous"]),
        bytes.fromhex(row["hash"]),
    )
    return StoredLink(link, (stored[0], stored[1], stored[2]), (salts[0], salts[1], salts[2]))


def _number(value: object) -> int:
    """Python takes 1, 1.0 and true for one number; only the first is written as one."""
    if type(value) is not int:
        raise NotCanonicalError("a number is none")
    return value


def _line(row: dict[str, Any]) -> bytes:
    return json.dumps(row, sort_keys=True, separators=(",", ":")).encode() + b"\n"


def _hex(value: bytes | None) -> str | None:
    return None if value is None else value.hex()


def _unhex(text: str | None) -> bytes | None:
    return None if text is None else bytes.fromhex(text)
