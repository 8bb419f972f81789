"""A day at a real gate, in real stores: what is decided is recorded, and whatever it was decided on."""

import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from menshen_access.domain.administration import Deed, PlanChange, RaisedHold
from menshen_access.domain.asking import Decided
from menshen_access.domain.circumstances import circumstances_of
from menshen_access.domain.events import EventKind, EventPayload
from menshen_access.domain.history import entry_of
from menshen_access.domain.subject_records import FeedChange, FeedPlace
from menshen_access.domain.threat_levels import SetThreatLevel
from menshen_access.explaining import Explaining, Explanation
from menshen_access.postgres.administration import Administration
from menshen_access.postgres.ledgers import PooledLedger
from menshen_access.postgres.past_inputs import PastInputs
from menshen_access.postgres.reading import HistoryReader
from menshen_access.postgres.sites import Sites
from menshen_access.postgres.subjects import Subjects
from menshen_access.postgres.threat_levels import ThreatLevels
from menshen_access.publishing import put_of
from menshen_access.querying import Querying, Question
from menshen_rulebook.plan import plan_to_json
from menshen_rulebook.types import CredentialState, Identifier, IdentifierType, Outcome, Subject
from menshen_servicekit.postgres import Pool

SITE = "north"
QUESTION = Question(SITE, "operator/li", "ExplainEvent", "complaint 7")
POINTS = ("n-in", "n-out", "l-in", "l-out", "p-in", "nowhere")
FEED = "identity"
POLICY = {"language": 1, "site": SITE}
TEXT = {"zh": "请联系门岗。", "en": "Please see the guard."}
FEVER = {
    "id": "temperature",
    "where": {"directions": ["ENTRY"]},
    "test": {"fact": "temperature_c", "below": 37.3, "newest": True},
    "rulings": {"absent": "GRANT", "unknown": "GRANT", "stale": "GRANT", "rejected": "MANUAL_REVIEW"},
    "code": "TEMPERATURE_HIGH",
    "texts": {"holder": TEXT, "guard": TEXT, "record": TEXT},
}


class Day:
    """A gate whose plan, subjects and circumstances are written to PostgreSQL first, as the service does."""

    def __init__(self, gate: Any, pool: Pool, sites: Sites, ledger: PooledLedger, reader: HistoryReader) -> None:
        self.gate = gate
        self.told = 0
        self.pool = pool
        self.ledger = ledger
        self.store = Administration(pool, sites)
        self.subjects = Subjects(pool, sites)
        self.levels = ThreatLevels(pool, sites)
        querying = Querying(reader, self.store, gate.clock)
        self.explaining = Explaining(querying, PastInputs(pool), self.store, gate.clock)

    def deed(self) -> Deed:
        return Deed(SITE, self.gate.clock.now_ms(), "operator/li", "DRILL", "", "a drill")

    async def enact(self, **changes: Any) -> None:
        version = (await self.store.current_plan(SITE))[0] + 1
        plan = self.gate.plan(version, **changes)
        await self.store.change_plan(SITE, self.deed(), lambda _v, _d: PlanChange(version, plan_to_json(plan)))
        await self.gate.put_plan(plan)

    async def tell(self, subject: Subject, pin: bytes = b"", duress: bytes = b"") -> None:
        self.told += 1
        told_at = self.gate.clock.now_ms() * 1000 + self.told
        change = FeedChange(subject.subject_id, told_at, subject, pin, duress)
        await self.subjects.apply_changes(SITE, [change], FEED, FeedPlace(1, told_at))
        held = await self.subjects.of_ids(SITE, [subject.subject_id])
        await self.gate.projection.put_records(SITE, self.gate.generation, list(map(put_of, held.values())))

    async def raise_hold(self, access_point: str) -> str:
        hold = RaisedHold(self.gate.new_id(), "operator/li", "", access_point, "a drill", self.gate.clock.now_ms())
        await self.store.raise_hold(SITE, hold, self.deed())
        await self._publish()
        return hold.hold_id

    async def release_hold(self, hold_id: str) -> None:
        await self.store.release_hold(SITE, hold_id, self.deed())
        await self._publish()

    async def set_level(self, level: int) -> None:
        now_ms = self.gate.clock.now_ms()
        await self.levels.set_level(SITE, SetThreatLevel("", level, "operator/li", "a drill", now_ms), self.deed())
        await self._publish()

    async def _publish(self) -> None:
        held = await self.store.current_holds(SITE)
        encoded = circumstances_of(SITE, held).encode()
        await self.gate.projection.put_circumstances(SITE, self.gate.generation, held.version, encoded)

    async def present(
        self,
        card: str,
        access_point: str = "n-in",
        *,
        pin: str = "",
        heat: float = 0.0,
        others: tuple[str, ...] = (),
        open_doors: tuple[str, ...] = (),
    ) -> EventPayload:
        """A presentation that is decided on and recorded; whoever may pass, passes."""
        asked = self.gate.asked(card, access_point, pin=pin)
        held = (card, *(other for other in others if other != card))
        shown = tuple(Identifier(IdentifierType.CARD, one) for one in held)
        measured = (("temperature_c", heat),) if heat else ()
        presentation = replace(asked.presentation, identifiers=shown, measured=measured)
        keys = tuple(identifier.key for identifier in shown)
        asked = replace(asked, presentation=presentation, keys=keys, own=1, open_interlock_doors=open_doors)
        decided = await self.gate.answer(asked)
        assert isinstance(decided, Decided), decided
        event = decided.event
        if event.core["outcome"] <= Outcome.GRANT_WITH_REMINDER:
            taken = self.gate.report(event.event_id, EventKind.TAKEN, access_point=access_point)
            await self.gate.events.receive(SITE, "north-1", taken)
        await self.record(event)
        return event

    async def record(self, *events: EventPayload) -> None:
        await self.ledger.append(SITE, [entry_of(event, late=False) for event in events], 0)

    async def explain(self, event: EventPayload) -> Explanation:
        return await self.explaining.explain(QUESTION, event.event_id)


async def live_through(day: Day, chance: random.Random, steps: int) -> Sequence[EventPayload]:
    """Presentations at every access point, and changes of everything a decision is made on between them."""
    cards, holds, decided = ("AA", "BB", "CC", "DD"), [], []
    states = (CredentialState.ACTIVE, CredentialState.ACTIVE, CredentialState.LOST)
    for card in cards[:3]:
        await day.tell(day.gate.staff(f"c:{card}", card))
    for step in range(steps):
        if step == steps // 2:
            first, second = ({"version": n, **POLICY, "from": f"202{n}-01-01T00:00:00+08:00"} for n in (1, 2))
            await day.enact(policies=[first, {**second, "requirements": [FEVER]}])
        match chance.randrange(12):
            case 0:
                card = chance.choice(cards)
                once, state = chance.random() < 0.3, chance.choice(states)
                await day.tell(day.gate.staff(f"c:{card}", card, state=state, single_use=once))
            case 1 if holds:
                await day.release_hold(holds.pop())
            case 1:
                holds.append(await day.raise_hold(chance.choice(POINTS[:4])))
            case 2:
                await day.set_level(chance.randrange(3))
            case _:
                event = await day.present(
                    chance.choice(cards),
                    chance.choice(POINTS),
                    heat=chance.choice((0.0, 36.8, 38.1)),
                    others=chance.choice(((), (), cards[:1])),
                    open_doors=chance.choice(((), (), (), ("n-door",))),
                )
                decided.append(event)
    return decided
