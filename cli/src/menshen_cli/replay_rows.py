"""Presentations and subjects of a replay, read from CSV files (RFC 4180, UTF-8, `.gz` too); every faulty row is named.

Presentations: `time`, `credential`, `access_point`. A time is ISO 8601, with its offset or local of the plan, or epoch
milliseconds of 11 to 13 digits. Subjects: `credential`, `category` and, where they matter, `kind` (person, vehicle),
`groups` (separated by `;`), `credential_type` (card, epc, plate), `vehicle_class` and `permit`.
"""

import csv
import gzip
import zlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import IO, TypeVar

from menshen_rulebook.plan import SitePlan
from menshen_rulebook.replay.replaying import Known, Row
from menshen_rulebook.subject import Credential, Identifier, Subject, Vehicle
from menshen_rulebook.vocabulary import CredentialState, IdentifierType, PermitState, SubjectKind, VehicleClass

from menshen_cli.local.language import LocalError, pick
from menshen_cli.os_troubles import unreadable

T = TypeVar("T")

ROW_COLUMNS = ("time", "credential", "access_point")
SUBJECT_COLUMNS = ("category", "kind", "groups", "credential_type", "vehicle_class", "permit")
KINDS = {"person": SubjectKind.CARDHOLDER, "vehicle": SubjectKind.VEHICLE}
_TYPES = {"card": IdentifierType.CARD, "epc": IdentifierType.EPC, "plate": IdentifierType.PLATE}
_CLASSES = {one.name: one for one in VehicleClass if one}
_PERMITS = {"": PermitState.UNSPECIFIED, **{one.name: one for one in PermitState if one}}
_EPOCH_DIGITS = range(11, 14)
_LATEST_MS = 10**13


class RowFaultyError(ValueError):
    """What was expected of a cell."""


@dataclass
class Faults:
    """The faulty rows of a replay. All are counted, the first hundred are told."""

    MOST = 100
    told: list[str] = field(default_factory=list)
    count: int = 0

    def add(self, file: Path, line: int, expected: object) -> None:
        """Note what was expected on a line."""
        self.count += 1
        if self.count <= self.MOST:
            self.told.append(pick(f"{file}:{line}: expected {expected}", f"{file}:{line}: 应为{expected}"))


@dataclass(frozen=True)
class Readings:
    """Presentations in the order of their times, the subjects their own columns describe, credential types by line."""

    rows: Sequence[Row]
    known: Mapping[str, Known]
    types: Mapping[int, IdentifierType] = field(default_factory=dict)


class Places:
    """The access points of a plan by the names of the rows.

    With `both_ways` a name that the plan has as NAME-in and NAME-out alone is a reader that tells no direction: the
    first read of a credential at any of them goes in, the next one out, and so on.
    """

    def __init__(self, plan: SitePlan, *, both_ways: bool) -> None:
        self._ids = {point.access_point_id for point in plan.access_points}
        ins = {name.removesuffix("-in") for name in self._ids if name.endswith("-in")}
        self._two_way = {name for name in ins - self._ids if f"{name}-out" in self._ids} if both_ways else set()

    def named(self, name: str) -> str:
        """The name; raises RowFaultyError where the plan has no such access point."""
        if name not in self._ids and name not in self._two_way:
            raise RowFaultyError(pick(f"an access point of the plan, not {name!r}", f"方案中的通行点，而非 {name!r}"))
        return name

    def directed(self, rows: Sequence[Row]) -> list[Row]:
        """Rows in order of time with the direction of every read."""
        if not self._two_way:
            return list(rows)
        inside: set[str] = set()
        directed: list[Row] = []
        for row in rows:
            if row.access_point_id in self._two_way:
                way = "out" if row.credential in inside else "in"
                inside ^= {row.credential}
                row = row._replace(access_point_id=f"{row.access_point_id}-{way}")  # noqa: PLW2901
            directed.append(row)
        return directed


def read_rows(
    file: Path,
    plan: SitePlan,
    places: Places,
    names: Mapping[str, str],
    kind: str | None,
    faults: Faults,
    *,
    typed: bool = False,
) -> Readings:
    """The presentations of a file; `names` gives columns their names there.

    `kind` is that of subjects whose row has none; None: the subjects stand elsewhere, and rows describe nobody. With
    `typed` the column credential_type says what was read, where it says anything.
    """
    types: dict[int, IdentifierType] = {}
    zone = timezone(timedelta(minutes=plan.utc_offset_minutes))
    rows: list[Row] = []
    found = _Described(plan.site, kind or "")
    for line, cells in _records(file, names, ROW_COLUMNS, faults):
        try:
            at_ms, credential = _instant_ms(cells["time"], zone), _filled(cells, "credential")
            rows.append(Row(line, at_ms, credential, places.named(cells["access_point"])))
            if typed and cells.get("credential_type"):
                types[line] = _one_of(_TYPES, "credential_type", cells["credential_type"])
            if kind is not None and "category" in cells:
                found.add(line, cells)
        except RowFaultyError as expected:
            faults.add(file, line, expected)
    rows.sort(key=lambda row: row.at_ms)
    return Readings(places.directed(rows), found.known, types)


def read_subjects(file: Path, site: str, kind: str, faults: Faults) -> Mapping[str, Known]:
    """The subjects of a file, by credential: each credential is one subject."""
    known: dict[str, Known] = {}
    for line, cells in _records(file, {}, ("credential", "category"), faults):
        try:
            credential = _new(_filled(cells, "credential"), known)
            known[credential] = _subject(site, credential, cells, kind)
        except RowFaultyError as expected:
            faults.add(file, line, expected)
    return known


class _Described:
    """The subjects that presentations describe, each time alike."""

    def __init__(self, site: str, kind: str) -> None:
        self.known: dict[str, Known] = {}
        self._site = site
        self._kind = kind
        self._first: dict[str, tuple[int, tuple[str | None, ...]]] = {}

    def add(self, line: int, cells: Mapping[str, str]) -> None:
        credential = cells["credential"]
        described = tuple([cells.get(name) for name in SUBJECT_COLUMNS])
        first = self._first.get(credential)
        if first is None:
            self.known[credential] = _subject(self._site, credential, cells, self._kind)
            self._first[credential] = (line, described)
        elif first[1] != described:
            raise RowFaultyError(
                pick(
                    f"{credential!r} described as on line {first[0]}", f"与第 {first[0]} 行对 {credential!r} 的描述相同"
                )
            )


def _subject(site: str, credential: str, cells: Mapping[str, str], kind: str) -> Known:
    subject_kind = _one_of(KINDS, "kind", cells.get("kind") or kind)
    is_vehicle = subject_kind is SubjectKind.VEHICLE
    type_ = _one_of(_TYPES, "credential_type", cells.get("credential_type") or ("epc" if is_vehicle else "card"))
    identifier = Identifier(type_, credential)
    vehicle = None
    if is_vehicle:
        vehicle_class = _one_of(_CLASSES, "vehicle_class", cells.get("vehicle_class") or "CAR")
        permit = _one_of(_PERMITS, "permit", cells.get("permit", ""))
        vehicle = Vehicle(vehicle_class, permit, plate=credential if type_ is IdentifierType.PLATE else "")
    subject_id = f"{'v' if is_vehicle else 'c'}:{credential}"
    groups = tuple(group for group in cells.get("groups", "").split(";") if group)
    held = Credential(credential, (identifier,), CredentialState.ACTIVE)
    category = _filled(cells, "category")
    return Known(identifier, Subject(subject_id, 1, subject_kind, category, site, groups, (held,), vehicle=vehicle))


def _one_of(words: Mapping[str, T], column: str, word: str) -> T:
    if word not in words:
        names = ", ".join(filter(None, words))
        raise RowFaultyError(pick(f"one of {names} in {column}", f"{column} 列为 {names} 之一"))
    return words[word]


def _new(credential: str, known: Collection[str]) -> str:
    if credential in known:
        raise RowFaultyError(pick(f"credential {credential!r} once", f"凭证 {credential!r} 只出现一次"))
    return credential


def _filled(cells: Mapping[str, str], column: str) -> str:
    if not cells[column]:
        raise RowFaultyError(pick(f"a value in {column}", f"{column} 列有值"))
    return cells[column]


def _instant_ms(text: str, zone: timezone) -> int:
    if text.isdecimal() and text.isascii() and len(text) in _EPOCH_DIGITS:
        return int(text)
    try:
        at = datetime.fromisoformat(text)
        at = at if at.tzinfo is not None else at.replace(tzinfo=zone)
        at_ms = round(at.timestamp() * 1000)
    except (ValueError, OverflowError):
        at_ms = -1
    if not 0 <= at_ms < _LATEST_MS or text.isdecimal():
        raise RowFaultyError(
            pick(
                f"a time such as 2026-03-02T08:00:00+08:00 or epoch milliseconds, not {text!r}",
                f"形如 2026-03-02T08:00:00+08:00 的时间或毫秒时间戳，而非 {text!r}",
            )
        )
    return at_ms


def _records(
    file: Path, names: Mapping[str, str], required: Collection[str], faults: Faults
) -> Iterator[tuple[int, dict[str, str]]]:
    """The records of a file with the line each begins on, by our names of the columns."""
    try:
        with _opened(file) as text:
            reader = csv.reader(text, strict=True)
            header = next(reader, [])
            columns = _columns(file, header, names, required)
            line = reader.line_num + 1
            for cells in reader:
                if len(cells) == len(header):
                    yield line, {name: cells[place] for name, place in columns}
                elif cells:
                    faults.add(
                        file,
                        line,
                        pick(f"{len(header)} cells, not {len(cells)}", f"{len(header)} 格，而非 {len(cells)} 格"),
                    )
                line = reader.line_num + 1
    except csv.Error as trouble:
        faults.add(
            file, reader.line_num, pick(f"a CSV record by RFC 4180 ({trouble})", f" RFC 4180 的 CSV 记录（{trouble}）")
        )
    except OSError as error:
        if error.errno is not None:
            raise unreadable(error) from None
        raise _no_csv(file) from None
    except (EOFError, UnicodeDecodeError, zlib.error):
        raise _no_csv(file) from None


def _no_csv(file: Path) -> LocalError:
    return LocalError(f"no readable UTF-8 CSV file {file}", f"没有可读的 UTF-8 CSV 文件 {file}")


def _columns(
    file: Path, header: Sequence[str], names: Mapping[str, str], required: Collection[str]
) -> list[tuple[str, int]]:
    wanted = {name: names.get(name, name) for name in (*ROW_COLUMNS, *SUBJECT_COLUMNS)}
    missing = [wanted[name] for name in wanted if (name in required or name in names) and wanted[name] not in header]
    if missing:
        listed = ", ".join(missing)
        raise LocalError(f"{file}:1: expected the columns {listed}", f"{file}:1: 应有列 {listed}")
    return [(name, header.index(column)) for name, column in wanted.items() if column in header]


def _opened(file: Path) -> IO[str]:
    if file.suffix == ".gz":
        return gzip.open(file, "rt", encoding="utf-8-sig", newline="")
    return file.open(encoding="utf-8-sig", newline="")
