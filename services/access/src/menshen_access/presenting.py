"""Deciding a file of presentations: by the site's plan and subjects as they are, under its policy or another one."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from menshen_rulebook.plan import SitePlan, plan_from_mapping, plan_to_json
from menshen_rulebook.replay.tally import Summary
from menshen_rulebook.types import IdentifierType
from menshen_servicekit.clock import Clock
from menshen_servicekit.status import DomainError, FieldTrouble, Trouble, counted

from menshen_access import presented_work
from menshen_access.drafts import Drafts
from menshen_access.presented_work import Presented, PresentedDifference
from menshen_access.querying import Querying, Question
from menshen_access.replay_process import PATIENCE_S, ReplayProcess, Seat

MOST_AT_ONCE: Final = 500
MOST_PRESENTATIONS: Final = 5_000_000
MOST_CREDENTIALS: Final = 200_000
MOST_TEXT: Final = 128
_TYPES: Final = frozenset(map(int, IdentifierType))
_MOST_TOLD: Final = 100
_LATEST_MS: Final = 10**13


class Holders(Protocol):
    """The subjects of a site as they stand."""

    async def holders(self, site: str, keys: Sequence[str]) -> Sequence[bytes]:
        """The records of those who hold any of these look-up keys, the one put last being last."""


@dataclass(frozen=True, slots=True)
class PresentedPage:
    """How many presentations were decided and how many of them otherwise, and which of those are new; the last page has
    the summary.
    """

    presentations: int
    differed: int
    differing: Sequence[PresentedDifference] = ()
    summary: Summary | None = None


class ReplayingPresentations:
    """Replays of presentations at all sites."""

    def __init__(
        self, holders: Holders, drafts: Drafts, querying: Querying, clock: Clock, process: ReplayProcess
    ) -> None:
        self._holders = holders
        self._drafts = drafts
        self._querying = querying
        self._clock = clock
        self._process = process

    async def decided(
        self, question: Question, policy_id: str, text: str, pages: AsyncIterator[Sequence[Presented]]
    ) -> AsyncGenerator[PresentedPage, None]:
        """Every presentation in turn by a policy, stored or as a document, or with neither by the one in force now; it
        is taken to be in force at all times, and compared with the one in force now where that is another.

        DomainError INVALID without a purpose, for a policy as `Drafts.asked` has it, and with each faulty presentation
        of the page that has one; CONFLICT without a policy to decide by; EXHAUSTED beyond the bounds above, of which
        `check_size` has the one of a page; DEADLINE when no more come; CONFLICT and UNAVAILABLE as `ReplayProcess` has
        them.
        """
        await self._querying.write_down(question, {"policy_id": policy_id, "document": len(text)})
        plan, asked, in_force = await self._policies(question.site, policy_id, text)
        checks = _Checks(plan)
        async with self._process.alone() as seat:
            document = await asyncio.to_thread(plan_to_json, plan)
            await seat.run(presented_work.begin, document, asked, in_force)
            differed = 0
            while page := await _next(pages):
                checks.check(page)
                differing = await self._page(seat, question.site, page)
                differed += len(differing)
                yield PresentedPage(checks.count, differed, differing)
            yield PresentedPage(checks.count, differed, summary=await seat.run(presented_work.summary))

    async def _policies(self, site: str, policy_id: str, text: str) -> tuple[SitePlan, int, int]:
        """The plan with both policies, the version asked about and the one in force, 0 for none."""
        now_ms = self._clock.now_ms()
        if policy_id or text:
            asked = await self._drafts.asked(site, policy_id, text)
            plan, version = await asyncio.to_thread(_read, asked.plan), asked.version
        else:
            plan, version = await self._drafts.plan(site), 0
        in_force = plan.policy_at(now_ms)
        standing = in_force.version if in_force is not None else 0
        if not version and not standing:
            raise DomainError(Trouble.CONFLICT, "POLICY_NONE", "此刻没有生效的策略", "no policy is in force now")
        return plan, version or standing, standing

    async def _page(self, seat: Seat, site: str, page: Sequence[Presented]) -> Sequence[PresentedDifference]:
        keys, credentials = await seat.run(presented_work.read, page)
        if credentials > MOST_CREDENTIALS:
            raise _too_large(MOST_CREDENTIALS, ("个凭证", "credentials"))
        records = await self._holders.holders(site, keys) if keys else ()
        return await seat.run(presented_work.decide, records)


def check_size(presentations: int) -> None:
    """DomainError EXHAUSTED for more at once than are taken: for whoever has them, before they are converted."""
    if presentations > MOST_AT_ONCE:
        raise _too_many()


class _Checks:
    """What every presentation has to be."""

    def __init__(self, plan: SitePlan) -> None:
        self.count = 0
        self._points: Collection[str] = {point.access_point_id for point in plan.access_points}
        self._at_ms = 0

    def check(self, page: Sequence[Presented]) -> None:
        """DomainError INVALID with each presentation at fault, a hundred at most; EXHAUSTED for too many."""
        self.count += len(page)
        if self.count > MOST_PRESENTATIONS:
            raise _too_many()
        faults = [fault for one in page for fault in self._faults(one)]
        if faults:
            first, count = faults[0], counted(len(faults), "fault")
            raise DomainError(
                Trouble.INVALID,
                "PRESENTATIONS_INVALID",
                f"{len(faults)} 处有误，未给出结果；首处 {first.path}：应为{first.message_zh}",
                f"{count}, and no answer; the first at {first.path}: expected {first.message_en}",
                faults[:_MOST_TOLD],
            )

    def _faults(self, one: Presented) -> Iterable[FieldTrouble]:
        line = f"presentations[{one.line}]"
        if not self._at_ms <= one.at_ms < _LATEST_MS:
            yield FieldTrouble(f"{line}.at_ms", "不早于前一行的时间", "a time not before the one ahead of it")
        self._at_ms = max(self._at_ms, one.at_ms)
        if not 0 < len(one.credential) <= MOST_TEXT:
            yield FieldTrouble(f"{line}.credential", f"1 至 {MOST_TEXT} 个字符", f"1 to {MOST_TEXT} characters")
        if one.type not in _TYPES:
            yield FieldTrouble(f"{line}.credential_type", "已知的凭证类型", "a known type of credential")
        if one.access_point_id not in self._points:
            yield FieldTrouble(f"{line}.access_point", "方案中的通行点", "an access point of the plan")


async def _next(pages: AsyncIterator[Sequence[Presented]]) -> Sequence[Presented]:
    """The next page that has any; an empty one at the end."""
    try:
        async with asyncio.timeout(PATIENCE_S):
            while True:
                page = await anext(pages, None)
                if page is None or page:
                    return page or ()
    except TimeoutError:
        raise DomainError(
            Trouble.DEADLINE,
            "PRESENTATIONS_AWAITED",
            f"{PATIENCE_S:.0f} 秒内没有后续通行记录",
            f"no further presentations came within {PATIENCE_S:.0f} seconds",
        ) from None


def _read(document: bytes) -> SitePlan:
    return plan_from_mapping(json.loads(document))


def _too_many() -> DomainError:
    return _too_large(MOST_PRESENTATIONS, (f"行（每次 {MOST_AT_ONCE}）", f"presentations, {MOST_AT_ONCE} at once"))


def _too_large(most: int, what: tuple[str, str]) -> DomainError:
    return DomainError(
        Trouble.EXHAUSTED,
        "REPLAY_TOO_LARGE",
        f"一次回放至多 {most} {what[0]}",
        f"a replay has at most {most} {what[1]}",
    )
