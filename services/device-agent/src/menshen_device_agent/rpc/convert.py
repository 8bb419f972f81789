"""The agent's state to the wire of its own service."""

from typing import cast

from menshen.device.v1 import device_pb2
from menshen_rulebook.plan import SitePlan
from menshen_rulebook.reasons import render
from menshen_rulebook.types import Audience, Language, Reason
from menshen_rulebook.wording import own_texts

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
        locked=not control.door.released_by and not control.door.unlocked,
        released_by=",".join(control.door.released_by),
        release_commanded_after_ms=release.commanded_after_ms if release else -1,
        release_confirmed_after_ms=release.confirmed_after_ms if release else -1,
        stuck=bool(release and release.stuck),
    )


def lane_message(shown: Shown, plan: SitePlan | None) -> device_pb2.WatchLanesResponse:
    """What a lane showed, in the words meant for the holder: those of the policy it was judged by come first.

    `plan` is the plan the gate holds, None where it holds none.
    """
    answer = shown.answer
    first = answer.reasons[0] if answer.reasons else None
    reason = _reason(first, shown, plan) if first else None
    return device_pb2.WatchLanesResponse(
        access_point=shown.asked.access_point,
        event_id=shown.asked.event_id,
        outcome=answer.outcome.name,
        reason_code=first.code if first else "",
        text_zh=render(reason, Language.ZH, Audience.HOLDER) if reason else "",
        text_en=render(reason, Language.EN, Audience.HOLDER) if reason else "",
        edge=answer.kind is EventKind.EDGE,
        latency_us=shown.latency_us,
        at_ms=shown.asked.at_ms,
    )


def _reason(why: Why, shown: Shown, plan: SitePlan | None) -> Reason:
    answer, texts = shown.answer, None
    if plan is not None:
        told = dict(why.arguments)
        point = shown.asked.access_point
        texts = own_texts(plan, answer.policy_version, point, why.code, told, answer.decided_at_ms)
    return Reason(why.code, "", answer.outcome, why.arguments, texts)


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
