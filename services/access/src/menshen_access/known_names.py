"""Whether a site knows what a question names, now or formerly; what it never knew is not answered with nothing."""

from typing import Protocol

from menshen_rulebook.reasons import TEXTS

from menshen_access.domain.history import EventFilter, RecordedEvent, is_storable
from menshen_access.name_refusals import (
    access_point_never,
    category_unknown,
    reason_unknown,
    subject_never,
    unit_unknown,
)
from menshen_access.querying import NEWEST, Querying, Question


class NameSource(Protocol):
    """The names in the records, the plans that are kept, and the events, each found by an index or in a small table."""

    async def subject(self, site: str, subject_id: str) -> bool:
        """In a record, of a removed subject too, or in an event."""

    async def access_point(self, site: str, access_point_id: str) -> bool:
        """In a plan that is kept, or in an event."""

    async def category(self, site: str, name: str) -> bool:
        """In a record as it stands, or beside an event."""

    async def unit(self, site: str, name: str) -> bool:
        """In a record as it stands, or beside an event."""

    async def reason(self, site: str, code: str) -> bool:
        """In a policy of a plan that is kept, or in an event."""


class KnownNames:
    """The names of all sites; nothing has a name that cannot be stored."""

    def __init__(self, source: NameSource) -> None:
        self._source = source

    async def check_subject(self, site: str, subject_id: str) -> None:
        """DomainError NOT_FOUND for a subject the site never knew."""
        if not (is_storable(subject_id) and await self._source.subject(site, subject_id)):
            raise subject_never()

    async def check_unit(self, site: str, unit: str) -> None:
        """DomainError NOT_FOUND for a unit to which nobody known belongs, and no event."""
        if not (is_storable(unit) and await self._source.unit(site, unit)):
            raise unit_unknown()

    async def check(self, site: str, wanted: EventFilter) -> None:
        """DomainError for the first name of a question about events that the site never knew."""
        code = wanted.reason_code
        if code and code not in TEXTS and not (is_storable(code) and await self._source.reason(site, code)):
            raise reason_unknown()
        point = wanted.access_point
        if point and not (is_storable(point) and await self._source.access_point(site, point)):
            raise access_point_never()
        if wanted.subject_id:
            await self.check_subject(site, wanted.subject_id)
        category = wanted.category
        if category and not (is_storable(category) and await self._source.category(site, category)):
            raise category_unknown()
        if wanted.unit:
            await self.check_unit(site, wanted.unit)


class Listing:
    """Pages of events for those who may name anybody: an empty answer is never that of a name nobody knows."""

    def __init__(self, querying: Querying, names: KnownNames) -> None:
        self._querying = querying
        self._names = names

    async def listed(self, question: Question, wanted: EventFilter, size: int) -> tuple[list[RecordedEvent], int]:
        """As `Querying.listed`; DomainError where nothing is found and the site never knew what is asked about."""
        found, following = await self._querying.listed(question, wanted, size)
        if not found and wanted.before_sequence == NEWEST:
            await self._names.check(question.site, wanted)
        return found, following
