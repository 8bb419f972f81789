"""Builds an agent from its configuration: transports, sessions, boards, doors, readers, zones."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from menshen_device_agent.alarming import AlarmSink
from menshen_device_agent.bindings import BoardBinding, Configuration, PortBinding, ReaderBinding
from menshen_device_agent.boards import Board
from menshen_device_agent.doors import DoorControl
from menshen_device_agent.driver import Driver
from menshen_device_agent.journal import Journal
from menshen_device_agent.presenting import Presenter
from menshen_device_agent.protocols.modbus_relay import session as modbus_relay
from menshen_device_agent.protocols.modbus_relay.events import PulseFailed
from menshen_device_agent.protocols.modbus_relay.settings import Settings as RelaySettings
from menshen_device_agent.protocols.osdp.bus import Bus
from menshen_device_agent.protocols.osdp.events import Event as OsdpEvent
from menshen_device_agent.protocols.osdp.session import Session as OsdpSession
from menshen_device_agent.protocols.osdp.settings import Settings as OsdpSettings
from menshen_device_agent.protocols.uhfreader288.session import Session as UhfSession
from menshen_device_agent.protocols.uhfreader288.settings import Settings as UhfSettings
from menshen_device_agent.readers import DeviceHealth, LaneScreen, OsdpReader, UhfReader
from menshen_device_agent.settings import AgentSettings
from menshen_device_agent.transports.serial import SerialSettings, SerialTransport

RELAYS = 8


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What every part needs from the agent."""

    settings: AgentSettings
    journal: Journal
    alarms: AlarmSink
    health: DeviceHealth
    screen: LaneScreen
    monotonic_ms: Callable[[], int]


@dataclass(frozen=True, slots=True)
class Hardware:
    """Everything built of one configuration."""

    boards: Mapping[str, Board]
    doors: Mapping[str, DoorControl]
    readers: tuple[OsdpReader | UhfReader, ...]
    drivers: tuple[Driver, ...]


def build_boards_and_doors(
    configuration: Configuration, around: Surroundings, door_changed: Callable[[DoorControl], None]
) -> tuple[dict[str, Board], dict[str, DoorControl], list[Driver]]:
    """Boards with their drivers, and the doors wired to them."""
    boards: dict[str, Board] = {}
    drivers: list[Driver] = []
    for binding in configuration.boards.values():
        board, driver = _board(binding, configuration.ports[binding.port], around)
        boards[binding.name] = board
        drivers.append(driver)
    doors = {
        binding.name: DoorControl(
            binding, boards[binding.board], around.journal, around.alarms, around.monotonic_ms, door_changed
        )
        for binding in configuration.doors.values()
    }
    return boards, doors, drivers


def build_readers(
    configuration: Configuration, around: Surroundings, presenter: Presenter, doors: Mapping[str, DoorControl]
) -> tuple[list[OsdpReader | UhfReader], list[Driver]]:
    """Readers by port: the PDs of one port share a bus, a UHF reader has its port alone."""
    readers: list[OsdpReader | UhfReader] = []
    drivers: list[Driver] = []
    for port in configuration.ports.values():
        bound = [reader for reader in configuration.readers.values() if reader.port == port.name]
        pds = [reader for reader in bound if reader.protocol == "osdp"]
        if pds:
            made, driver = _osdp_bus(port, pds, configuration, around, presenter, doors)
            readers += made
            drivers.append(driver)
        for binding in bound:
            if binding.protocol == "uhfreader288":
                reader, driver = _uhf(port, binding, configuration, around, presenter, doors)
                readers.append(reader)
                drivers.append(driver)
    return readers, drivers


def _board(binding: BoardBinding, port: PortBinding, around: Surroundings) -> tuple[Board, Driver]:
    session = modbus_relay.Session(
        RelaySettings(
            unit=binding.address,
            relay_count=RELAYS,
            input_count=binding.inputs,
            poll_ms=around.settings.inputs_poll_ms,
            reply_ms=binding.reply_ms,
            offline_after_ms=10 * binding.reply_ms,
        )
    )

    def pulse_failed(event: PulseFailed) -> None:
        around.alarms.raise_alarm("SYSTEM", binding.name, event.key, {"trouble": f"pulse {event.trouble.value}"})

    board = Board(binding.name, session, around.monotonic_ms, around.health.is_now, pulse_failed)
    driver = Driver(_line(port), session, around.monotonic_ms, board.take)
    board.drive_with(driver.wake)
    return board, driver


def _osdp_bus(
    port: PortBinding,
    bindings: list[ReaderBinding],
    configuration: Configuration,
    around: Surroundings,
    presenter: Presenter,
    doors: Mapping[str, DoorControl],
) -> tuple[list[OsdpReader | UhfReader], Driver]:
    bus = Bus([OsdpSession(_pd_settings(binding, port, around), _nonce) for binding in bindings])
    readers = {
        binding.address: OsdpReader(
            binding,
            bus,
            presenter,
            doors[_door_name(configuration, binding)],
            around.screen,
            around.health,
            around.journal,
            around.alarms,
            around.monotonic_ms,
        )
        for binding in bindings
    }

    def take(event: OsdpEvent) -> None:
        readers[event.address].take(event)

    driver = Driver(_line(port), bus, around.monotonic_ms, take)
    for reader in readers.values():
        reader.wake = driver.wake
    return [*readers.values()], driver


def _uhf(
    port: PortBinding,
    binding: ReaderBinding,
    configuration: Configuration,
    around: Surroundings,
    presenter: Presenter,
    doors: Mapping[str, DoorControl],
) -> tuple[UhfReader, Driver]:
    reader = UhfReader(
        binding,
        presenter,
        doors[_door_name(configuration, binding)],
        around.screen,
        around.health,
        around.monotonic_ms,
    )
    session = UhfSession(UhfSettings(address=binding.address, lost_after_ms=around.settings.reader_lost_ms))
    return reader, Driver(_line(port), session, around.monotonic_ms, reader.take)


def _pd_settings(binding: ReaderBinding, port: PortBinding, around: Surroundings) -> OsdpSettings:
    if binding.scbk_file is None:
        raise ValueError(f"reader {binding.name} has no scbk_file")
    return OsdpSettings(
        address=binding.address,
        scbk=bytes.fromhex(binding.scbk_file.read_text(encoding="ascii").strip()),
        baud=port.baud,
        poll_ms=around.settings.poll_ms,
        lost_after_ms=around.settings.reader_lost_ms,
    )


def _door_name(configuration: Configuration, binding: ReaderBinding) -> str:
    door = configuration.door_of(binding.access_point)
    if door is None:
        raise ValueError(f"reader {binding.name} has no door")
    return door.name


def _line(port: PortBinding) -> SerialTransport:
    return SerialTransport(SerialSettings(port.device, baud=port.baud), jitter=_jitter)


def _nonce() -> bytes:
    return secrets.token_bytes(8)


def _jitter() -> float:
    return secrets.randbelow(1_000) / 1_000
