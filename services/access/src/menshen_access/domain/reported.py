"""What an agent reports: events it saw or decided alone."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from menshen_rulebook.alone import Alone
from menshen_rulebook.types import Effect, LiveState, PinVerdict, RaiseAlarm

from menshen_access.domain.alone import alone_row
from menshen_access.domain.asking import Asked
from menshen_access.domain.decided import live_rows
from menshen_access.domain.effects import effect_rows
from menshen_access.domain.events import EventKind, EventPayload, SpoolPosition

AHEAD_MS = 1_000
"""A time further ahead of the centre's clock than this, beyond its stated error, is flagged."""


@dataclass(frozen=True, slots=True)
class ReportedDecision:
    """A decision as the agent tells it. `reasons` are (code, parameters)."""

    outcome: int
    reasons: tuple[tuple[str, Mapping[str, str]], ...] = ()
    decided_at_ms: int = 0
    plan_version: int = 0
    subject_ids: tuple[str, ...] = ()
    subject_versions: tuple[int, ...] = ()
    grant_expires_at_ms: int = 0
    policy_version: int = 0


@dataclass(frozen=True, slots=True)
class ReportedInputs:
    """What an agent decided alone on: how its gate stood, and the live values it held."""

    alone: Alone
    holds_version: int = 0
    pin_verdict: PinVerdict = PinVerdict.NONE
    used_ids: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Reported:
    """One event of an agent's spool. `presentation` and `decision` come with CENTRE and EDGE, `obeyed` with ACTED.

    `inputs` come with EDGE from an agent that tells them.
    """

    event_id: str
    kind: EventKind
    access_point: str
    door: str
    at_ms: int
    clock_error_ms: int
    spool: SpoolPosition
    obeyed: EventKind = EventKind.UNSPECIFIED
    presentation: Asked | None = None
    decision: ReportedDecision | None = None
    detail: Mapping[str, str] = field(default_factory=dict)
    media_ref: str = ""
    inputs: ReportedInputs | None = None

    def is_ahead(self, now_ms: int) -> bool:
        """Whether its time cannot be true."""
        return self.at_ms > now_ms + self.clock_error_ms + AHEAD_MS


def reported_event(
    site: str, agent_id: str, reported: Reported, effects: tuple[Effect, ...], flags: tuple[str, ...]
) -> EventPayload:
    """The event that records a report. `effects` are those its decision had, as far as the centre can tell."""
    core: dict[str, Any] = {
        "event_id": reported.event_id,
        "kind": int(reported.kind),
        "site": site,
        "agent_id": agent_id,
        "epoch": reported.spool.epoch,
        "number": reported.spool.number,
        "access_point": reported.access_point,
        "door": reported.door,
        "at_ms": reported.at_ms,
        "clock_error_ms": reported.clock_error_ms,
    }
    if reported.obeyed:
        core["obeyed"] = int(reported.obeyed)
    present = (("detail", dict(reported.detail)), ("media_ref", reported.media_ref), ("flags", flags))
    core.update({name: value for name, value in present if value})
    if reported.decision is None or reported.presentation is None:
        return EventPayload(core)
    alarms = [[int(effect.kind), effect.private] for effect in effects if isinstance(effect, RaiseAlarm)]
    if alarms:
        core["alarms"] = alarms
    core.update(_decision_core(reported.decision))
    identity = _identity(reported.decision, reported.presentation, effects)
    if reported.inputs is not None:
        core.update(holds_version=reported.inputs.holds_version, alone=alone_row(reported.inputs.alone))
        identity.update(_live(reported.inputs, reported.presentation))
    return EventPayload(core, identity, _health(reported))


def _decision_core(decision: ReportedDecision) -> dict[str, Any]:
    return {
        "outcome": decision.outcome,
        "unclamped": decision.outcome,
        "reasons": [[code, "", decision.outcome] for code, _ in decision.reasons],
        "decided_at_ms": decision.decided_at_ms,
        "plan_version": decision.plan_version,
        "policy_version": decision.policy_version,
        "grant_expires_at_ms": decision.grant_expires_at_ms,
    }


def _identity(decision: ReportedDecision, asked: Asked, effects: tuple[Effect, ...]) -> dict[str, Any]:
    shown = asked.presentation
    identity: dict[str, Any] = {
        "subject_ids": list(decision.subject_ids),
        "subject_versions": list(decision.subject_versions),
        "identifiers": [[int(identifier.type), identifier.value] for identifier in shown.identifiers],
        "arguments": [dict(parameters) for _, parameters in decision.reasons],
        "effects": effect_rows(effects),
    }
    named = (("tid", shown.tid), ("plate", asked.plate), ("reader", asked.reader))
    identity.update({name: value for name, value in named if value})
    return identity


def _live(inputs: ReportedInputs, asked: Asked) -> dict[str, Any]:
    live = LiveState(used_ids=inputs.used_ids, open_interlock_doors=asked.open_interlock_doors)
    return {"live": live_rows(live), "pin_verdict": int(inputs.pin_verdict)}


def _health(reported: Reported) -> dict[str, Any]:
    measured = dict(reported.presentation.presentation.measured) if reported.presentation else {}
    temperature = measured.get("temperature_c")
    return {} if temperature is None else {"measured": {"temperature_c": temperature}}
