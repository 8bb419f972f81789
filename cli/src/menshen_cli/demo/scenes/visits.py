"""Visitors: too early, in time, at the wrong campus."""

from ..cast import HOST, VISITOR_CARD, VISITOR_NAME
from .stage import Stage, answered

_MINUTE_MS, _HOUR_MS = 60_000, 3_600_000
_EARLY_CARD, _GUEST_CARD = VISITOR_CARD, VISITOR_CARD + 1


async def visitors(stage: Stage) -> None:
    """One visit begins in a minute, one has begun."""
    now_ms = stage.clock.now_ms()
    async with stage.expectations.check("visitor_early") as line:
        await stage.office.book_visit(VISITOR_NAME, HOST, now_ms + _MINUTE_MS, now_ms + _HOUR_MS, _EARLY_CARD)
        passage = await stage.shows_soon("e2-p1-in", _EARLY_CARD, "DENY", "VISIT_NOT_YET")
        line.measured = answered(passage).text_en
    async with stage.expectations.check("visitor_inside"):
        await stage.office.book_visit("Jonas Thorne", HOST, now_ms, now_ms + _HOUR_MS, _GUEST_CARD)
        await stage.shows_soon("e2-p1-in", _GUEST_CARD, "GRANT", "", walk=True)
    async with stage.expectations.check("visitor_wrong_campus") as line:
        passage = await stage.shows_soon("n2-p2-in", _GUEST_CARD, "DENY", "VISIT_WRONG_SITE")
        line.measured = f"{answered(passage).text_zh} / {answered(passage).text_en}"
