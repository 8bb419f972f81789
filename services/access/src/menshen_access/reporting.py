"""Reporting: what a site's security officer asks for, counted from the history. Each names its purpose."""

from dataclasses import replace
from datetime import date
from typing import Final, Protocol

from menshen_rulebook.plan import SitePlan, plan_from_mapping
from menshen_servicekit.clock import Clock
from menshen_servicekit.status import DomainError, FieldTrouble, Trouble

from menshen_access.domain.reports import (
    AbsenceReport,
    MusterReport,
    OverstayReport,
    PassageReport,
    RefusalReport,
    Span,
    UnusedReport,
)
from menshen_access.mustering import DERIVED_AT_ONCE, PlanSource, PresenceRegisters
from menshen_access.name_refusals import area_unknown
from menshen_access.plan_making import plain_plan
from menshen_access.querying import Querying, Question, days_between

_HOUR_MS: Final = 3_600_000
_MOST_HOURS: Final = 24 * 7
"""Passages that were overtaken are kept so long: who has been in longer could not be told."""
_MOST_MS: Final = 366 * 24 * _HOUR_MS
_LAST_MS: Final = 4_733_510_400_000

Days = tuple[date, date]


class ReportSource(Protocol):
    """Counts in PostgreSQL, one snapshot each."""

    async def passages(self, site: str, span: Span, days: Days, utc_offset_minutes: int) -> PassageReport:
        """By access point and hour of a clock that far ahead of UTC."""

    async def refusals(self, site: str, span: Span, days: Days) -> RefusalReport:
        """By access point and first reason."""

    async def overstays(self, site: str, area: str, before_ms: int) -> OverstayReport:
        """Stays that began before an instant and have not ended."""

    async def without_passage(self, site: str, span: Span, days: Days) -> AbsenceReport:
        """Subjects that did not pass."""

    async def unused(self, site: str, span: Span, days: Days) -> UnusedReport:
        """Active credentials that were not presented."""

    async def muster(self, site: str) -> MusterReport:
        """By innermost area."""


class Reporting:
    """Reports of all sites. Each is written down first; DomainError INVALID without a purpose."""

    def __init__(
        self, source: ReportSource, registers: PresenceRegisters, plans: PlanSource, querying: Querying, clock: Clock
    ) -> None:
        self._source = source
        self._registers = registers
        self._plans = plans
        self._querying = querying
        self._clock = clock

    async def passages(self, question: Question, span: Span) -> PassageReport:
        """Passages in a span of at most 366 days; DomainError INVALID for another."""
        days = await self._opened(question, span)
        return await self._source.passages(
            question.site, span, days, (await self._plan(question.site)).utc_offset_minutes
        )

    async def refusals(self, question: Question, span: Span) -> RefusalReport:
        """Refusals in a span of at most 366 days; DomainError INVALID for another."""
        days = await self._opened(question, span)
        return await self._source.refusals(question.site, span, days)

    async def without_passage(self, question: Question, span: Span) -> AbsenceReport:
        """Who did not pass in a span of at most 366 days; DomainError INVALID for another."""
        days = await self._opened(question, span)
        return await self._source.without_passage(question.site, span, days)

    async def unused(self, question: Question, span: Span) -> UnusedReport:
        """Which credentials nobody presented in a span of at most 366 days; DomainError INVALID for another."""
        days = await self._opened(question, span)
        return await self._source.unused(question.site, span, days)

    async def overstays(self, question: Question, area: str, hours: int) -> OverstayReport:
        """Who has been in the area longer than 1 to 168 hours; DomainError INVALID for others and an unknown area."""
        await self._querying.write_down(question, {"area": area, "hours": hours})
        if not 1 <= hours <= _MOST_HOURS:
            wrong = FieldTrouble("hours", f"1 至 {_MOST_HOURS}", f"1 to {_MOST_HOURS}")
            raise DomainError(Trouble.INVALID, "HOURS_INVALID", "小时数无效", "the number of hours is invalid", [wrong])
        plan = await self._plan(question.site)
        if area not in {known.area_id for known in plan.areas}:
            raise area_unknown()
        await self._derive(question.site)
        found = await self._source.overstays(question.site, area, self._clock.now_ms() - hours * _HOUR_MS)
        return replace(found, utc_offset_minutes=plan.utc_offset_minutes)

    async def muster(self, question: Question) -> MusterReport:
        """Everybody who has a place, by area."""
        await self._querying.write_down(question, {})
        await self._derive(question.site)
        return await self._source.muster(question.site)

    async def _opened(self, question: Question, span: Span) -> Days:
        await self._querying.write_down(question, {"from_ms": span.from_ms, "to_ms": span.to_ms})
        if not 0 < span.from_ms < span.to_ms <= min(span.from_ms + _MOST_MS, _LAST_MS):
            raise _span_invalid()
        return days_between(span.from_ms, span.to_ms)

    async def _plan(self, site: str) -> SitePlan:
        version, document = await self._plans.current_plan(site)
        return plan_from_mapping(plain_plan(site, version, document))

    async def _derive(self, site: str) -> None:
        while await self._registers.derive(site, DERIVED_AT_ONCE):
            pass


def _span_invalid() -> DomainError:
    wrong = FieldTrouble("to_ms", "晚于起点，至多 366 天", "after the start, by at most 366 days")
    return DomainError(
        Trouble.INVALID,
        "SPAN_INVALID",
        "时间段的终点须晚于起点，且不超过 366 天",
        "the span has to end after it begins, by 366 days at most",
        [wrong],
    )
