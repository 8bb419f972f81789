"""Sessions on real terminals, and two readers to talk to: libosdp's in a process of its own, and the simulated one.

Both readers offer the same few doings, so that one contract holds for both.
"""

import asyncio
import contextlib
import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
import tty
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from menshen_device_agent.protocols.osdp import Event, Session, Settings
from menshen_simulators.osdp_pd import OsdpPd
from menshen_simulators.wire import LineQuality, PtyPair

PEER = "libosdp==3.1.2"
INSTALL_TIMEOUT_S = 240
PATIENCE_S = 20
ADDRESS = 101
SCBK = bytes.fromhex("0F1E2D3C4B5A69788796A5B4C3D2E1F0")
LED, OUTPUT, KEYSET = 2, 1, 5


def now_ms() -> int:
    return time.monotonic_ns() // 1_000_000


class Panel:
    """The smallest driver: one session on one terminal, on the running loop."""

    def __init__(self, path: str, settings: Settings) -> None:
        self.session = Session(settings, lambda: secrets.token_bytes(8))
        self.events: list[Event] = []
        self._descriptor = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        tty.setraw(self._descriptor)
        self._stirred = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._descriptor, self._read)
        self._timer: asyncio.TimerHandle | None = None
        self._speak()

    def close(self) -> None:
        self._loop.remove_reader(self._descriptor)
        if self._timer:
            self._timer.cancel()
        os.close(self._descriptor)

    def submit(self, order: object) -> bool:
        taken = self.session.submit(order, now_ms())
        self._speak()
        return taken

    def install(self, within_ms: int) -> None:
        self.session.install(now_ms(), now_ms() + within_ms)
        self._speak()

    def told(self, kind: type) -> list[Event]:
        return [event for event in self.events if isinstance(event, kind)]

    async def until(self, condition: Callable[[], object]) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while not condition():
                self._stirred.clear()
                await self._stirred.wait()

    def _read(self) -> None:
        self.session.feed(os.read(self._descriptor, 4096), now_ms())
        self._speak()

    def _speak(self) -> None:
        if self._timer:
            self._timer.cancel()
        while sent := self.session.outgoing(now_ms()):
            os.write(self._descriptor, sent)
        self.events += self.session.events()
        due_ms = self.session.next_deadline_ms()
        assert due_ms is not None
        self._timer = self._loop.call_later(max(0, due_ms - now_ms()) / 1000, self._speak)
        self._stirred.set()


class SimulatedPeer:
    """The project's own simulated reader."""

    ask_status = True

    def __init__(self, path: str, key: bytes | None) -> None:
        self._pd = OsdpPd(path, address=ADDRESS, key=key)

    async def start(self) -> None:
        await self._pd.start()

    async def close(self) -> None:
        await self._pd.close()

    def present_card(self, bits: str) -> None:
        self._pd.present_card(bits)

    def type_keys(self, keys: str) -> None:
        self._pd.type_keys(keys)

    async def shows_led(self, colour: int) -> None:
        await self._pd.until(lambda reader: 0 in reader.lamps and reader.lamps[0].colour == colour)

    async def drives_output(self, number: int) -> None:
        await self._pd.until(lambda reader: reader.relays[number].on)

    async def takes_key(self, key: bytes) -> None:
        await self._pd.until(lambda reader: reader.key == key)


class LibosdpPeer:
    """libosdp's PD. Its binding of this version dies of a status question, so none is asked."""

    ask_status = False

    def __init__(self, path: str, key: bytes | None, python: Path) -> None:
        script = Path(__file__).with_name("libosdp_pd.py")
        mode = [SCBK.hex()] if key else [SCBK.hex(), "install"]
        self._command = [str(python), str(script), path, *mode]
        self._process: asyncio.subprocess.Process | None = None
        self._heard: list[dict[str, object]] = []

    async def start(self) -> None:
        self._process = await asyncio.create_subprocess_exec(
            *self._command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
        )
        await self._hears(lambda said: "ready" in said)

    async def close(self) -> None:
        if self._process is None or self._process.stdin is None:
            return
        self._process.stdin.close()
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            await self._process.stdin.wait_closed()
        async with asyncio.timeout(PATIENCE_S):
            await self._process.communicate()

    def present_card(self, bits: str) -> None:
        octets = -(-len(bits) // 8)
        packed = int(bits.ljust(octets * 8, "0"), 2).to_bytes(octets, "big")
        self._wish(card=packed.hex(), bits=len(bits))

    def type_keys(self, keys: str) -> None:
        self._wish(keys=keys)

    async def shows_led(self, colour: int) -> None:
        await self._hears(lambda said: said.get("command") == LED and said["on_color"] == colour)

    async def drives_output(self, number: int) -> None:
        await self._hears(lambda said: said.get("command") == OUTPUT and said["output_no"] == number)

    async def takes_key(self, key: bytes) -> None:
        await self._hears(lambda said: said.get("command") == KEYSET and said["data"] == key.hex())

    def _wish(self, **words: object) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(words).encode() + b"\n")

    async def _hears(self, wanted: Callable[[dict[str, object]], bool]) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        async with asyncio.timeout(PATIENCE_S):
            while not any(wanted(said) for said in self._heard):
                line = await self._process.stdout.readline()
                assert line, "the peer has ended"
                self._heard.append(json.loads(line))


Peer = SimulatedPeer | LibosdpPeer


class Room:
    """A line with a peer at one end and a panel at the other."""

    def __init__(self, python: Path, kind: str) -> None:
        self._python = python
        self._kind = kind
        self._stack = contextlib.AsyncExitStack()

    async def open(self, *, key: bytes | None = SCBK, seed: int = 0, **quality: float) -> tuple[Panel, Peer, PtyPair]:
        line = await self._stack.enter_async_context(PtyPair(LineQuality(**quality), seed=seed))
        peer = self._peer(line.b_path, key)
        self._stack.push_async_callback(peer.close)
        await peer.start()
        baud = int(quality.get("baud", 0)) or 115_200
        panel = Panel(line.a_path, Settings(ADDRESS, SCBK, baud=baud, ask_status=peer.ask_status))
        self._stack.callback(panel.close)
        return panel, peer, line

    async def close(self) -> None:
        await self._stack.aclose()

    def _peer(self, path: str, key: bytes | None) -> Peer:
        return LibosdpPeer(path, key, self._python) if self._kind == "libosdp" else SimulatedPeer(path, key)


@pytest.fixture(params=["libosdp", "simulated"])
async def room(request: pytest.FixtureRequest, peer_python: Path) -> AsyncIterator[Room]:
    room = Room(peer_python, request.param)
    yield room
    await room.close()


@pytest.fixture(scope="session")
def peer_python() -> Path:
    """The interpreter of an environment of its own that holds libosdp: its package is named as another one is."""
    root = next(parent for parent in Path(__file__).parents if (parent / "uv.lock").exists())
    home = root / "build" / "peers" / PEER.replace("==", "-")
    python = home / "bin" / "python"
    if not (home / "complete").exists():
        shutil.rmtree(home, ignore_errors=True)
        home.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=home.parent) as building:
            fresh = Path(building) / "environment"
            _run(sys.executable, "-m", "venv", str(fresh))
            _run(str(fresh / "bin" / "python"), "-m", "pip", "install", "--quiet", PEER)
            (fresh / "complete").touch()
            with contextlib.suppress(OSError):  # another run may have been quicker
                fresh.rename(home)
    assert (home / "complete").exists()
    return python


def _run(*command: str) -> None:
    subprocess.run(command, check=True, timeout=INSTALL_TIMEOUT_S, capture_output=True)
