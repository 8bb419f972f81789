"""A PD of libosdp 3.1.2 on a terminal, run by the interpreter of its own environment.

Usage: ``python libosdp_pd.py PATH SCBK_HEX [install]``. Prints one JSON line per command received; reads one JSON line
per event to submit: ``{"card": "hex", "bits": n}`` or ``{"keys": "12"}``; end of input ends it.
"""

import json
import os
import select
import sys
import termios
import tty

import osdp_sys
from osdp import Capability, Channel, LibFlag, LogLevel, PDCapabilities, PDInfo

REFRESH_S = 0.001
ADDRESS = 101


class Terminal(Channel):
    def __init__(self, path: str) -> None:
        super().__init__()
        self.descriptor = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        tty.setraw(self.descriptor, termios.TCSANOW)

    def read(self, max_bytes: int) -> bytes:
        try:
            return os.read(self.descriptor, max_bytes)
        except BlockingIOError:
            return b""

    def write(self, buf: bytes) -> int:
        return os.write(self.descriptor, buf)

    def flush(self) -> None:
        termios.tcflush(self.descriptor, termios.TCIFLUSH)


def say(**words: object) -> None:
    print(json.dumps(words), flush=True)


def obey(command: dict[str, object]) -> tuple[int, None]:
    say(**{name: value.hex() if isinstance(value, bytes) else value for name, value in command.items()})
    return 0, None


def event_of(line: str) -> dict[str, object]:
    wish = json.loads(line)
    if "keys" in wish:
        return {"event": osdp_sys.EVENT_KEYPRESS, "reader_no": 0, "data": wish["keys"].encode()}
    return {
        "event": osdp_sys.EVENT_CARDREAD,
        "reader_no": 0,
        "direction": 0,
        "format": osdp_sys.CARD_FMT_RAW_WIEGAND,
        "length": wish["bits"],
        "data": bytes.fromhex(wish["card"]),
    }


def peripheral(path: str, scbk: bytes, *, install: bool) -> "osdp_sys.PeripheralDevice":
    flags = [LibFlag.InstallMode] if install else [LibFlag.EnforceSecure]
    info = PDInfo(ADDRESS, Terminal(path), scbk=None if install else scbk, flags=flags)
    capabilities = PDCapabilities(
        [
            (Capability.OutputControl, 1, 2),
            (Capability.LEDControl, 1, 1),
            (Capability.AudibleControl, 1, 1),
            (Capability.TextOutput, 1, 1),
        ]
    )
    device = osdp_sys.PeripheralDevice(info.get(), capabilities=capabilities.get())
    device.set_command_callback(obey)
    return device


def main() -> None:
    osdp_sys.set_loglevel(int(os.environ.get("PEER_LOG", str(LogLevel.Emergency))))
    device = peripheral(sys.argv[1], bytes.fromhex(sys.argv[2]), install="install" in sys.argv[3:])
    say(ready=True)
    unread = b""
    while True:
        device.refresh()
        if select.select([0], [], [], REFRESH_S)[0]:
            chunk = os.read(0, 4096)
            if not chunk:
                return
            *lines, unread = (unread + chunk).split(b"\n")
            for line in lines:
                device.submit_event(event_of(line.decode()))


main()
