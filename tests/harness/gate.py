"""A gate in simulation: one door with a reader and a relay board, and the agent that drives it."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from menshen_cli.local.roster import AgentSpec
from menshen_simulators.doors import Wiring
from menshen_simulators.installation import DoorPlan, Installation, InstallationPlan, PanelPlan

DOOR, ZONE, READER, BOARD = "n-door", "n-fire", "in", "board"
_WIRING = Wiring(contact_input=0, rex_input=1, presence_input=2, passage_input=3, tamper_input=5)


@asynccontextmanager
async def simulated_gate(
    folder: Path, site: str, agent_id: str, *, door: str = DOOR, access_point: str = "n-in"
) -> AsyncIterator[AgentSpec]:
    """The agent of a running gate; `folder` keeps the reader's key."""
    key = secrets.token_bytes(16)
    plan = InstallationPlan(
        osdp={READER: key},
        boards={BOARD: 8},
        doors=[DoorPlan(door, BOARD, _WIRING)],
        panels=[PanelPlan("n-panel", BOARD, 4, 6)],
    )
    key_file = folder / f"{agent_id}.scbk"
    key_file.write_text(key.hex())
    async with Installation(plan) as installation:
        configuration = _configuration(installation, key_file, door, access_point)
        yield AgentSpec(site, agent_id, {"site": site, "agent": agent_id, **configuration})


def _configuration(installation: Installation, key_file: Path, door: str, access_point: str) -> dict[str, Any]:
    return {
        "ports": {name: {"device": installation.path(name)} for name in (READER, BOARD)},
        "boards": {BOARD: {"port": BOARD}},
        "readers": {
            READER: {"port": READER, "protocol": "osdp", "scbk_file": str(key_file), "access_point": access_point},
        },
        "doors": {
            door: {
                "board": BOARD,
                "access_points": [access_point],
                "release_relay": 1,
                "contact_input": 0,
                "rex_input": 1,
                "presence_input": 2,
                "pass_input": 3,
                "tamper_input": 5,
            }
        },
        "zones": {ZONE: {"doors": [door], "board": BOARD, "fire_input": 4, "fault_input": 6}},
    }
