"""Reports of a site: rows, and a total they add up to."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PassageCount:
    """Passages at an access point in the hour of the site's clock that begins at `hour_from_ms`."""

    access_point: str
    hour_from_ms: int
    passages: int


@dataclass(frozen=True, slots=True)
class RefusalCount:
    """Refused presentations at an access point; `reason_code` is the first of the decision, empty for none."""

    access_point: str
    reason_code: str
    refusals: int


@dataclass(frozen=True, slots=True)
class Overstay:
    """A stay in an area that began at `since_ms`; `area` is the innermost the subject is in."""

    subject_id: str
    since_ms: int
    area: str


@dataclass(frozen=True, slots=True)
class MusterCount:
    """Who is in one area, and who was last seen there and is unknown since; areas inside it are counted apart."""

    area: str
    inside: int
    unknown: int


@dataclass(frozen=True, slots=True)
class PassageReport:
    """`total` is the sum over the rows. `deleted` decisions lost their identity: what they let pass may be missing.

    The site's clock is `utc_offset_minutes` ahead of UTC.
    """

    total: int
    rows: tuple[PassageCount, ...]
    deleted: int = 0
    utc_offset_minutes: int = 0


@dataclass(frozen=True, slots=True)
class RefusalReport:
    """`total` is the sum over the rows. `deleted` decisions were deleted whole: refusals may be missing."""

    total: int
    rows: tuple[RefusalCount, ...]
    deleted: int = 0


@dataclass(frozen=True, slots=True)
class OverstayReport:
    """`total` is the number of rows. The site's clock is `utc_offset_minutes` ahead of UTC."""

    total: int
    rows: tuple[Overstay, ...]
    utc_offset_minutes: int = 0


@dataclass(frozen=True, slots=True)
class AbsenceReport:
    """Subject ids without a passage, `total` of them, and how many subjects of the site `passed`.

    `deleted` decisions lost their identity: whom they let pass may be among the rows.
    """

    total: int
    passed: int
    rows: tuple[str, ...]
    deleted: int = 0


@dataclass(frozen=True, slots=True)
class UnusedReport:
    """(subject id, credential id) of active credentials not presented, `total` of them; `presented` were.

    `deleted` decisions lost their identity and cannot tell.
    """

    total: int
    presented: int
    deleted: int
    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class MusterReport:
    """`total` is the sum of inside and unknown over the rows."""

    total: int
    rows: tuple[MusterCount, ...]


@dataclass(frozen=True, slots=True)
class Span:
    """[from_ms, to_ms)."""

    from_ms: int
    to_ms: int
