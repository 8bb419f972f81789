"""The edge decision: the same rulebook on what the gate holds, for when the centre is silent."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import structlog
from menshen_rulebook.alone import Alone, fault, withheld
from menshen_rulebook.decide import decide
from menshen_rulebook.plates import known_as
from menshen_rulebook.types import (
    Decision,
    FactValue,
    LiveState,
    OpenReview,
    PinVerdict,
    Presentation,
    Subject,
)
from menshen_servicekit.clock import Clock

from menshen_device_agent.edge.holding import EdgeHolding
from menshen_device_agent.events import Answer, Asked, EdgeInputs, EventKind, Why

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class EdgeRules:
    """How far an edge decision may be trusted. Entries only: an exit never depends on it."""

    stale_after_ms: int = 24 * 3_600_000
    """Age of the holding beyond which entries are refused."""


class EdgeDecider:
    """Decides alone. Never raises: unexpected trouble is a denial at an entry and an open way at an exit."""

    def __init__(
        self,
        site: str,
        agent_id: str,
        clock: Clock,
        holding: Callable[[], EdgeHolding],
        released: Callable[[str], bool],
        wired_exit: Callable[[str], bool],
        rules: EdgeRules | None = None,
        used: Callable[[str], frozenset[str]] = lambda _: frozenset(),
        used_up: Callable[[Iterable[Subject]], frozenset[str]] = lambda _: frozenset(),
    ) -> None:
        self._site = site
        self._agent_id = agent_id
        self._clock = clock
        self._holding = holding
        self._released = released
        self._wired_exit = wired_exit
        self._rules = rules or EdgeRules()
        self._used = used
        self._used_up = used_up

    def decide(self, asked: Asked) -> Answer:
        """The answer to one presentation."""
        now_ms = self._clock.now_ms()
        holding = self._holding()
        try:
            return self._judge(asked, holding, now_ms)
        except Exception as error:  # noqa: BLE001  (whatever breaks here must still end in an answer at the lane)
            _log.error("edge_decision_failed", error=type(error).__name__)
            return self._fault(asked, holding, now_ms)

    def way_out(self, access_point: str) -> bool:
        """Whether people leave here: by the plan, or by the wiring where no plan is held."""
        known = self._holding().is_way_out(access_point, self._clock.now_ms())
        return self._wired_exit(access_point) if known is None else known

    def _judge(self, asked: Asked, holding: EdgeHolding, now_ms: int) -> Answer:
        access_point, plan = asked.access_point, holding.plan
        alone = self._alone(holding, access_point, now_ms, released=self._released(access_point))
        instead = withheld(access_point, plan, alone, now_ms)
        if instead is not None or plan is None:
            instead = instead or fault(access_point, plan, alone, now_ms)
            return _answer(asked, instead, (), EdgeInputs(alone, holding.holds_version, bool(asked.pin)))
        presentation = self._presentation(asked)
        subjects = holding.records.subjects(identifier.key for identifier in presentation.identifiers)
        live = LiveState(
            holds=holding.holds,
            holds_version=holding.holds_version,
            released=alone.released,
            used_ids=self._used(access_point) | self._used_up(subjects),
            stale_sources=holding.stale_sources,
            threat_levels=holding.threat_levels,
            open_interlock_doors=asked.open_interlock_doors,
            orders=holding.orders,
        )
        decision = decide(presentation, subjects, access_point, plan, live, now_ms)
        inputs = EdgeInputs(alone, holding.holds_version, bool(asked.pin), live.used_ids)
        return _answer(asked, decision, subjects, inputs)

    def _alone(self, holding: EdgeHolding, access_point: str, now_ms: int, *, released: bool) -> Alone:
        age_ms, stale_after_ms = now_ms - holding.current_at_ms, self._rules.stale_after_ms
        return Alone(age_ms, stale_after_ms, self._wired_exit(access_point), released)

    def _presentation(self, asked: Asked) -> Presentation:
        measured: list[tuple[str, FactValue]] = []
        if asked.temperature_c is not None:
            measured.append(("temperature_c", asked.temperature_c))
        if asked.plate:
            measured.append(("plate", asked.plate))
        return Presentation(
            event_id=asked.event_id,
            site=self._site,
            access_point_id=asked.access_point,
            agent_id=self._agent_id,
            at_ms=asked.at_ms,
            identifiers=tuple(map(known_as, (*asked.identifiers, *asked.awaiting))),
            pin_verdict=PinVerdict.UNVERIFIABLE if asked.pin else PinVerdict.NONE,
            tid=asked.tid,
            measured=tuple(measured),
        )

    def _fault(self, asked: Asked, holding: EdgeHolding, now_ms: int) -> Answer:
        alone = self._alone(holding, asked.access_point, now_ms, released=False)
        decision = fault(asked.access_point, holding.plan, alone, now_ms)
        return _answer(asked, decision, (), EdgeInputs(alone, holding.holds_version, bool(asked.pin)))


def _answer(asked: Asked, decision: Decision, subjects: tuple[Subject, ...], inputs: EdgeInputs) -> Answer:
    reviewed = any(isinstance(effect, OpenReview) for effect in decision.effects)
    return Answer(
        event_id=asked.event_id,
        kind=EventKind.EDGE,
        outcome=decision.outcome,
        reasons=tuple(Why(reason.code, reason.arguments) for reason in decision.reasons),
        decided_at_ms=decision.now_ms,
        plan_version=decision.plan_version,
        policy_version=decision.policy_version,
        subject_ids=tuple(subject.subject_id for subject in subjects),
        subject_versions=tuple(subject.version for subject in subjects),
        review_id=asked.event_id if reviewed else "",
        awaits_second_ms=max(decision.awaits_second_until_ms - decision.now_ms, 0),
        inputs=inputs,
    )
