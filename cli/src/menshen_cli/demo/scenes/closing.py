"""When the play is over: the books are compared, the chains verified, one refusal explained."""

from collections.abc import Sequence

from menshen.access.v1.events_pb2 import AccessEvent

from ..accounts import Books, keep_books
from ..expectations import require
from ..university import SITES, ZONES
from .fire import drained
from .stage import Stage


async def books(stage: Stage) -> tuple[Books, list[AccessEvent]]:
    """Compare the ledgers with the histories of all sites."""
    kept, events = Books(), list[AccessEvent]()
    async with stage.expectations.check("books") as line:
        await drained(stage)
        for site in SITES:
            events += await stage.office.history(site)
        entries, doors_of = list(stage.hardware.ledgers.entries()), {zone.panel: zone.doors for zone in ZONES}
        kept = keep_books(entries, events, lambda reader: reader, doors_of)
        line.measured = f"{len(events)} events"
        require(kept.agree, "books that agree", "; ".join(kept.mismatches[:3]) or "different counts")
    return kept, events


async def chain(stage: Stage, events: Sequence[AccessEvent]) -> None:
    """Every link of every history, from the first to the last."""
    async with stage.expectations.check("chain") as line:
        links = 0
        for site in SITES:
            report = await stage.office.verify_chain(site)
            require(not report.broken_at, f"a whole chain at {site}", f"{report.broken_at}: {report.detail}")
            recorded = sum(event.site == site for event in events)
            require(report.checked >= recorded, f"{recorded} links at {site}", report.checked)
            links += report.checked
        line.measured = f"{links} links"


async def explained(stage: Stage) -> Sequence[AccessEvent]:
    """The refusal a scene left for the last screen, with every reason in both languages."""
    found: Sequence[AccessEvent] = ()
    async with stage.expectations.check("explained") as line:
        require("refusal_id" in stage.told, "a refusal to explain")
        found = await stage.office.explain(stage.told["refusal_site"], stage.told["refusal_id"])
        reasons = [reason for event in found for reason in event.reasons]
        require(len(reasons) > 1, "several reasons", [reason.code for reason in reasons])
        untold = [r.code for r in reasons if not (r.holder.zh and r.holder.en and r.guard.zh and r.guard.en)]
        require(not untold, "texts in zh and en", untold)
        line.measured = ", ".join(reason.code for reason in reasons)
    return found
