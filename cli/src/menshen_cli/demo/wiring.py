"""How the gates are wired: the simulated hardware, and the configuration that binds an agent to it.

A board carries four lanes. Lane 0 to 3 of a board has a lock and a release relay, and inputs for contact, exit button,
presence, passage and tamper; the last two inputs belong to a fire panel.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from menshen_simulators.doors import Wiring
from menshen_simulators.installation import DoorPlan, InstallationPlan, PanelPlan

from .university import AGENTS, GATES, Gate, Lane, Zone, gates_of, zones_of

LANES_PER_BOARD: Final = 4
BOARD_INPUTS: Final = 22
_FIRE_INPUT, _FAULT_INPUT, _FIRST_TAMPER_INPUT = 20, 21, 16
_INPUTS_PER_LANE = 4
GRANT_MS: Final = 6_000
BARRIER_GRANT_MS: Final = 10_000
HELD_MS: Final = 5_000
BARRIER_HELD_MS: Final = 30_000
_PULSE_MS = 500
_REPLY_MS = 300
"""Twenty boards live in one busy process."""
_PASSAGE_PULSE_S = 0.2
_BOOM_TRAVEL_S, _BOOM_DWELL_S = 0.6, 0.6
_UHF_ROUND_S = 0.1


def board_of(lane: Lane) -> str:
    """The board a lane is wired to."""
    return f"{lane.gate_id}-b{_place(lane) // LANES_PER_BOARD + 1}"


def wiring_of(lane: Lane) -> Wiring:
    """The terminals of a lane on its board."""
    slot = _place(lane) % LANES_PER_BOARD
    first = slot * _INPUTS_PER_LANE
    return Wiring(
        lock_relay=slot * 2,
        release_relay=slot * 2 + 1,
        contact_input=first,
        rex_input=first + 1,
        presence_input=first + 2,
        passage_input=first + 3,
        tamper_input=_FIRST_TAMPER_INPUT + slot,
    )


def installation_plan(keys: Mapping[str, bytes], agents: tuple[str, ...] = AGENTS) -> InstallationPlan:
    """The hardware of some agents. `keys` maps card readers to their secure channel keys."""
    gates = [gate for agent in agents for gate in gates_of(agent)]
    lanes = [lane for gate in gates for lane in gate.lanes]
    return InstallationPlan(
        osdp={reader: keys[reader] for reader in card_readers(agents)},
        uhf=[point for lane in lanes if lane.barrier for point in lane.access_points],
        boards=dict.fromkeys(map(board_of, lanes), BOARD_INPUTS),
        doors=[_door_plan(lane) for lane in lanes],
        panels=[
            PanelPlan(zone.panel, board_of(GATES[zone.gate_id].lanes[0]), _FIRE_INPUT, _FAULT_INPUT)
            for agent in agents
            for zone in zones_of(agent)
        ],
        uhf_round_s=_UHF_ROUND_S,
    )


def card_readers(agents: tuple[str, ...] = AGENTS) -> tuple[str, ...]:
    """Every reader of cards, by the name of its access point."""
    return tuple(
        point
        for agent in agents
        for gate in gates_of(agent)
        for lane in gate.lanes
        if not lane.barrier
        for point in lane.access_points
    )


def agent_configuration(
    agent_id: str, terminal_of: Callable[[str], str], key_file_of: Callable[[str], str]
) -> dict[str, Any]:
    """The agent's file as a mapping. `terminal_of` gives the line of a reader or board, `key_file_of` a reader's key.

    Both take the name of the reader or board.
    """
    gates = gates_of(agent_id)
    lanes = [lane for gate in gates for lane in gate.lanes]
    boards = list(dict.fromkeys(map(board_of, lanes)))
    readers = {name: reader for lane in lanes for name, reader in _readers(lane, key_file_of)}
    return {
        "site": gates[0].site,
        "agent": agent_id,
        "ports": {name: {"device": terminal_of(name)} for name in (*readers, *boards)},
        "boards": {board: {"port": board, "inputs": BOARD_INPUTS, "reply_ms": _REPLY_MS} for board in boards},
        "readers": readers,
        "doors": {lane.lane_id: _door(lane) for lane in lanes},
        "zones": {zone.zone_id: _zone(zone) for zone in zones_of(agent_id)},
    }


def devices_of(agent_id: str) -> int:
    """How many readers and boards an agent drives."""
    lanes = [lane for gate in gates_of(agent_id) for lane in gate.lanes]
    return sum(len(lane.access_points) for lane in lanes) + len(set(map(board_of, lanes)))


def _place(lane: Lane) -> int:
    gate: Gate = GATES[lane.gate_id]
    return gate.lanes.index(lane)


def _door_plan(lane: Lane) -> DoorPlan:
    return DoorPlan(
        lane.lane_id,
        board_of(lane),
        wiring_of(lane),
        barrier=lane.barrier,
        passage_pulse_s=_PASSAGE_PULSE_S,
        travel_s=_BOOM_TRAVEL_S,
        dwell_s=_BOOM_DWELL_S,
    )


def _readers(lane: Lane, key_file_of: Callable[[str], str]) -> Iterator[tuple[str, dict[str, Any]]]:
    for point in lane.access_points:
        reader: dict[str, Any] = {"port": point, "access_point": point, "exit": point == lane.exit}
        if lane.barrier:
            yield point, reader | {"protocol": "uhfreader288"}
        else:
            pin = lane.pin and point == lane.entry
            yield point, reader | {"protocol": "osdp", "scbk_file": key_file_of(point), "pin": pin}


def _door(lane: Lane) -> dict[str, Any]:
    wiring = wiring_of(lane)
    return {
        "board": board_of(lane),
        "barrier": lane.barrier,
        "access_points": list(lane.access_points),
        "lock_relay": wiring.lock_relay,
        "release_relay": wiring.release_relay,
        "contact_input": wiring.contact_input,
        "rex_input": wiring.rex_input,
        "presence_input": wiring.presence_input,
        "pass_input": wiring.passage_input,
        "tamper_input": wiring.tamper_input,
        "pulse_ms": _PULSE_MS,
        "grant_ms": BARRIER_GRANT_MS if lane.barrier else GRANT_MS,
        "held_ms": BARRIER_HELD_MS if lane.barrier else HELD_MS,
    }


def _zone(zone: Zone) -> dict[str, Any]:
    return {
        "doors": list(zone.doors),
        "board": board_of(GATES[zone.gate_id].lanes[0]),
        "fire_input": _FIRE_INPUT,
        "fault_input": _FAULT_INPUT,
    }
