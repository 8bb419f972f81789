"""The agent's state to the wire of its own service."""

from typing import cast

from menshen.device.v1 import device_pb2
from menshen_rulebook.reasons import render
from menshen_rulebook.types import Audience, Language, Outcome, Reason

from menshen_device_agent.agent import Agent
from menshen_device_agent.doors import DoorControl
from menshen_device_agent.events import EventKind, Why
from menshen_device_agent.presenting import Shown


def door_message(control: DoorControl) -> device_pb2.Door:
    """A door as it stands."""
    release = control.release
    return device_pb2.Door(
        door=control.binding.name,
        state=cast("device_pb2.DoorState", int(control.state)),
        open=control.door.is_open,
        locked=not control.door.released_by,
        released_by=",".join(control.door.released_by),
        release_commanded_after_ms=release.commanded_after_ms if release else -1,
        release_confirmed_after_ms=release.confirmed_after_ms if release else -1,
        stuck=bool(release and release.stuck),
    )


def lane_message(shown: Shown) -> device_pb2.WatchLanesResponse:
    """What a lane showed, in the words meant for the holder."""
    answer = shown.answer
    first = answer.reasons[0] if answer.reasons else None
    return device_pb2.WatchLanesResponse(
        access_point=shown.asked.access_point,
        event_id=shown.asked.event_id,
        outcome=answer.outcome.name,
        reason_code=first.code if first else "",
        text_zh=holder_text(first, answer.outcome, Language.ZH),
        text_en=holder_text(first, answer.outcome, Language.EN),
        edge=answer.kind is EventKind.EDGE,
        latency_us=shown.latency_us,
        at_ms=shown.asked.at_ms,
    )


def holder_text(why: Why | None, outcome: Outcome, language: Language) -> str:
    """What the holder reads; nothing where there is nothing to say."""
    if why is None:
        return ""
    return render(Reason(why.code, "", outcome, why.arguments), language, Audience.HOLDER)


def status_message(agent: Agent) -> device_pb2.GetStatusResponse:
    """The agent and everything it drives."""
    reading = agent.clock.reading()
    holding = agent.keeper.holding
    protocols = {name: reader.protocol for name, reader in agent.configuration.readers.items()}
    return device_pb2.GetStatusResponse(
        agent_id=agent.configuration.agent,
        devices=[
            device_pb2.Device(name=name, online=not cause, protocol=protocols.get(name, "modbus_relay"), cause=cause)
            for name, cause in sorted(agent.health.causes.items())
        ],
        doors=[door_message(control) for control in agent.doors.values()],
        centre_online=agent.centre_online(),
        edge_subjects=len(holding.records),
        edge_staleness_ms=reading.at_ms - holding.current_at_ms if holding.current_at_ms else -1,
        edge_digest=holding.records.digest,
        spool_pending=agent.spool.unacknowledged,
        clock_error_ms=reading.error_ms,
        fire_lines={name: control.zone.panel.name for name, control in agent.releases.zones.items()},
        decision_latency_us=agent.screen.latencies_us,
    )
